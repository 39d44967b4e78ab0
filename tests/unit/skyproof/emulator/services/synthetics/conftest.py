"""Canaries with a role, a bucket and a script of the test's own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from skyproof.emulator.clock import Clock

BUCKET = "artifacts"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def package(source: str, file: str = "python/probe.py") -> bytes:
    """A zip with one script; the same bytes for the same source."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo(file), source)
    return content.getvalue()


@dataclass
class Probe:
    """A canary named ``probe`` that runs once a minute."""

    client: Callable[..., Any]
    clock: Clock

    def make(self, source: str, **members: Any) -> None:
        """Make it with a script whose entry point is ``handler``, and start it."""
        required = {
            "Code": {"ZipFile": package(source), "Handler": "probe.handler"},
            "ArtifactS3Location": f"s3://{BUCKET}/probes",
            "ExecutionRoleArn": self.role,
            "Schedule": {"Expression": "rate(1 minute)"},
            "RunConfig": {"TimeoutInSeconds": 10},
            "RuntimeVersion": "syn-python-selenium-14.0",
        }
        self.synthetics.create_canary(Name="probe", **required | members)
        self.synthetics.start_canary(Name="probe")

    @property
    def synthetics(self) -> Any:
        return self.client("synthetics")

    @property
    def role(self) -> str:
        return str(self.client("iam").get_role(RoleName="probe")["Role"]["Arn"])

    def may(self, *statements: dict[str, Any]) -> None:
        """Let its role do this and nothing else."""
        self.client("iam").put_role_policy(
            RoleName="probe", PolicyName="may", PolicyDocument=policy(*statements)
        )

    def runs(self) -> list[dict[str, Any]]:
        """Newest first."""
        found: list[dict[str, Any]] = self.synthetics.get_canary_runs(Name="probe")["CanaryRuns"]
        return found

    def run(self) -> dict[str, Any]:
        """Let what is due now happen, and answer the newest run."""
        self.clock.advance(0)
        return self.runs()[0]

    def state(self) -> str:
        return str(self.synthetics.get_canary(Name="probe")["Canary"]["Status"]["State"])

    def artifacts(self) -> dict[str, bytes]:
        """Content by key."""
        s3 = self.client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    def log(self) -> list[str]:
        """The lines of its one log group."""
        logs = self.client("logs")
        [group] = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/cwsyn-probe-")[
            "logGroups"
        ]
        events = logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        return [event["message"] for event in events]


@pytest.fixture
def probe(client: Callable[..., Any], still: Clock) -> Probe:
    """On the clock that stands until it is advanced."""
    client("s3").create_bucket(Bucket=BUCKET)
    client("iam").create_role(RoleName="probe", AssumeRolePolicyDocument=policy(TRUST))
    made = Probe(client, still)
    made.may(EVERYTHING)
    return made


@dataclass(frozen=True)
class Datum:
    """One value that a service published."""

    name: str
    dimensions: dict[str, str]
    value: float
    unit: str


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Datum]:
    """What canaries publish in CloudWatchSynthetics, instead of CloudWatch's taking it."""
    data: list[Datum] = []

    def publish(
        world: object,
        account: str,
        region: str,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        value: float,
        unit: str,
    ) -> None:
        assert namespace == "CloudWatchSynthetics"
        data.append(Datum(name, dict(dimensions), value, unit))

    monkeypatch.setattr("skyproof.emulator.services.synthetics.execution.publish", publish)
    return data
