"""What the role of a replication configuration may do, and what it lacks.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from skyproof.emulator import authorization
from skyproof.emulator.acting import Principal
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call
from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.records import S3
from skyproof.emulator.services.s3.store import Store
from skyproof.emulator.target import Target

if TYPE_CHECKING:
    from skyproof.emulator import iam
    from skyproof.emulator.world import World

#: The key that objects are encrypted with when none is named.
DEFAULT_KEY = "alias/aws/s3"


class ReplicationError(Exception):
    """A version cannot be replicated.

    Args:
        code: one of S3's failure reasons, e.g. ``DstBucketNotFound``.
        why: for people.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


class Role:
    """The role under which a bucket is replicated.

    Raises:
        ReplicationError: S3 cannot assume it.
    """

    def __init__(self, world: World, store: Store, source: objects.Bucket, arn: str) -> None:
        self._store = store
        self._world = world
        self._arn = arn
        self._account = arn.split(":")[4]
        call = Call(world, Target(source.account_id, source.region_name, "s3"), "Replicate")
        try:
            authorization.may_assume(call, arn, S3, objects.arn(source))
            self._policies = authorization.policies_of_role(call, Principal(arn, self._account))
        except AwsError as error:
            raise ReplicationError("AssumeRoleNotPermitted", error.message) from error

    def require(self, failure: str, action: str, bucket: objects.Bucket, key: str = "") -> None:
        """Raise ReplicationError of that reason unless the role may act on a bucket or object."""
        from skyproof.emulator import iam

        request = iam.Request(
            action,
            objects.arn(bucket, key),
            self._arn,
            self._account,
            {"aws:PrincipalAccount": self._account, "aws:SecureTransport": "true"},
        )
        self._decide(failure, request, bucket.account_id, self._store.policies.get(bucket.name))

    def require_key(
        self, failure: str, action: str, key: str, bucket: objects.Bucket, name: str
    ) -> None:
        """Raise ReplicationError of that reason unless the role may use a key for an object."""
        from skyproof.emulator import iam

        arn, policy = self._key(failure, key, bucket)
        context = {
            "aws:PrincipalAccount": self._account,
            "aws:SecureTransport": "true",
            "kms:ViaService": f"s3.{bucket.region_name}.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": objects.arn(bucket, name),
        }
        request = iam.Request(action, arn, self._arn, self._account, context)
        self._decide(failure, request, arn.split(":")[4], policy)

    def _decide(self, failure: str, request: iam.Request, owner: str, policy: str | None) -> None:
        """In another account its owner must allow it too.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
        """
        from skyproof.emulator import iam

        theirs = [policy] if policy else []
        own = list(self._policies)
        sides = [[*own, *theirs]] if owner == self._account else [own, theirs]
        for policies in sides:
            decision = iam.decide(policies, request)
            if decision.effect != "allow":
                raise ReplicationError(
                    failure,
                    f"{self._arn} is not authorized to perform: {request.action} on resource: "
                    f"{request.resource} ({decision.reason})",
                )

    def _key(self, failure: str, key: str, bucket: objects.Bucket) -> tuple[str, str]:
        """ARN and policy of a key; an id or alias is one of the bucket's account and region."""
        region, account = bucket.region_name, bucket.account_id
        if key.startswith("arn:"):
            _, _, _, region, account, _ = key.split(":", 5)
        client = self._world.client("kms", region, account)

        def read() -> tuple[str, str]:
            arn = client.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
            policy = client.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
            return str(arn), str(policy)

        try:
            return self._world.memo.get("kms", ("policy", account, region, key), read)
        except ClientError as error:
            raise ReplicationError(failure, f"the key {key} cannot be used: {error}") from error
