"""Lifecycle configurations exactly as they were put.

The base checks them, but forgets sizes and how many noncurrent versions are to stay.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
"""

from __future__ import annotations

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, operation
from skyproof.emulator.services.s3.lifecycle import Lifecycle
from skyproof.emulator.services.s3.store import Store, require_bucket

#: Since September 2024 what a configuration says that says nothing.
DEFAULT_MINIMUM_SIZE = "all_storage_classes_128K"


class LifecycleRules:
    """The operations on lifecycle configurations."""

    store: Store
    lifecycle: Lifecycle

    @operation("PutBucketLifecycleConfiguration")
    def put_bucket_lifecycle_configuration(self, call: Call, params: Params) -> Result:
        call.base().put_bucket_lifecycle_configuration(**params)
        smallest = params.get("TransitionDefaultMinimumObjectSize", DEFAULT_MINIMUM_SIZE)
        self.store.lifecycles[params["Bucket"]] = {
            "Rules": params["LifecycleConfiguration"]["Rules"],
            "TransitionDefaultMinimumObjectSize": smallest,
        }
        self.lifecycle.configured(params["Bucket"])
        return {"TransitionDefaultMinimumObjectSize": smallest}

    @operation("GetBucketLifecycleConfiguration")
    def get_bucket_lifecycle_configuration(self, call: Call, params: Params) -> Result:
        require_bucket(call, params["Bucket"])
        if params["Bucket"] not in self.store.lifecycles:
            raise AwsError(
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
                status=404,
            )
        return self.store.lifecycles[params["Bucket"]]

    @operation("DeleteBucketLifecycle")
    def delete_bucket_lifecycle(self, call: Call, params: Params) -> Result:
        """Deleting none is no error."""
        call.base().delete_bucket_lifecycle(**params)
        self.store.lifecycles.pop(params["Bucket"], None)
        self.lifecycle.configured(params["Bucket"])
        return None
