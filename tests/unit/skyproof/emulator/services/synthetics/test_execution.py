"""What a run does and leaves behind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skyproof.emulator.errors import AwsError
from skyproof.emulator.world import World
from tests.unit.skyproof.emulator.services.synthetics.conftest import (
    BUCKET,
    EVERYTHING,
    Datum,
    Probe,
    package,
)

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
PASSES = "def handler(event, context): print('hello')"
FAILS = "def handler(event, context): raise ValueError('broken')"
SLEEPS = "import time\ndef handler(event, context): time.sleep({})"
STEPS = """
from aws_synthetics.selenium import synthetics_webdriver
import time

def fail():
    time.sleep(2)
    raise ValueError('broken')

async def handler(event, context):
    await synthetics_webdriver.execute_step('first', lambda: time.sleep(1.5))
    await synthetics_webdriver.execute_step('second', fail)
"""


@pytest.fixture(autouse=True)
def data(published: list[Datum]) -> list[Datum]:
    return published


def of_canary(data: list[Datum]) -> dict[str, tuple[float, str]]:
    own = {"CanaryName": "probe"}
    return {one.name: (one.value, one.unit) for one in data if one.dimensions == own}


def test_a_script_that_returns_passes(probe: Probe, data: list[Datum]) -> None:
    probe.make(PASSES)
    run = probe.run()
    assert run["Status"] == {"State": "PASSED", "TestResult": "PASSED"}
    assert run["Name"] == "probe"
    assert of_canary(data)["SuccessPercent"] == (100, "Percent")
    assert of_canary(data)["Failed"] == (0, "Count")


def test_a_script_that_raises_fails(probe: Probe, data: list[Datum], world: World) -> None:
    probe.make(FAILS)
    assert probe.run()["Status"] == {
        "State": "FAILED",
        "StateReason": "ValueError: broken",
        "StateReasonCode": "CANARY_FAILURE",
        "TestResult": "FAILED",
    }
    assert of_canary(data)["SuccessPercent"] == (0, "Percent")
    assert of_canary(data)["Failed"] == (1, "Count")
    [told] = world.happenings.about("canary:probe")
    assert (told.what, told.outcome, told.reason) == ("run", "failed", "ValueError: broken")


def test_a_script_that_takes_too_long_fails(probe: Probe, data: list[Datum]) -> None:
    probe.make(SLEEPS.format(11))
    run = probe.run()
    assert run["Status"] == {
        "State": "FAILED",
        "StateReason": "Task timed out after 10.00 seconds",
        "StateReasonCode": "CANARY_FAILURE",
        "TestResult": "UNKNOWN",
    }
    timeline = run["Timeline"]
    assert timeline["Completed"] - timeline["Started"] == timedelta(seconds=10)
    assert of_canary(data)["Duration"] == (10_000, "Milliseconds")


def test_after_a_run_that_took_too_long_the_next_one_starts_afresh(probe: Probe) -> None:
    probe.make("import time\ndef handler(*_): time.sleep(11 - time.localtime().tm_min * 10)")
    probe.clock.advance(60)
    assert [run["Status"]["State"] for run in probe.runs()] == ["PASSED", "FAILED"]


def test_time_slept_is_part_of_a_run(probe: Probe, data: list[Datum]) -> None:
    probe.make(SLEEPS.format(4))
    timeline = probe.run()["Timeline"]
    assert timeline["Started"] == MONDAY
    assert timedelta(seconds=4) <= timeline["Completed"] - timeline["Started"]
    assert of_canary(data)["Duration"][0] >= 4000


@pytest.mark.parametrize(
    ("source", "reason", "result"),
    [
        ("import os\ndef handler(*_): os._exit(3)", "Runtime.ExitError", "UNKNOWN"),
        ("import nowhere", "Runtime.ImportModuleError", "FAILED"),
        ("def other(): pass", "Runtime.HandlerNotFound", "FAILED"),
        ("async def handler(*_): raise KeyError('late')", "KeyError", "FAILED"),
        ("def handler(*_): raise ValueError('x' * 5000)", "ValueError: xxx", "FAILED"),
    ],
)
def test_whatever_breaks_is_the_canary_s_failure(
    probe: Probe, source: str, reason: str, result: str
) -> None:
    probe.make(source)
    status = probe.run()["Status"]
    assert status["StateReason"].startswith(reason)
    assert len(status["StateReason"]) <= 1024
    assert (status["StateReasonCode"], status["TestResult"]) == ("CANARY_FAILURE", result)


def test_a_package_that_cannot_be_unpacked_fails(probe: Probe) -> None:
    code = {"ZipFile": package(PASSES, "../probe.py"), "Handler": "probe.handler"}
    probe.make("", Code=code)
    run = probe.run()
    assert "outside of its folder" in run["Status"]["StateReason"]
    assert run["Status"]["TestResult"] == "UNKNOWN"
    assert run["Timeline"]["Completed"] == run["Timeline"]["Started"]


def test_a_coroutine_is_awaited(probe: Probe) -> None:
    probe.make("async def handler(event, context): print('awaited')")
    assert probe.run()["Status"]["State"] == "PASSED"
    assert "awaited" in probe.log()


def test_the_script_sees_its_variables_and_where_it_is(probe: Probe) -> None:
    source = """
