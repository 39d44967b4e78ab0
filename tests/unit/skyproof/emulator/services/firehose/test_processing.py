"""Records pass through a function before they are delivered.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest

from skyproof.emulator.errors import AwsError
from tests.unit.skyproof.emulator.services.firehose.staging import FUNCTION, NAME, ROLE, Stage

FAILURE = {"errorMessage": "no", "errorType": "ValueError"}


def upper(event: dict[str, Any]) -> Any:
    """What a function answers that writes everything large."""
    return {
        "records": [
            {
                "recordId": record["recordId"],
                "result": "Ok",
                "data": b64encode(b64decode(record["data"]).upper()).decode(),
            }
            for record in event["records"]
        ]
    }


def named(**results: str) -> Any:
    """A function that answers by a record's content: ``Ok``, ``Dropped``, ``ProcessingFailed``."""

    def answer(event: dict[str, Any]) -> Any:
        return {
            "records": [
                {
                    "recordId": record["recordId"],
                    "result": results[b64decode(record["data"]).decode()],
                    "data": record["data"],
                }
                for record in event["records"]
            ]
        }

    return answer


def refuse(code: str) -> Any:
    def answer(_event: dict[str, Any]) -> Any:
        raise AwsError(code, "no")

    return answer


def test_what_the_function_answers_is_delivered(stage: Stage) -> None:
    function = stage.answer_with(upper)
    stage.create_transforming({})
    ids = [one["RecordId"] for one in stage.put(b"one", b"two")["RequestResponses"]]
    stage.advance(300)
    assert list(stage.objects().values()) == [b"ONETWO"]
    (event,) = function.events
    assert event["deliveryStreamArn"].endswith(f":deliverystream/{NAME}")
    assert [record["recordId"] for record in event["records"]] == ids
    assert stage.metric("ExecuteProcessing.Success") == [1]
    assert len(stage.metric("ExecuteProcessing.Duration")) == 1


def test_a_processor_that_is_not_enabled_is_not_called(stage: Stage) -> None:
    function = stage.answer_with(upper)
    stage.create(ProcessingConfiguration={"Enabled": False})
    stage.put(b"one")
    stage.advance(300)
    assert function.events == []
    assert list(stage.objects().values()) == [b"one"]


def test_dropped_records_leave_nothing_behind(stage: Stage) -> None:
    stage.answer_with(named(a="Dropped"))
    stage.create_transforming({})
    stage.put(b"a")
    stage.advance(300)
    assert stage.objects() == {}


def test_failed_records_are_written_beside_the_others(stage: Stage) -> None:
    stage.answer_with(named(a="Ok", b="ProcessingFailed", c="Dropped"))
    stage.create_transforming({}, Prefix="data/")
    stage.put(b"a", b"b", b"c")
    stage.advance(300)
    delivered, failed = stage.objects()
    assert delivered.startswith("data/2026/01/05/00/")
    assert failed.startswith("data/processing-failed/2026/01/05/00/")
    assert stage.objects()[delivered] == b"a"
    assert stage.errors() == [
        {
            "attemptsMade": 1,
            "arrivalTimestamp": 1767571200000,
            "errorCode": "Lambda.ProcessingFailedStatus",
            "errorMessage": "ProcessingFailed status set for record",
            "attemptEndingTimestamp": 1767571500000,
            "rawData": b64encode(b"b").decode(),
            "lambdaArn": FUNCTION,
        }
    ]
    assert stage.metric("DeliveryToS3.Records") == [1]


def test_the_error_prefix_is_evaluated(stage: Stage) -> None:
    stage.answer_with(named(b="ProcessingFailed"))
    prefix = "bad/!{firehose:error-output-type}/!{timestamp:yyyy}/"
    stage.create_transforming({}, ErrorOutputPrefix=prefix)
    stage.put(b"b")
    stage.advance(300)
    (key,) = stage.objects()
    assert key.startswith(f"bad/processing-failed/2026/{NAME}-1-")


