"""Bucket policies exactly as they were put.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

import json

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, operation
from skyproof.emulator.services.s3.store import Store, require_bucket


class Policies:
    """The operations on bucket policies, which moto would enforce without their conditions.

    A policy that refuses plain HTTP alone then refuses everything (docs/upstream.md).
    """

    store: Store

    @operation("PutBucketPolicy")
    def put_bucket_policy(self, call: Call, params: Params) -> Result:
        require_bucket(call, params["Bucket"])
        try:
            policy = json.loads(params["Policy"])
        except ValueError:
            policy = None
        if not isinstance(policy, dict) or not policy.get("Statement"):
            raise AwsError(
                "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"
            )
        self.store.policies[params["Bucket"]] = params["Policy"]
        return None

    @operation("GetBucketPolicy")
    def get_bucket_policy(self, call: Call, params: Params) -> Result:
        require_bucket(call, params["Bucket"])
        if params["Bucket"] not in self.store.policies:
            raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", status=404)
        return {"Policy": self.store.policies[params["Bucket"]]}

    @operation("DeleteBucketPolicy")
    def delete_bucket_policy(self, call: Call, params: Params) -> Result:
        """Deleting none is no error."""
        require_bucket(call, params["Bucket"])
        self.store.policies.pop(params["Bucket"], None)
        return None
