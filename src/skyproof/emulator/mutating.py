"""Which operations change something. botocore's models do not say; AWS's names do, mostly."""

from __future__ import annotations

import re

#: Whatever begins otherwise counts as a change.
_READS = re.compile(
    r"(BatchGet|Describe|Estimate|Filter|Get|Head|List|Lookup|Preview|Query|Scan|Search|Select|"
    r"Simulate|Test|TransactGet|Validate)(?![a-z])"
)

#: Where the name does not tell. Queries are kept for who asks for their results, credentials for
#: who calls with them, and keys encrypt without becoming others: nobody else sees a difference.
_READ_ALL_THE_SAME = {
    "kinesis": {"SubscribeToShard"},
    "kms": {
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    },
    "logs": {"StartLiveTail", "StartQuery", "StopQuery"},
    "s3": {"BucketCORSPreflightCheck", "ObjectCORSPreflightCheck"},
    "ecs": {"DiscoverPollEndpoint"},
    "sns": {"CheckIfPhoneNumberIsOptedOut"},
    "sts": {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
    },
}
_WRITE_ALL_THE_SAME = {
    "apigateway": {"TestInvokeAuthorizer", "TestInvokeMethod"},
    "stepfunctions": {"TestState"},
    # It says how much was sampled, and takes from the quota of what may be.
    "xray": {"GetSamplingTargets"},
}


def mutates(service: str, operation: str) -> bool:
    """Whether an operation may change what others see."""
    if operation in _WRITE_ALL_THE_SAME.get(service, ()):
        return True
    reads = _READS.match(operation) or operation in _READ_ALL_THE_SAME.get(service, ())
    return not reads