import os
def handler(event, context):
    print(*(os.environ[name] for name in ('COLOUR', 'AWS_REGION', 'AWS_ACCESS_KEY_ID')))
"""
    config = {"TimeoutInSeconds": 10, "EnvironmentVariables": {"COLOUR": "red"}}
    probe.make(source, RunConfig=config)
    probe.run()
    assert "red us-east-1 123456789012" in probe.log()


def test_the_package_may_come_from_s3(probe: Probe) -> None:
    probe.client("s3").put_object(Bucket=BUCKET, Key="code.zip", Body=package(PASSES))
    code = {"S3Bucket": BUCKET, "S3Key": "code.zip", "Handler": "probe.handler"}
    probe.make("", Code=code)
    assert probe.run()["Status"]["State"] == "PASSED"


def test_the_entry_point_may_lie_in_a_folder(probe: Probe) -> None:
    code = {"ZipFile": package(PASSES, "python/deep/probe.py"), "Handler": "deep/probe.handler"}
    probe.make("", Code=code)
    assert probe.run()["Status"]["State"] == "PASSED"


def test_runs_are_told_newest_first_and_have_ids_of_their_own(probe: Probe) -> None:
    probe.make(PASSES)
    probe.clock.advance(60)
    newer, older = probe.runs()
    assert newer["Timeline"]["Started"] - older["Timeline"]["Started"] == timedelta(minutes=1)
    assert newer["Id"] != older["Id"]
    [last] = probe.synthetics.describe_canaries_last_run()["CanariesLastRun"]
    assert (last["CanaryName"], last["LastRun"]["Id"]) == ("probe", newer["Id"])


def test_a_run_under_way_is_told_and_completed_though_the_canary_changes(
    probe: Probe, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = []

    def meanwhile(*arguments: Any) -> None:
        states.append(probe.runs()[0]["Status"]["State"])
        probe.synthetics.update_canary(Name="probe", SuccessRetentionPeriodInDays=1)

    monkeypatch.setattr("skyproof.emulator.services.lambda_.function_logs.write", meanwhile)
    probe.make(PASSES)
    states.append(probe.run()["Status"]["State"])
    assert states == ["RUNNING", "PASSED"]


# Artifacts


def test_a_run_leaves_a_report_and_its_log(probe: Probe) -> None:
    probe.clock.advance(3 * 3600 + 4 * 60 + 5.678)
    probe.make(PASSES)
    run = probe.run()
    where = "probes/canary/us-east-1/probe/2026/01/05/03/04-05-678"
    assert run["ArtifactS3Location"] == f"{BUCKET}/{where}"
    artifacts = probe.artifacts()
    assert set(artifacts) == {
        f"{where}/SyntheticsReport-PASSED.json",
        f"{where}/2026-01-05T03-04-05-678Z-log.txt",
    }
    assert artifacts[f"{where}/2026-01-05T03-04-05-678Z-log.txt"] == b"hello\n"
    report = json.loads(artifacts[f"{where}/SyntheticsReport-PASSED.json"])
    assert (report["canaryName"], report["result"]) == ("probe", "PASSED")
    assert report["startTime"] == "2026-01-05T03:04:05.678Z"


def test_a_failure_s_report_says_why(probe: Probe) -> None:
    probe.make(STEPS)
    probe.run()
    [report] = [
        json.loads(body)
        for key, body in probe.artifacts().items()
        if key.endswith("/SyntheticsReport-FAILED.json")
    ]
    assert report["errorMessage"] == "ValueError: broken"
    assert report["customerScript"]["steps"][1] | {"startTime": "", "endTime": ""} == {
        "name": "second",
        "startTime": "",
        "endTime": "",
        "result": "FAILED",
        "failureReason": "ValueError: broken",
    }


def test_what_the_script_saves_is_among_the_artifacts_of_its_run_alone(probe: Probe) -> None:
    source = """