@pytest.mark.parametrize(
    ("answer", "code", "parameters", "attempts"),
    [
        (lambda _event: FAILURE, "Lambda.FunctionError", {}, 4),
        (lambda _event: FAILURE, "Lambda.FunctionError", {"NumberOfRetries": "0"}, 1),
        (refuse("TooManyRequestsException"), "Lambda.InvokeLimitExceeded", {}, 4),
        (
            refuse("ResourceNotFoundException"),
            "Lambda.ResourceNotFound",
            {"NumberOfRetries": "1"},
            2,
        ),
    ],
)
def test_a_function_that_fails_is_called_again_and_then_its_records_have_failed(
    stage: Stage, answer: Any, code: str, parameters: dict[str, str], attempts: int
) -> None:
    function = stage.answer_with(answer)
    stage.create_transforming(parameters)
    stage.put(b"a", b"b")
    stage.advance(300)
    assert len(function.events) == attempts
    assert len({event["invocationId"] for event in function.events}) == attempts
    found = [(error["attemptsMade"], error["errorCode"]) for error in stage.errors()]
    assert found == [(attempts, code)] * 2
    assert stage.metric("ExecuteProcessing.Success") == [0] * attempts


def test_a_function_that_recovers_loses_nothing(stage: Stage) -> None:
    answers = iter([FAILURE, FAILURE, None])
    function = stage.answer_with(lambda event: next(answers) or upper(event))
    stage.create_transforming({})
    stage.put(b"a")
    stage.advance(300)
    assert len(function.events) == 3
    assert list(stage.objects().values()) == [b"A"]
    assert stage.outcomes("transform") == ["failed", "failed", "done"]


def test_an_answer_that_cannot_be_read_is_final(stage: Stage) -> None:
    function = stage.answer_with(lambda _event: {"body": "hello"})
    stage.create_transforming({})
    stage.put(b"a")
    stage.advance(300)
    assert len(function.events) == 1
    (error,) = stage.errors()
    assert error["errorCode"] == "Lambda.JsonProcessingException"
    assert error["attemptsMade"] == 1


def test_a_role_that_may_not_invoke_fails_the_records(stage: Stage) -> None:
    function = stage.answer_with(upper)
    stage.authority.denied.add("Invoke")
    stage.create_transforming({})
    stage.put(b"a")
    stage.advance(300)
    assert function.events == []
    (error,) = stage.errors()
    assert error["errorCode"] == "Lambda.InvokeAccessDenied"


@pytest.mark.parametrize(
    ("parameters", "role"), [({}, ROLE), ({"RoleArn": f"{ROLE}-2"}, f"{ROLE}-2")]
)
def test_the_function_is_called_under_the_configured_role(
    stage: Stage, parameters: dict[str, str], role: str
) -> None:
    stage.answer_with(upper)
    stage.create_transforming(parameters)
    stage.put(b"a")
    stage.advance(300)
    assert stage.authority.asked == [(role, "Invoke"), (ROLE, "PutObject")]


def test_calls_are_of_the_configured_size(stage: Stage) -> None:
    function = stage.answer_with(upper)
    stage.create_transforming({"BufferSizeInMBs": "0.5"})
    stage.put(*[b"x" * 200 * 1024] * 5)
    stage.advance(300)
    assert [len(event["records"]) for event in function.events] == [2, 2, 1]
    (body,) = stage.objects().values()
    assert body == b"X" * 1000 * 1024


def test_a_call_is_no_larger_than_lambda_takes(stage: Stage) -> None:
    function = stage.answer_with(upper)
    stage.create_transforming({"BufferSizeInMBs": "3"}, BufferingHints={"SizeInMBs": 64})
    for _ in range(40):
        stage.put(*[b"x"] * 500)
    stage.put(*[b"x" * 1_000_000] * 3)
    stage.advance(300)
    assert sum(len(event["records"]) for event in function.events) == 20_003
    assert max(function.payloads) <= 6 * 1024 * 1024


def test_the_backup_holds_what_was_put(stage: Stage) -> None:
    stage.answer_with(named(a="Ok", b="Dropped"))
    stage.client("s3").create_bucket(Bucket="backup")
    stage.create_transforming(
        {},
        S3BackupMode="Enabled",
        S3BackupConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::backup"},
    )
    stage.put(b"a", b"b")
    stage.advance(300)
    assert list(stage.objects("backup").values()) == [b"ab"]
    assert list(stage.objects().values()) == [b"a"]


def test_failures_of_the_function_are_logged(stage: Stage) -> None:
    stage.answer_with(lambda _event: {"records": []})
    logs = stage.log_to("g", "l")
    options = {"Enabled": True, "LogGroupName": "g", "LogStreamName": "l"}
    stage.create_transforming({}, CloudWatchLoggingOptions=options)
    stage.put(b"a", b"b")
    stage.advance(300)
    found = [(line["errorCode"], line["processor"]) for line in logs.lines]
    assert found == [("Lambda.MissingRecordId", FUNCTION)]
