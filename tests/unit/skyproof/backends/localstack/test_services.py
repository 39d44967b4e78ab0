"""Who answers for what: decided by asking, and by what reaches what."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from skyproof.backends.localstack.services import CONTROLS, LEANS_ON, REACHES, decide
from skyproof.backends.localstack.write_checks import WRITES
from skyproof.emulator.services import SERVICES
from skyproof.lifecycle.kinds import KINDS

EVERYTHING = SERVICES | CONTROLS.keys() | {"dynamodbstreams", "sts"}
POLICY = '{"Version": "2012-10-17", "Statement": []}'
#: What a LocalStack answers that lacks nothing.
ANSWERS: dict[str, Any] = {
    "create_vpc": {"Vpc": {"VpcId": "vpc-1"}},
    "create_vpc_endpoint": {"VpcEndpoint": {"VpcEndpointId": "vpce-1"}},
    "describe_vpc_endpoints": {"VpcEndpoints": [{"PolicyDocument": POLICY}]},
    "get_function_configuration": {"State": "Active"},
}


class Client:
    """Answers everything but what it is told to lack."""

    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, lacking: set[str], error: Exception, **answers: Any) -> None:
        self._lacking, self._error, self._answers = lacking, error, ANSWERS | answers

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> dict[str, Any]:
            if operation in self._lacking:
                raise self._error
            return dict(self._answers.get(operation, {}))

        return call


def refusal(code: str, status: int) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "Operation")


LACKING = refusal("InternalFailure", 501)


def modes_of(*lacking: str, error: Exception = LACKING, **overrides: Any) -> dict[str, str]:
    client = Client(set(lacking), error)
    return dict(decide(lambda _: client, EVERYTHING, overrides)[0])


def supplied(modes: dict[str, str]) -> set[str]:
    return {name for name, mode in modes.items() if mode == "supplied"}


def test_a_localstack_that_lacks_nothing_answers_for_everything() -> None:
    assert supplied(modes_of()) == set()


@pytest.mark.parametrize(
    "error",
    [LACKING, refusal("InternalError", 500), ReadTimeoutError(endpoint_url="http://127.0.0.1")],
)
def test_a_service_that_lacks_a_read_is_ours(error: Exception) -> None:
    assert "kinesis" in supplied(modes_of("list_streams", error=error))


def test_a_refusal_is_an_answer() -> None:
    assert supplied(modes_of("list_queues", error=refusal("AccessDenied", 403))) == set()


def test_what_must_reach_a_service_of_ours_is_ours() -> None:
    client = Client({"describe_query_definitions"}, LACKING)
    modes, reasons = decide(lambda _: client, EVERYTHING, {})
    assert reasons["logs"] == "no describe_query_definitions"
    assert reasons["events"] == "must reach logs"
    assert reasons["s3"] == "must reach events, lambda"
    assert modes["sqs"] == "native"


def test_what_ours_lean_on_is_ours() -> None:
    client = Client({"create_function"}, LACKING)
    _, reasons = decide(lambda _: client, EVERYTHING, {})
    assert reasons["lambda"].startswith("creates no function")
    assert (reasons["iam"], reasons["sts"]) == ("lambda leans on it", "iam leans on it")


def test_what_localstack_does_not_have_is_ours() -> None:
    client = Client(set(), LACKING)
    modes, reasons = decide(lambda _: client, frozenset({"sqs", "kms"}), {})
    assert reasons["oam"] == "not there"
    assert (modes["sqs"], modes["kms"]) == ("native", "native")


def test_the_user_has_the_last_word() -> None:
    modes = modes_of("list_streams", firehose="native", sqs="absent", kms="supplied")
    assert (modes["firehose"], modes["sqs"], modes["kms"]) == ("native", "absent", "supplied")


@pytest.mark.parametrize(
    ("answers", "service", "said"),
    [
        (
            {"describe_vpc_endpoints": {"VpcEndpoints": [{}]}},
            "ec2",
            "forgets policies of VPC endpoints",
        ),
        (
            {"get_function_configuration": {"State": "Failed"}},
            "lambda",
            "a function is Failed",
        ),
    ],
)
def test_what_is_taken_and_not_done_makes_a_service_ours(
    answers: dict[str, Any], service: str, said: str
) -> None:
    client = Client(set(), LACKING, **answers)
    modes, reasons = decide(lambda _: client, EVERYTHING, {})
    assert (modes[service], reasons[service]) == ("supplied", said)


def test_every_service_that_is_looked_for_leftovers_is_asked_something() -> None:
    """Or an inventory fails at one that LocalStack names and cannot start, such as DynamoDB."""
    assert {kind.service for kind in KINDS} - {*CONTROLS, *WRITES} == set()


def test_every_service_of_ours_is_asked_something() -> None:
    assert set(CONTROLS) | set(WRITES) >= SERVICES
    known = {*REACHES, *(one for some in REACHES.values() for one in some)}
    assert known <= EVERYTHING
    assert set(LEANS_ON) <= EVERYTHING
