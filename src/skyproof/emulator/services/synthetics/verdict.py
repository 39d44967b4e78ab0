"""Whether a run passed.

https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CanaryRunStatus.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal

from skyproof.emulator.functions import Outcome
from skyproof.emulator.services.synthetics.results import Results
from skyproof.emulator.services.synthetics.store import TestResult

MAX_REASON = 1024


@dataclass(frozen=True)
class Verdict:
    """What a run came to.

    Attributes:
        reason, code: of a failure; empty for a run that passed.
        test_result: of the script alone; UNKNOWN where it did not come to an end.
    """

    state: Literal["PASSED", "FAILED"]
    reason: str = ""
    code: str = ""
    test_result: TestResult = "PASSED"


def judge(outcome: Outcome, results: Results, timeout: float) -> Verdict:
    """The script's own result first, then what else went wrong.

    Args:
        timeout: seconds.
    """
    verdict = _of_the_script(outcome, results, timeout)
    for error in results.errors[:1]:
        verdict = with_execution_failure(verdict, error)
    return verdict


def failed(reason: str, test_result: TestResult = "FAILED") -> Verdict:
    """The canary itself failed."""
    return Verdict("FAILED", reason[:MAX_REASON], "CANARY_FAILURE", test_result)


def with_execution_failure(verdict: Verdict, reason: str) -> Verdict:
    """The same with a failure around the script: artifacts that could not be saved.

    "If both types of failures occurred, the CANARY_FAILURE takes precedence."
    """
    if verdict.state == "FAILED":
        return verdict
    reason = reason[:MAX_REASON]
    return replace(verdict, state="FAILED", reason=reason, code="EXECUTION_FAILURE")


def _of_the_script(outcome: Outcome, results: Results, timeout: float) -> Verdict:
    if outcome.exceeded:
        return failed(f"Task timed out after {timeout:.2f} seconds", "UNKNOWN")
    if outcome.error is not None:
        # Lambda's error object, which the runtime writes whatever the script does.
        error = json.loads(outcome.payload)
        crashed = error["errorType"] == "Runtime.ExitError"
        reason = f"{error['errorType']}: {error['errorMessage']}"
        return failed(reason, "UNKNOWN" if crashed else "FAILED")
    # With continue_on_step_failure the script returns; "the canary run will still be marked as
    # failed".
    steps = [step for step in results.steps if step.continues and not step.passed]
    if steps:
        return failed("; ".join(f"Step {step.name} failed: {step.reason}" for step in steps))
    return Verdict("PASSED")
