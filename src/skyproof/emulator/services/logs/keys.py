"""Whether Logs may use a KMS key.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call
from skyproof.emulator.services.oam import iam_policy

#: What the key's policy must let Logs do, of the actions that the guide lists.
NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")


def check(call: Call, key: str, arn: str) -> None:
    """Refuse a key that is not there, or whose policy does not let Logs use it for ``arn``.

    Raises:
        AwsError: AccessDeniedException, in recorded words.
    """
    keys = call.client("kms")
    try:
        metadata = keys.describe_key(KeyId=key)["KeyMetadata"]
        policy = keys.get_key_policy(KeyId=metadata["KeyId"], PolicyName="default")["Policy"]
    except ClientError as error:
        raise _refusal(arn) from error
    context = {
        "kms:encryptioncontext:aws:logs:arn": [arn],
        "aws:sourceaccount": [call.account],
        "aws:sourcearn": [arn],
    }
    for action in NEEDED:
        request = iam_policy.Request(
            action,
            metadata["Arn"],
            service=f"logs.{call.region}.amazonaws.com",
            context=context,
        )
        if not metadata["Enabled"] or not iam_policy.allows(policy, request):
            raise _refusal(arn)


def _refusal(arn: str) -> AwsError:
    return AwsError(
        "AccessDeniedException",
        f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
    )
