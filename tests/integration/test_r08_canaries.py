"""Requirement 8: Synthetics canaries with chosen runtimes, in two regions, on given endpoints."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM

PLACES = [("primary", "us-east-1"), ("secondary", "us-west-2")]


def canary(platform: Platform, place: str, region: str) -> dict[str, Any]:
    name = platform.outputs[f"canary_{place}_name"]
    got: dict[str, Any] = platform.client("synthetics", region=region).get_canary(Name=name)
    found: dict[str, Any] = got["Canary"]
    return found


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_it_exists_in_its_region_under_the_contracts_name(
    platform: Platform, place: str, region: str
) -> None:
    assert canary(platform, place, region)["Name"] == platform.name(f"api-health-{place}")


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_it_runs_on_a_schedule(platform: Platform, place: str, region: str) -> None:
    got = canary(platform, place, region)
    assert got["Status"]["State"] == "RUNNING"
    assert re.fullmatch(
        r"rate\(\d+ (minute|minutes|hour)\)|cron\(.+\)", got["Schedule"]["Expression"]
    )


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_its_runtime_is_a_chosen_one_of_python_and_selenium(
    platform: Platform, place: str, region: str
) -> None:
    got = canary(platform, place, region)
    assert re.fullmatch(r"syn-python-selenium-\d+\.\d+", got["RuntimeVersion"])
    versions = platform.client("synthetics", region=region).describe_runtime_versions()
    assert got["RuntimeVersion"] in {v["VersionName"] for v in versions["RuntimeVersions"]}


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_its_artifacts_go_encrypted_to_the_artifact_bucket(
    platform: Platform, place: str, region: str
) -> None:
    got = canary(platform, place, region)
    assert got["ArtifactS3Location"].startswith(f"{platform.name('synthetics-artifacts')}/")
    assert got["ArtifactConfig"]["S3Encryption"]["EncryptionMode"] == "SSE_KMS"


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_its_role_may_only_be_assumed_by_lambda(
    platform: Platform, place: str, region: str
) -> None:
    role = canary(platform, place, region)["ExecutionRoleArn"]
    assert platform.trusted_services(role) == {"lambda.amazonaws.com"}


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_an_alarm_of_its_region_watches_its_success(
    platform: Platform, place: str, region: str
) -> None:
    name = platform.outputs[f"canary_{place}_name"]
    watching = [
        alarm
        for alarm in platform.metric_alarms(region)
        if {"Name": "CanaryName", "Value": name} in alarm.get("Dimensions", [])
    ]
    assert [alarm["MetricName"] for alarm in watching] == ["SuccessPercent"]
    assert watching[0]["ComparisonOperator"].startswith("LessThan")
    assert watching[0]["AlarmActions"], "nobody would hear of it"


@pytest.mark.parametrize(("place", "region"), PLACES)
def test_it_probes_the_endpoint_that_the_variable_names(
    platform: Platform, place: str, region: str
) -> None:
    # The API does not give environment variables back: what was asked of it is in the state.
    variables = platform.canary_environment(platform.outputs[f"canary_{place}_name"])
    assert platform.endpoint in variables.values(), variables
