"""Every kind of resource is made, read, changed, tagged and deleted, in every protocol.

boto3 alone, over a socket; each test has an account of its own. The calls of a failed test are in
its captured log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

import botocore.session
import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.server import Emulator
from tests.unit.skyproof.emulator.every_kind import (
    aws,
    cloudformation,
    cloudwatch,
    ecs,
    lambda_,
    logs,
    oam,
    s3,
    scheduler,
    sqs,
    synthetics,
    xray,
)
from tests.unit.skyproof.emulator.every_kind.aws import Aws, departures
from tests.unit.skyproof.emulator.every_kind.kind import Fields, Kind, Tagged

KINDS: tuple[type[Kind], ...] = (
    *cloudwatch.KINDS,
    *cloudformation.KINDS,
    *logs.KINDS,
    *synthetics.KINDS,
    *oam.KINDS,
    *xray.KINDS,
    *ecs.KINDS,
    *s3.KINDS,
    *lambda_.KINDS,
    *sqs.KINDS,
    *scheduler.KINDS,
)
LIVES = [(kind, protocol) for kind in KINDS for protocol in kind.protocols()]
TAGGED = [(kind, protocol) for kind, protocol in LIVES if issubclass(kind, Tagged)]
CONTENT_TYPES = {
    "smithy-rpc-v2-cbor": b"application/cbor",
    "json": b"application/x-amz-json-1.0",
    "query": b"application/x-www-form-urlencoded; charset=utf-8",
}
in_cloudwatchs_protocols = pytest.mark.parametrize("protocol", CONTENT_TYPES)
ACCOUNTS = count(100_000_000_001)
K = TypeVar("K", bound=Kind)


def name(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with Emulator() as emulator:
        yield emulator.endpoint


@pytest.fixture(autouse=True)
def _calls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger=aws.__name__)


def prepared(kind: type[K], protocol: str, endpoint: str) -> K:
    """One of a kind that can be created, in an account that nobody else has."""
    thing = kind(Aws(kind.session(protocol), endpoint, str(next(ACCOUNTS))))
    thing.prepare()
    return thing


def created(kind: type[K], protocol: str, endpoint: str) -> K:
    thing = prepared(kind, protocol, endpoint)
    thing.create(thing.first())
    return thing


def told(thing: Kind, wanted: Fields) -> Any:
    """What a read tells of the members that are wanted."""
    read = thing.read()
    assert read is not None, "a read finds nothing"
    return like(wanted, read)


def like(wanted: Any, got: Any) -> Any:
    """The part of a value that another has, too: AWS adds to what it is given."""
    if isinstance(wanted, dict) and isinstance(got, dict) and wanted:
        return {name: like(wanted[name], got[name]) for name in wanted if name in got}
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return [like(*pair) for pair in zip(wanted, got, strict=True)]
    return got


@contextmanager
def refused(code: str, message: str = "") -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert message in error["Message"]


def assert_gone(thing: Kind) -> None:
    if not thing.gone:
        assert thing.read() is None
        return
    with refused(thing.gone):
        thing.read()


@pytest.mark.parametrize(("kind", "protocol"), LIVES, ids=name)
def test_its_life(kind: type[Kind], protocol: str, endpoint: str) -> None:
    thing = created(kind, protocol, endpoint)
    first = thing.first()
    assert told(thing, first) == first
    thing.update(thing.change())
    changed = first | thing.change()
    assert told(thing, changed) == changed
    thing.delete()
    assert_gone(thing)


@pytest.mark.parametrize(("kind", "protocol"), TAGGED, ids=name)
def test_its_tags(kind: type[Tagged], protocol: str, endpoint: str) -> None:
    thing = prepared(kind, protocol, endpoint)
    thing.create(thing.with_tags({"Team": "shop"}))
    assert thing.tags() == {"Team": "shop"}
    thing.tag({"Stage": "test", "CostCenter": "4/2"})
    thing.tag({"Stage": "prod"})
    assert thing.tags() == {"Team": "shop", "Stage": "prod", "CostCenter": "4/2"}
    thing.untag(["Stage", "CostCenter"])
    assert thing.tags() == {"Team": "shop"}


@pytest.mark.parametrize(
    ("kind", "protocol"), [case for case in TAGGED if case[0] is not ecs.EcsService], ids=name
)
def test_its_tags_go_with_it(kind: type[Tagged], protocol: str, endpoint: str) -> None:
    """Not those of an ECS service, which is told for some time after its deletion."""
    thing = created(kind, protocol, endpoint)
    assert thing.tags() == {}
    thing.delete()
    with refused(thing.tag_api.gone):
        thing.tags()


@in_cloudwatchs_protocols
def test_the_protocol_is_the_one_asked_for(protocol: str, endpoint: str) -> None:
    client = prepared(cloudwatch.MetricAlarm, protocol, endpoint).client
    sent: list[Any] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request))
    client.describe_alarms()
    [request] = sent
    assert request.headers["Content-Type"] in (
        CONTENT_TYPES[protocol],
        CONTENT_TYPES[protocol].decode(),
    )


@in_cloudwatchs_protocols
def test_an_alarms_actions_are_switched(protocol: str, endpoint: str) -> None:
    alarm = created(cloudwatch.MetricAlarm, protocol, endpoint)
    alarm.client.enable_alarm_actions(AlarmNames=["slow"])
    assert told(alarm, {"ActionsEnabled": ...}) == {"ActionsEnabled": True}
    alarm.client.disable_alarm_actions(AlarmNames=["slow"])
    assert told(alarm, {"ActionsEnabled": ...}) == {"ActionsEnabled": False}


@in_cloudwatchs_protocols
def test_an_alarms_history_tells_its_life(protocol: str, endpoint: str) -> None:
    alarm = created(cloudwatch.MetricAlarm, protocol, endpoint)
    alarm.client.set_alarm_state(AlarmName="slow", StateValue="ALARM", StateReason="a drill")
    assert told(alarm, {"StateValue": ...}) == {"StateValue": "ALARM"}
    alarm.update(alarm.change())
    alarm.delete()

    def history(**which: Any) -> list[str]:
        answer = alarm.client.describe_alarm_history(ScanBy="TimestampAscending", **which)
        return [item["HistoryItemType"] for item in answer["AlarmHistoryItems"]]

    life = ["ConfigurationUpdate", "StateUpdate", "ConfigurationUpdate", "ConfigurationUpdate"]
    assert history(AlarmName="slow") == life
    assert history(AlarmName="slow", HistoryItemType="StateUpdate") == ["StateUpdate"]
    assert history(AlarmName="other") == []


@in_cloudwatchs_protocols
def test_a_stream_is_stopped_and_started(protocol: str, endpoint: str) -> None:
    stream = created(cloudwatch.MetricStream, protocol, endpoint)
    assert told(stream, {"State": ...}) == {"State": "running"}
    stream.client.stop_metric_streams(Names=["out"])
    assert told(stream, {"State": ...}) == {"State": "stopped"}
    assert [entry["State"] for entry in stream.client.list_metric_streams()["Entries"]] == [
        "stopped"
    ]
    stream.client.start_metric_streams(Names=["out"])
    assert told(stream, {"State": ...}) == {"State": "running"}


@in_cloudwatchs_protocols
def test_a_rule_is_disabled_and_enabled(protocol: str, endpoint: str) -> None:
    rule = created(cloudwatch.InsightRule, protocol, endpoint)
    rule.client.disable_insight_rules(RuleNames=["users"])
    assert told(rule, {"RuleState": ...}) == {"RuleState": "DISABLED"}
    answer = rule.client.enable_insight_rules(RuleNames=["users", "nobody's"])
    assert [one["FailureResource"] for one in answer["Failures"]] == ["nobody's"]
    assert told(rule, {"RuleState": ...}) == {"RuleState": "ENABLED"}


@pytest.mark.parametrize("kind", cloudformation.KINDS, ids=name)
def test_a_stack_takes_its_detector_with_it(
    kind: type[cloudformation.Stack], endpoint: str
) -> None:
    stack = created(kind, "query", endpoint)
    assert stack.detector.read() is not None
    stack.delete()
    assert stack.detector.read() is None


@pytest.mark.parametrize("kind", cloudformation.KINDS, ids=name)
def test_a_stacks_detector_is_all_that_its_template_says(
    kind: type[cloudformation.Stack], endpoint: str
) -> None:
    stack = created(kind, "query", endpoint)
    excluded = {
        "StartTime": datetime(2025, 12, 24, tzinfo=UTC),
        "EndTime": datetime(2025, 12, 27, 12, 30, tzinfo=UTC),
    }
    template = stack.subject() | {
        "Configuration": {"MetricTimezone": "Europe/Berlin", "ExcludedTimeRanges": [excluded]},
        "MetricCharacteristics": {"PeriodicSpikes": True},
    }
    assert told(stack.detector, template) == template


def test_a_stack_of_an_unknown_type_is_refused(endpoint: str) -> None:
    stack = prepared(cloudformation.Stack, "query", endpoint)
    template = stack.template("UTC", kind="AWS::CloudWatch::Oracle")
    with refused("ValidationError", "AWS::CloudWatch::Oracle"):
        stack.create({"TemplateBody": template})
    assert_gone(stack)
    assert stack.detector.read() is None


def test_a_log_anomaly_detector_is_paused_and_resumed(endpoint: str) -> None:
    detector = created(logs.LogAnomalyDetector, "json", endpoint)
    status = {"anomalyDetectorStatus": ...}
    detector.update({})
    assert told(detector, status) == {"anomalyDetectorStatus": "PAUSED"}
    detector.client.update_log_anomaly_detector(anomalyDetectorArn=detector.made, enabled=True)
    assert told(detector, status) == {"anomalyDetectorStatus": "INITIALIZING"}
    listed = detector.client.list_log_anomaly_detectors()["anomalyDetectors"]
    assert [one["anomalyDetectorArn"] for one in listed] == [detector.made]


def test_a_canary_is_started_and_stopped(endpoint: str) -> None:
    canary = created(synthetics.Canary, "rest-json", endpoint)
    client = canary.client

    def state() -> str:
        [described] = client.describe_canaries(Names=["probe"])["Canaries"]
        got: str = described["Status"]["State"]
        return got

    assert state() == "READY"
    client.start_canary(Name="probe")
    assert state() == "RUNNING"
    with refused("ConflictException"):
        canary.delete()
    client.stop_canary(Name="probe")
    assert state() == "STOPPED"
    timeline = told(canary, {"Timeline": ...})["Timeline"]
    assert timeline.keys() == {"Created", "LastModified", "LastStarted", "LastStopped"}


def test_a_canarys_runs(endpoint: str) -> None:
    canary = created(synthetics.Canary, "rest-json", endpoint)
    assert canary.client.get_canary_runs(Name="probe")["CanaryRuns"] == []
    assert canary.client.describe_canaries_last_run(Names=["probe"])["CanariesLastRun"] == []
    with refused("ResourceNotFoundException"):
        canary.client.get_canary_runs(Name="nobody")


def test_a_canary_has_a_function(endpoint: str) -> None:
    canary = created(synthetics.Canary, "rest-json", endpoint)
    arn = told(canary, {"EngineArn": ...})["EngineArn"]
    functions = canary.aws("lambda")
    assert functions.get_function(FunctionName=arn)["Configuration"]["State"] == "Active"
    canary.delete()
    with refused("ResourceNotFoundException"):
        functions.get_function(FunctionName=arn)


def test_a_sink_tells_its_links_and_outlives_them(endpoint: str) -> None:
    link = created(oam.Link, "rest-json", endpoint)
    monitoring = link.aws("oam")
    [attached] = monitoring.list_attached_links(SinkIdentifier=link.sink)["Items"]
    assert attached["LinkArn"] == link.made
    assert [one["Arn"] for one in link.client.list_links()["Items"]] == [link.made]
    with refused("ConflictException"):
        monitoring.delete_sink(Identifier=link.sink)
    link.delete()
    assert monitoring.list_attached_links(SinkIdentifier=link.sink)["Items"] == []
    monitoring.delete_sink(Identifier=link.sink)
    assert monitoring.list_sinks()["Items"] == []


def test_a_functions_settings_beside_its_configuration(endpoint: str) -> None:
    function = created(lambda_.Function, "rest-json", endpoint)
    client, who = function.client, {"FunctionName": "orders"}

    assert client.get_function_recursion_config(**who)["RecursiveLoop"] == "Terminate"
    client.put_function_recursion_config(RecursiveLoop="Allow", **who)
    assert client.get_function_recursion_config(**who)["RecursiveLoop"] == "Allow"

    assert client.get_runtime_management_config(**who)["UpdateRuntimeOn"] == "Auto"
    client.put_runtime_management_config(UpdateRuntimeOn="FunctionUpdate", **who)
    assert client.get_runtime_management_config(**who)["UpdateRuntimeOn"] == "FunctionUpdate"


def test_a_functions_code_signing(endpoint: str) -> None:
    function = created(lambda_.Function, "rest-json", endpoint)
    client, who = function.client, {"FunctionName": "orders"}
    signing = lambda_.CodeSigningConfig(function.aws)
    signing.create(signing.first())

    assert client.get_function_code_signing_config(**who)["CodeSigningConfigArn"] == ""
    client.put_function_code_signing_config(CodeSigningConfigArn=signing.made, **who)
    assert client.get_function_code_signing_config(**who)["CodeSigningConfigArn"] == signing.made
    with refused("ResourceConflictException"):
        signing.delete()
    client.delete_function_code_signing_config(**who)
    signing.delete()
    assert_gone(signing)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"CanaryRuns": [{"Id": "1"}]}, []),
        ({"CanaryRuns": [{"Id": 1}]}, ["R.CanaryRuns[0].Id is int, expected string"]),
        ({"CanaryRuns": [{"RetryAttempt": True}]}, ["R.CanaryRuns[0].RetryAttempt is bool, "]),
        ({"CanaryRuns": [{"Status": {"State": "LOST"}}]}, ["R.CanaryRuns[0].Status.State is 'LO"]),
    ],
)
def test_the_check_of_answers_finds_types_and_choices(answer: Any, expected: list[str]) -> None:
    operation = botocore.session.get_session().get_service_model("synthetics")
    shape = operation.operation_model("GetCanaryRuns").output_shape
    found = list(departures(shape, answer, "R"))
    assert [text[: len(start)] for text, start in zip(found, expected, strict=True)] == expected


def test_the_check_of_answers_finds_what_is_missing() -> None:
    shape = botocore.session.get_session().get_service_model("xray").shape_for("SamplingRule")
    answer: Fields = {
        name: "*" for name in shape.required_members if name not in ("Host", "URLPath")
    }
    answer |= {"Priority": 1, "FixedRate": 0.5, "ReservoirSize": 0, "Version": 1}
    found = sorted(departures(shape, answer, "Rule"))
    assert found == ["Rule.Host is missing", "Rule.URLPath is missing"]
