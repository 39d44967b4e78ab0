"""What Synthetics keeps: canaries by account and Region, groups by account."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Tags = dict[str, str]
TestResult = Literal["PASSED", "FAILED", "UNKNOWN"]
State = Literal["READY", "RUNNING", "STOPPED", "ERROR"]


@dataclass
class Status:
    """A canary's state; a reason and its code where AWS gives one."""

    state: State = "READY"
    reason: str | None = None
    reason_code: str | None = None


@dataclass
class Timeline:
    """When a canary was made, changed, started and stopped last."""

    created: datetime
    modified: datetime
    started: datetime | None = None
    stopped: datetime | None = None


@dataclass
class Engine:
    """The Lambda function that runs a canary and the layer with its script; ARNs with versions."""

    function_arn: str
    layer_arn: str


@dataclass
class CanaryRun:
    """One run: a ``CanaryRun`` of the API in parts.

    Attributes:
        state: RUNNING, PASSED or FAILED.
        reason_code: CANARY_FAILURE or EXECUTION_FAILURE, for a run that failed.
        test_result: what the script itself came to, whatever else failed.
        artifacts: bucket and prefix of its artifacts, without ``s3://``.
    """

    id: str
    canary: str
    state: Literal["RUNNING", "PASSED", "FAILED"]
    started: datetime
    completed: datetime | None = None
    reason: str | None = None
    reason_code: str | None = None
    test_result: TestResult | None = None
    artifacts: str = ""


@dataclass
class Canary:
    """A canary.

    Attributes:
        settings: what CreateCanary and UpdateCanary were given, in their names, with the defaults
            filled in; code, name and tags are not in it.
        handler: the entry point; empty where a blueprint has its own.
        code: the zip with the script.
        ran: how many runs there have been; ``runs`` forgets them in time.
    """

    id: str
    name: str
    arn: str
    settings: dict[str, Any]
    handler: str
    code_settings: dict[str, Any]
    code: bytes
    tags: Tags
    timeline: Timeline
    status: Status = field(default_factory=Status)
    engine: Engine | None = None
    vpc_id: str | None = None
    runs: list[CanaryRun] = field(default_factory=list)
    ran: int = 0

    @property
    def function_name(self) -> str:
        """``cwsyn-<name>-<id>``, which also names the layer; at most Lambda's 64 characters."""
        return f"cwsyn-{self.name[:21]}-{self.id}"

    def kept(self, now: datetime) -> list[CanaryRun]:
        """The runs that the retention periods have not ended, oldest first."""
        return [run for run in self.runs if self.keeps(run, now)]

    def keeps(self, run: CanaryRun, now: datetime) -> bool:
        which = "Success" if run.state == "PASSED" else "Failure"
        return run.started >= now - timedelta(days=self.settings[f"{which}RetentionPeriodInDays"])


@dataclass
class Group:
    """A group; ``canaries`` are ARNs, of any Region."""

    id: str
    name: str
    arn: str
    tags: Tags
    created: datetime
    modified: datetime
    canaries: list[str] = field(default_factory=list)


@dataclass
class Store:
    """One account and Region: canaries by name. Groups, by id, are in the account's own store."""

    canaries: dict[str, Canary] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
