import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.terraform.modules.sources import MODULES, load

alarm_processor = load(MODULES / "alarm-processor" / "src", "alarm_processor")

ARN = "arn:aws:sns:us-east-1:111122223333:cw-obs-a"
INTAKE = f"{ARN}-alarm-intake"
ENVIRONMENT = {
    "ENVIRONMENT": "dev",
    "MAINTENANCE_WINDOWS": '[{"days": ["MON"], "start": "02:00", "duration_minutes": 60}]',
    "CRITICAL_TOPIC_ARN": f"{ARN}-critical-alarms",
    "WARNING_TOPIC_ARN": f"{ARN}-warning-alarms",
    "INFO_TOPIC_ARN": f"{ARN}-info-alarms",
    "DEFAULT_SEVERITY": "warning",
    "PUBLISH_ATTEMPTS": "4",
}
INSIDE = "2026-01-05T02:30:00.472Z"  # a Monday
OUTSIDE = "2026-01-05T03:00:00.000Z"
METRIC_ALARM = {
    "AlarmName": "cw-obs-a-api-errors",
    "AlarmDescription": "[critical] The API answers with errors.",
    "AWSAccountId": "111122223333",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 1 datapoint",
    "StateChangeTime": "2026-01-05T03:00:00.000+0000",
    "Region": "US East (N. Virginia)",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:cw-obs-a-api-errors",
    "OldStateValue": "OK",
    "Trigger": {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Dimensions": []},
}
COMPOSITE_ALARM: dict[str, Any] = {
    "AlarmName": "cw-obs-a-system-health",
    "AlarmDescription": None,
    "NewStateValue": "OK",
    "StateChangeTime": "2026-01-05T03:00:00.000+0000",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:cw-obs-a-system-health",
    "AlarmRule": "(ALARM(a) OR ALARM(b)) AND ALARM(c)",
    "TriggeringChildren": [],
}


def parse(**environment: str) -> Any:
    return alarm_processor.parse_settings({**ENVIRONMENT, **environment})


def event(message: Any, *, at: str = OUTSIDE, topic: str = INTAKE) -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    sns = {"Type": "Notification", "TopicArn": topic, "Timestamp": at, "Message": text}
    return {"Records": [{"EventSource": "aws:sns", "Sns": {**sns, "MessageAttributes": {}}}]}


def notification(alarm: dict[str, Any], **where: str) -> Any:
    (only,) = alarm_processor.parse_event(event(alarm, **where))
    return only


def publication(severity: str, alarm: dict[str, Any], environment: str = "dev") -> dict[str, Any]:
    attributes = {
        "severity": severity,
        "alarm": alarm["AlarmName"],
        "state": alarm["NewStateValue"],
        "environment": environment,
    }
    return {
        "TopicArn": f"{ARN}-{severity}-alarms",
        "Subject": f"{severity.upper()}: {alarm['AlarmName']} is {alarm['NewStateValue']}",
        "Message": json.dumps(alarm),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }


class Pauses(list[float]):
    """Stands for sleep and random: takes the whole of each ceiling and notes it."""

    def backoff(self, attempts: int) -> Any:
        return alarm_processor.Backoff(attempts, self.append, lambda _least, most: most)


@pytest.fixture
def sns() -> Iterator[Stubber]:
    client = boto3.client(
        "sns", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def decisions(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def route(alarm: dict[str, Any], settings: Any, sns: Stubber, **where: str) -> Any:
    item = notification(alarm, **where)
    return alarm_processor.route(item, settings, sns.client, Pauses().backoff(1))


@pytest.mark.parametrize(
    ("alarm", "severity"),
    [
        (METRIC_ALARM, "critical"),
        ({**METRIC_ALARM, "AlarmDescription": "[warning] Slow."}, "warning"),
        ({**METRIC_ALARM, "AlarmDescription": "[INFO] Fine."}, "info"),
        ({**METRIC_ALARM, "AlarmDescription": "Some [critical] text."}, "warning"),
        (COMPOSITE_ALARM, "warning"),
    ],
    ids=["critical", "warning", "info", "no leading token", "composite without description"],
)
def test_an_alarm_goes_to_the_topic_of_its_severity(
    alarm: dict[str, Any],
    severity: str,
    sns: Stubber,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sns.add_response("publish", {"MessageId": "m-1"}, publication(severity, alarm))

    assert route(alarm, parse(), sns) == "published"

    (line,) = decisions(capsys)
    expected = {
        "decision": "published",
        "alarm": alarm["AlarmName"],
        "severity": severity,
        "state": alarm["NewStateValue"],
        "environment": "dev",
        "message_id": "m-1",
    }
    assert expected.items() <= line.items()


def test_inside_a_window_nothing_is_published(
    sns: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    assert route(METRIC_ALARM, parse(), sns, at=INSIDE) == "suppressed"

    (line,) = decisions(capsys)
    assert (line["decision"], line["reason"]) == ("suppressed", "maintenance")
    assert line["severity"] == "critical"


def test_production_is_not_suppressed(sns: Stubber) -> None:
    sns.add_response("publish", {"MessageId": "m-1"}, publication("critical", METRIC_ALARM, "prod"))

    assert route(METRIC_ALARM, parse(ENVIRONMENT="prod"), sns, at=INSIDE) == "published"


def test_a_topic_never_gets_its_own_message_back(sns: Stubber) -> None:
    with pytest.raises(alarm_processor.SettingsError, match=r"CRITICAL_TOPIC_ARN .* would loop"):
        route(METRIC_ALARM, parse(CRITICAL_TOPIC_ARN=INTAKE), sns)


@pytest.mark.parametrize("name", ["x" * 255, "café alarm ✓"])
def test_a_subject_is_short_ascii(name: str) -> None:
    alarm = {**METRIC_ALARM, "AlarmName": name}
    sent: list[dict[str, Any]] = []

    class Sns:
        def publish(self, **request: Any) -> dict[str, str]:
            sent.append(request)
            return {"MessageId": "m-1"}

    alarm_processor.route(notification(alarm), parse(), Sns(), Pauses().backoff(1))

    (request,) = sent
    assert request["Subject"].isascii()
    assert len(request["Subject"]) <= 100
    assert request["MessageAttributes"]["alarm"]["StringValue"] == name


@given(st.text(), st.sampled_from(["critical", "warning", "info"]))
def test_only_a_leading_token_counts(description: str, severity: str) -> None:
    assert alarm_processor.severity(f" [{severity.title()}]{description}", "other") == severity
    assert alarm_processor.severity(f"- [{severity}] {description}", "other") == "other"


def throttled(code: str = "Throttling", status: int = 400) -> ClientError:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Publish")


def failing(*outcomes: Exception | str) -> Callable[[], str]:
    remaining = iter(outcomes)

    def action() -> str:
        outcome = next(remaining)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return action


def test_refused_twice_is_delivered_once_after_growing_pauses() -> None:
    pauses = Pauses()

    got = pauses.backoff(4).call(failing(throttled(), throttled("InternalError", 500), "done"))

    assert got == "done"
    assert pauses == pytest.approx([0.2, 0.4])


def test_the_last_refusal_is_raised() -> None:
    pauses = Pauses()
    errors = [throttled() for _ in range(8)]

    with pytest.raises(ClientError) as caught:
        pauses.backoff(8).call(failing(*errors, "never"))

    assert caught.value is errors[-1]
    assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])


def test_the_jitter_is_full() -> None:
    drawn: list[tuple[float, float]] = []

    def uniform(least: float, most: float) -> float:
        drawn.append((least, most))
        return most / 3

    pauses: list[float] = []
    backoff = alarm_processor.Backoff(3, pauses.append, uniform)

    backoff.call(failing(throttled(), throttled(), "done"))

    assert [least for least, _ in drawn] == [0, 0]
    assert [most for _, most in drawn] == pytest.approx([0.2, 0.4])
    assert pauses == pytest.approx([0.2 / 3, 0.4 / 3])


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (throttled("Throttling"), True),
        (throttled("ThrottledException"), True),
        (throttled("KMSThrottling"), True),
        (throttled("RequestLimitExceeded"), True),
        (throttled("InternalError", 500), True),
        (throttled("ServiceUnavailable", 503), True),
        (throttled("Unknown", 429), True),
        (throttled("AuthorizationError", 403), False),
        (throttled("NotFound", 404), False),
        (throttled("InvalidParameter", 400), False),
        (throttled("KMSAccessDenied", 400), False),
        (EndpointConnectionError(endpoint_url="https://sns"), True),
        (ConnectTimeoutError(endpoint_url="https://sns"), True),
        (ReadTimeoutError(endpoint_url="https://sns"), True),
        (NoCredentialsError(), False),
    ],
    ids=repr,
)
def test_only_what_can_pass_is_tried_again(error: Exception, expected: bool) -> None:
    assert alarm_processor.is_transient(error) is expected
    pauses = Pauses()
    action = failing(error, "done")

    if expected:
        assert pauses.backoff(2).call(action) == "done"
    else:
        with pytest.raises(type(error)):
            pauses.backoff(2).call(action)
    assert len(pauses) == int(expected)


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ("not JSON", "is not JSON: 'not JSON'"),
        ("[]", "neither Trigger nor AlarmRule"),
        ({"hello": "world"}, "neither Trigger nor AlarmRule"),
        ({**METRIC_ALARM, "AlarmName": ""}, "has no AlarmName"),
        ({**METRIC_ALARM, "AlarmName": 7}, "has no AlarmName"),
        ({**METRIC_ALARM, "NewStateValue": "BAD"}, "NewStateValue 'BAD': expected one of ALARM"),
        ({**COMPOSITE_ALARM, "AlarmDescription": 7}, "description that is no text"),
    ],
)
def test_what_is_no_alarm_is_refused(message: Any, complaint: str) -> None:
    with pytest.raises(alarm_processor.AlarmMessageError, match=complaint):
        alarm_processor.parse_event(event(message))


