from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from skyproof.lifecycle import errors


def refused(code: str, message: str = "", status: int = 400) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Delete")


@pytest.mark.parametrize(
    "code",
    [
        "ResourceNotFoundException",
        "InvalidSubnetID.NotFound",
        "NoSuchBucket",
        "NoSuchEntity",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "StateMachineDoesNotExist",
    ],
)
def test_what_is_not_there_is_gone(code: str) -> None:
    assert errors.is_gone(refused(code))
    assert not errors.is_transient(refused(code))


def test_cloudformation_says_gone_in_words() -> None:
    assert errors.is_gone(refused("ValidationError", "Stack with id shop does not exist"))
    assert not errors.is_gone(refused("ValidationError", "Stack name is too long"))


@pytest.mark.parametrize(
    "code",
    [
        "ThrottlingException",
        "TooManyRequestsException",
        "SlowDown",
        "DependencyViolation",
        "BucketNotEmpty",
        "DeleteConflict",
        "ConflictException",
        "ResourceConflictException",
        "ResourceInUseException",
        "OperationAborted",
        "ConcurrentModificationException",
        "InvalidIPAddress.InUse",
        "ClusterContainsServicesException",
    ],
)
def test_what_is_held_or_throttled_may_go_later(code: str) -> None:
    assert errors.is_transient(refused(code))
    assert not errors.is_gone(refused(code))


def test_aws_s_own_failures_may_pass() -> None:
    assert errors.is_transient(refused("Unknown", status=503))
    assert errors.is_transient(EndpointConnectionError(endpoint_url="https://here"))


def test_an_interface_in_use_may_go_later() -> None:
    said = "Network interface 'eni-1' is currently in use."
    assert errors.is_transient(refused("InvalidParameterValue", said))


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidParameterValue", "ValidationException"])
def test_what_is_forbidden_or_wrong_stays_so(code: str) -> None:
    assert not errors.is_transient(refused(code))
    assert not errors.is_gone(refused(code))


def test_what_an_emulator_does_not_do_stays_so() -> None:
    assert not errors.is_transient(refused("NotImplemented", status=501))


def test_missing_credentials_stay_missing() -> None:
    assert not errors.is_transient(NoCredentialsError())
