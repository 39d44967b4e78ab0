"""Whether Logs may use a KMS key.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from skyproof.emulator import iam
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call

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
        "kms:EncryptionContext:aws:logs:arn": arn,
        "aws:SourceAccount": call.account,
        "aws:SourceArn": arn,
    }
    logs = f"logs.{call.region}.amazonaws.com"
    for action in NEEDED:
        request = iam.Request(action, metadata["Arn"], logs, "", context)
        if not metadata["Enabled"] or iam.decide([policy], request).effect != "allow":
            raise _refusal(arn)


def _refusal(arn: str) -> AwsError:
    return AwsError(
        "AccessDeniedException",
        f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
    )