from aws_synthetics import results
import time

def handler(event, context):
    results.artifact(f'{int(time.time())}.png').write_bytes(b'picture')
"""
    probe.make(source)
    probe.clock.advance(60)
    pictures = [key for key in probe.artifacts() if key.endswith(".png")]
    stamp = int(MONDAY.timestamp())
    assert [key.split("/")[-2:] for key in sorted(pictures)] == [
        ["00-00-000", f"{stamp}.png"],
        ["01-00-000", f"{stamp + 60}.png"],
    ]


@pytest.mark.parametrize(
    ("encryption", "sealed"),
    [
        ({"EncryptionMode": "SSE_S3"}, "AES256"),
        ({"EncryptionMode": "SSE_KMS", "KmsKeyArn": "{key}"}, "aws:kms"),
    ],
)
def test_artifacts_are_sealed_as_configured(
    probe: Probe, encryption: dict[str, str], sealed: str
) -> None:
    key = probe.client("kms").create_key()["KeyMetadata"]["Arn"]
    config = {name: text.format(key=key) for name, text in encryption.items()}
    probe.make(PASSES, ArtifactConfig={"S3Encryption": config})
    assert probe.run()["Status"]["State"] == "PASSED"
    for name in probe.artifacts():
        head = probe.client("s3").head_object(Bucket=BUCKET, Key=name)
        assert head["ServerSideEncryption"] == sealed
        assert head.get("SSEKMSKeyId") == config.get("KmsKeyArn")


def test_artifacts_that_are_refused_fail_the_run_but_not_the_script(
    probe: Probe, data: list[Datum], world: World
) -> None:
    probe.may({"Effect": "Allow", "Action": "logs:*", "Resource": "*"})
    probe.make(PASSES)
    status = probe.run()["Status"]
    assert (status["State"], status["StateReasonCode"]) == ("FAILED", "EXECUTION_FAILURE")
    assert "s3:PutObject" in status["StateReason"]
    assert status["TestResult"] == "PASSED"
    assert of_canary(data)["SuccessPercent"] == (100, "Percent")
    assert of_canary(data)["Failed"] == (1, "Count")
    refused = [one for one in world.happenings if one.outcome == "refused"]
    assert [one.what for one in refused] == ["put artifacts"]


# Logs


def test_lines_are_in_the_function_s_log_group(probe: Probe) -> None:
    probe.make(PASSES)
    probe.run()
    start, hello, end, report = probe.log()
    assert start.startswith("START RequestId:")
    assert hello == "hello"
    assert end.startswith("END")
    assert report.startswith("REPORT")


def test_each_day_has_a_stream(probe: Probe) -> None:
    probe.make(PASSES, Schedule={"Expression": "cron(0 0 * * ? *)"})
    probe.clock.advance(86_400)
    logs = probe.client("logs")
    [group] = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/cwsyn-probe-")["logGroups"]
    streams = logs.describe_log_streams(logGroupName=group["logGroupName"])["logStreams"]
    assert sorted(one["logStreamName"][:10] for one in streams) == ["2026/01/05", "2026/01/06"]


def test_a_role_that_may_not_log_leaves_no_log_and_passes(probe: Probe, world: World) -> None:
    probe.may(EVERYTHING, {"Effect": "Deny", "Action": "logs:CreateLogGroup", "Resource": "*"})
    probe.make(PASSES)
    assert probe.run()["Status"]["State"] == "PASSED"
    assert probe.client("logs").describe_log_groups()["logGroups"] == []
    assert [one.what for one in world.happenings if one.outcome == "refused"] == ["log"]


# Steps


def test_each_step_has_metrics(probe: Probe, data: list[Datum]) -> None:
    probe.make(STEPS)
    probe.run()
    steps: dict[tuple[str, str], Any] = {
        (one.dimensions["StepName"], one.name): (round(one.value, -2), one.unit)
        for one in data
        if "StepName" in one.dimensions
    }
    assert steps == {
        ("first", "SuccessPercent"): (100, "Percent"),
        ("first", "Duration"): (1500, "Milliseconds"),
        ("second", "SuccessPercent"): (0, "Percent"),
        ("second", "Duration"): (2000, "Milliseconds"),
    }


def test_a_failed_step_that_the_script_goes_on_from_fails_the_run(probe: Probe) -> None:
    source = STEPS.replace(
        "async def handler(event, context):",
        "from aws_synthetics.common import synthetics_configuration\n"
        "async def handler(event, context):\n"
        "    synthetics_configuration.set_config({'continue_on_step_failure': True})",
    )
    probe.make(source + "    await synthetics_webdriver.execute_step('third', lambda: None)\n")
    status = probe.run()["Status"]
    assert status["StateReason"] == "Step second failed: ValueError: broken"
    assert status["TestResult"] == "FAILED"


def test_an_execution_error_fails_the_run_but_not_the_script(probe: Probe) -> None:
    source = """