@pytest.mark.parametrize(
    "other",
    [{}, {"Records": None}, {"Records": [{"s3": {}}]}, event(METRIC_ALARM, at="noon")],
    ids=["nothing", "no records", "another service", "time"],
)
def test_what_is_not_from_sns_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(alarm_processor.EventError, match="not an event from SNS"):
        alarm_processor.parse_event(other)


def test_a_notification_keeps_its_time_and_text() -> None:
    got = notification(METRIC_ALARM)

    assert got.published_at == datetime(2026, 1, 5, 3, tzinfo=UTC)
    assert json.loads(got.message) == METRIC_ALARM


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"CRITICAL_TOPIC_ARN": ""}, "CRITICAL_TOPIC_ARN is missing"),
        ({"DEFAULT_SEVERITY": "loud"}, "DEFAULT_SEVERITY is 'loud'"),
        ({"PUBLISH_ATTEMPTS": "0"}, "PUBLISH_ATTEMPTS is '0': expected a whole number, 1 to 8"),
    ],
)
def test_bad_settings_are_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(alarm_processor.SettingsError, match=message):
        parse(**environment)


def test_the_handler_publishes_without_botocore_s_own_retries(
    monkeypatch: pytest.MonkeyPatch, sns: Stubber
) -> None:
    fresh = load(MODULES / "alarm-processor" / "src", "alarm_processor")
    configs = []
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def client(service: str, config: Any) -> Any:
        configs.append((service, config.retries))
        return sns.client

    monkeypatch.setattr(fresh.boto3, "client", client)
    for _ in range(2):
        sns.add_response("publish", {"MessageId": "m-1"}, publication("critical", METRIC_ALARM))

    assert fresh.handler(event(METRIC_ALARM), None) == ["published"]
    assert fresh.handler(event(METRIC_ALARM), None) == ["published"]

    assert configs == [("sns", {"mode": "standard", "total_max_attempts": 1})]
