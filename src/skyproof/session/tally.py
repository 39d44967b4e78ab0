"""What a run has done so far, and whether something went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any

from skyproof.terraform.pool import Usage
from skyproof.terraform.timing import Span, wall_seconds


@dataclass(frozen=True)
class Told:
    """What a backend said of itself when it had started."""

    name: str
    version: str
    about: str


@dataclass(kw_only=True)
class Tally:
    """What a run has done so far; the workers of one run add up.

    Attributes:
        resources: instances that stood in the state after each apply, added up.
        spans: what Terraform did, and when, over all stacks that are done.
        kept: folders of stacks that were left as they are.
        kept_worlds: where to find the worlds of tests that were left as they are.
        providers: what the pool of warm providers took.
        told: the backend, once it was started.
        failed: whether a test or an apply has failed.
        interrupted: whether the run was interrupted, and cleans up; the next one ends that too.
    """

    resources: int = 0
    spans: list[Span] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    kept_worlds: list[str] = field(default_factory=list)
    providers: Usage = field(default_factory=Usage)
    told: Told | None = None
    failed: bool = False
    interrupted: bool = False

    def seconds(self, *what: str) -> float:
        """Seconds in which Terraform ran these commands; those that ran at once count once."""
        return wall_seconds(span for span in self.spans if span.what in what)

    def report(self) -> dict[str, Any]:
        """What this run did, as plain data that :meth:`absorb` takes in another process."""
        spans = [[span.what, span.begun, span.ended] for span in self.spans]
        return {
            "resources": self.resources,
            "spans": spans,
            "kept": self.kept,
            "kept_worlds": self.kept_worlds,
            "providers": astuple(self.providers),
            "told": astuple(self.told) if self.told else None,
        }

    def absorb(self, report: Mapping[str, Any]) -> None:
        """Count what another process of this run on this machine did."""
        self.resources += report["resources"]
        self.spans += [Span(*span) for span in report["spans"]]
        self.kept += report["kept"]
        self.kept_worlds += report["kept_worlds"]
        self.providers += Usage(*report["providers"])
        if report["told"]:
            self.told = Told(*report["told"])