from aws_synthetics.selenium import synthetics_webdriver
def handler(event, context):
    synthetics_webdriver.add_execution_error('Unable to take screenshot', OSError('dark'))
"""
    probe.make(source)
    assert probe.run()["Status"] == {
        "State": "FAILED",
        "StateReason": "Unable to take screenshot: dark",
        "StateReasonCode": "EXECUTION_FAILURE",
        "TestResult": "PASSED",
    }


def test_step_metrics_can_be_left_out(probe: Probe, data: list[Datum]) -> None:
    source = """
from aws_synthetics.common import synthetics_configuration
from aws_synthetics.selenium import synthetics_webdriver
def handler(event, context):
    synthetics_configuration.disable_step_metrics()
    synthetics_webdriver.execute_step('first', lambda: None)
"""
    probe.make(source)
    assert probe.run()["Status"]["State"] == "PASSED"
    assert [one for one in data if "StepName" in one.dimensions] == []


def test_the_canary_s_failure_goes_before_execution_errors(probe: Probe) -> None:
    source = """
from aws_synthetics.selenium import synthetics_webdriver
def handler(event, context):
    synthetics_webdriver.add_execution_error('Unable to take screenshot')
    raise ValueError('broken')
"""
    probe.make(source)
    status = probe.run()["Status"]
    assert (status["StateReasonCode"], status["StateReason"]) == (
        "CANARY_FAILURE",
        "ValueError: broken",
    )


def test_a_step_with_a_name_that_no_dimension_can_have_is_told(
    probe: Probe, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any) -> None:
        raise AwsError("InvalidParameterValue", "no such name")

    monkeypatch.setattr("skyproof.emulator.services.synthetics.execution.publish", refuse)
    probe.make(PASSES)
    assert probe.run()["Status"]["State"] == "PASSED"
    told = [one for one in world.happenings if one.what == "publish"]
    assert {(one.target, one.outcome) for one in told} == {
        ("SuccessPercent", "refused"),
        ("Duration", "refused"),
        ("Failed", "refused"),
    }
