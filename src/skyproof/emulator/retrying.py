"""How EventBridge's rules and Scheduler's schedules try again what a target refused.

* https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
* https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from botocore.exceptions import ClientError

from skyproof.emulator.errors import AwsError

DEFAULT_AGE, DEFAULT_ATTEMPTS = 86_400, 185
#: "with exponential back off and jitter"; the figures are not documented.
FIRST_PAUSE, LONGEST_PAUSE = 1, 600

Condition = Literal["MaximumRetryAttempts", "MaximumEventAgeInSeconds"]


@dataclass(frozen=True)
class Refusal:
    """Why a target did not take what it was sent."""

    code: str
    message: str

    @classmethod
    def of(cls, error: ClientError | AwsError) -> Refusal:
        if isinstance(error, AwsError):
            return cls(error.code, error.message)
        detail = error.response["Error"]
        return cls(str(detail["Code"]), str(detail.get("Message", "")))

    @property
    def is_throttling(self) -> bool:
        return "Throttl" in self.code or "TooMany" in self.code


@dataclass(frozen=True)
class RetryPolicy:
    """How often, and for how long."""

    attempts: int
    age: timedelta

    @classmethod
    def of(cls, target: Mapping[str, Any]) -> RetryPolicy:
        """A target's own, with what it leaves out filled in."""
        policy = target.get("RetryPolicy", {})
        return cls(
            policy.get("MaximumRetryAttempts", DEFAULT_ATTEMPTS),
            timedelta(seconds=policy.get("MaximumEventAgeInSeconds", DEFAULT_AGE)),
        )

    def exhausted(self, failures: int, accepted: datetime, now: datetime) -> Condition | None:
        """What forbids another attempt after so many failures; ``None`` when it is allowed."""
        if failures > self.attempts:
            return "MaximumRetryAttempts"
        if now + timedelta(seconds=pause(failures)) > accepted + self.age:
            return "MaximumEventAgeInSeconds"
        return None


def pause(failures: int) -> int:
    """Seconds from a failure, the first or a later one, to the next attempt."""
    return min(LONGEST_PAUSE, FIRST_PAUSE << (failures - 1))
