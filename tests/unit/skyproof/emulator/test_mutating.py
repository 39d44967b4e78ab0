"""Which operations count as changes: all of the services that the platform uses, looked through."""

from __future__ import annotations

import re

import pytest

from skyproof.emulator import mutating, wire
from skyproof.emulator.mutating import mutates
from skyproof.emulator.services import SERVICES

#: What the platform, its tests and its functions call that is the base's alone.
OF_THE_BASE = {
    "dynamodb",
    "ec2",
    "iam",
    "kms",
    "resource-groups",
    "resourcegroupstaggingapi",
    "s3control",
    "secretsmanager",
    "ssm",
    "stepfunctions",
    "sts",
}
#: Verbs that say of themselves that something is changed.
CHANGES = (
    "Abort|Accept|Activate|Add|Advertise|Allocate|Apply|Assign|Associate|Attach|Authorize|Batch|"
    "Bundle|Cancel|Change|Complete|Confirm|Connect|Continue|Copy|Create|Deactivate|Deauthorize|"
    "Decrease|Delete|Deprovision|Deregister|Detach|Detect|Disable|Disassociate|Disconnect|"
    "Dissociate|Enable|Execute|Export|Group|Import|Increase|Invoke|Label|Lock|Merge|Modify|"
    "Monitor|Move|Pause|Post|Provision|Publish|Purchase|Purge|Put|Reboot|Record|Redrive|Register|"
    "Reject|Release|Remove|Rename|Replace|Replicate|Report|Request|Reset|Restore|Resume|Resync|"
    "Retire|Revoke|Rollback|Rotate|Run|Schedule|Send|Set|Signal|Split|Start|Stop|Submit|Subscribe|"
    "Tag|Terminate|Transact|Unassign|Ungroup|Unlabel|Unlock|Unmonitor|Unsubscribe|Untag|Update|"
    "Upload|Withdraw|Write"
)
#: Operations whose names begin with no such verb and count as changes, looked at one by one.
REVIEWED_CHANGES = {
    "iam:AcquireRole",
    "iam:GenerateCredentialReport",
    "iam:GenerateOrganizationsAccessReport",
    "iam:GenerateServiceLastAccessedDetails",
    "kinesis:AcknowledgeDeadLetterQueueRecords",
    "kinesis:AcknowledgeQueueRecords",
    # As with a queue of SQS: what one has received, others do not see.
    "kinesis:ReceiveDeadLetterQueueRecords",
    "kinesis:ReceiveQueueRecords",
    "lambda:CheckpointDurableExecution",
    "sns:OptInPhoneNumber",
    "sns:VerifySMSSandboxPhoneNumber",
    "sqs:ReceiveMessage",
    "stepfunctions:TestState",
    "xray:GetSamplingTargets",
}
#: Reads whose names begin with a verb of change, or with none that is known.
REVIEWED_READS = {
    "ecs:DiscoverPollEndpoint",
    "kinesis:SubscribeToShard",
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GenerateRandom",
    "kms:ReEncrypt",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "logs:StopQuery",
    "s3:BucketCORSPreflightCheck",
    "s3:ObjectCORSPreflightCheck",
    "sns:CheckIfPhoneNumberIsOptedOut",
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoot",
    "sts:DecodeAuthorizationMessage",
}
READS = "BatchGet|Describe|Get|Head|List|Search|Select|Simulate|Test|TransactGet|Validate"
READS_OF_FEW = {
    "cloudformation:EstimateTemplateCost",
    "dynamodb:Query",
    "dynamodb:Scan",
    "logs:FilterLogEvents",
}


def operations() -> list[tuple[str, str]]:
    return [
        (service, name)
        for service in sorted(SERVICES | OF_THE_BASE)
        for name in wire.service_model(service).operation_names
    ]


def expected(service: str, name: str) -> bool | None:
    """Whether it changes something as one reads its name; ``None`` where nobody has looked."""
    full = f"{service}:{name}"
    if full in REVIEWED_CHANGES:
        return True
    if full in REVIEWED_READS | READS_OF_FEW or re.match(rf"({READS})(?![a-z])", name):
        return False
    return True if re.match(rf"({CHANGES})(?![a-z])", name) else None


def test_every_operation_has_been_looked_at() -> None:
    assert [f"{s}:{n}" for s, n in operations() if expected(s, n) is None] == []


def test_each_counts_as_what_it_is() -> None:
    wrong = [f"{s}:{n}" for s, n in operations() if mutates(s, n) != expected(s, n)]
    assert wrong == []


def test_exceptions_are_operations_that_there_are() -> None:
    exceptions = [
        (service, name)
        for table in (mutating._READ_ALL_THE_SAME, mutating._WRITE_ALL_THE_SAME)
        for service, names in table.items()
        for name in names
    ]
    unknown = [(s, n) for s, n in exceptions if n not in wire.service_model(s).operation_names]
    assert unknown == []


@pytest.mark.parametrize(
    ("call", "changes"),
    [
        ("s3:GetObject", False),
        ("s3:PutObject", True),
        ("s3:SelectObjectContent", False),
        ("dynamodb:Query", False),
        ("dynamodb:TransactGetItems", False),
        ("dynamodb:TransactWriteItems", True),
        ("cloudwatch:GetMetricData", False),
        ("cloudwatch:SetAlarmState", True),
        ("logs:StartQuery", False),
        ("logs:PutLogEvents", True),
        ("sqs:ReceiveMessage", True),
        ("lambda:Invoke", True),
        ("sts:AssumeRole", False),
        ("apigateway:TestInvokeMethod", True),
        ("unheard-of:Listen", True),
    ],
)
def test_examples(call: str, *, changes: bool) -> None:
    service, _, name = call.partition(":")
    assert mutates(service, name) is changes
