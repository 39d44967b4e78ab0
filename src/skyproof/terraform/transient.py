"""Errors that pass by themselves: which they are, why, and how often a command is tried again.

What is not in the table is permanent, and so is a failure of which any one error is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from skyproof.terraform.runner import Diagnostic, TerraformError

AWS_RETRIES = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"
S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
TERRATEST = (
    "https://pkg.go.dev/github.com/gruntwork-io/terratest/modules/terraform"
    "#DefaultRetryableTerraformErrors"
)
_CORE = "https://github.com/hashicorp/terraform/issues"
_PROVIDER = "https://github.com/hashicorp/terraform-provider-aws/issues"

BOTH = frozenset({"apply", "destroy"})
DESTROY = frozenset({"destroy"})

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Transient:
    """An error that passes by itself.

    Attributes:
        pattern: finds it in an error's summary and detail.
        why: what the next attempt finds changed.
        source: where that is known from.
        commands: those that are run again. A destroy goes on from its state; an apply is run again
            only where the same order may succeed later.
    """

    pattern: re.Pattern[str]
    why: str
    source: str
    commands: frozenset[str]


def _error(pattern: str, why: str, source: str, commands: frozenset[str] = BOTH) -> Transient:
    return Transient(re.compile(pattern), why, source, commands)


TABLE = (
    _error(
        r"\b(Throttling(Exception)?|ThrottledException|RequestThrottled(Exception)?"
        r"|RequestLimitExceeded|TooManyRequests(Exception)?|PriorRequestNotComplete"
        r"|ProvisionedThroughputExceededException|RequestThrottlingException|SlowDown"
        r"|BandwidthLimitExceeded|EC2ThrottledException)\b"
        r"|[Rr]ate exceeded|StatusCode: 429\b|retry quota exceeded",
        "AWS limits how often it is called",
        AWS_RETRIES,
    ),
    _error(
        r"StatusCode: 50[0234]\b|\b(InternalFailure|InternalError|InternalServerError"
        r"|InternalServerException|InternalServiceException|ServiceUnavailable(Exception)?"
        r"|ServiceFailure)\b",
        "the service failed by itself",
        AWS_RETRIES,
    ),
    _error(
        r"connection reset by peer|connection refused|use of closed network connection"
        r"|\bunexpected EOF\b|: EOF\b|TLS handshake timeout|i/o timeout|\bRequestTimeout\b"
        r"|Client\.Timeout exceeded|transport is closing",
        "the connection broke",
        TERRATEST,
    ),
    _error(
        r"cannot be assumed by|[Uu]nable to assume role and validate",
        "a new role is not known everywhere yet",
        f"{_PROVIDER}/14285",
    ),
    _error(
        r"Provider produced inconsistent result after apply",
        "what was made is not seen everywhere yet",
        f"{_PROVIDER}/12449",
    ),
    _error(
        r"\bOperationAborted\b|conflicting conditional operation",
        "another operation upon the bucket is under way",
        f"{_PROVIDER}/7628",
    ),
    _error(
        r"\b(ConcurrentModification(Exception)?|ConcurrentUpdateException|TooManyUpdates"
        r"|OptimisticLockException|OptimisticLockingFailureException)\b",
        "another change is under way",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html",
    ),
    _error(
        r"\bBucketNotEmpty\b",
        "something wrote into the bucket after it was emptied",
        S3_ERRORS,
        DESTROY,
    ),
    _error(
        r"\bDependencyViolation\b",
        "what depends on it is not gone yet",
        f"{_CORE}/5762",
        DESTROY,
    ),
    _error(
        r"\bDeleteConflict(Exception)?\b",
        "what is attached to it is not gone yet",
        f"{_CORE}/3222",
        DESTROY,
    ),
    _error(
        r"\bResourceInUse(Exception)?\b|\bResourceConflictException\b|InvalidIPAddress\.InUse"
        r"|InvalidNetworkInterface\.InUse",
        "what uses it is not gone yet",
        "https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html",
        DESTROY,
    ),
    _error(
        r"\bInvalid\w+\.NotFound\b|\b(ResourceNotFound(Exception|Fault)?|NoSuch(Entity|Bucket)"
        r"|NotFoundException|QueueDoesNotExist)\b|StatusCode: 404\b",
        "it is gone already, which the next attempt sees",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
        DESTROY,
    ),
    _error(
        r"timeout while waiting for (state|resource)",
        "the deletion goes on after the provider has ceased to wait",
        "https://developer.hashicorp.com/terraform/plugin/sdkv2/resources/"
        "retries-and-customizable-timeouts",
        DESTROY,
    ),
)

# Stronger than the table: a wait that timed out may tell that it was refused, and a session that
# has expired stays so.
PERMANENT = re.compile(
    r"\b(ExpiredToken(Exception)?|RequestExpired|AccessDenied(Exception)?|UnauthorizedOperation"
    r"|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|AuthFailure"
    r"|NotImplemented)\b|no valid credential"
)


def why(error: Diagnostic, command: str) -> Transient | None:
    """The entry that says why an error passes by itself, or ``None`` if it is permanent."""
    text = f"{error.summary}\n{error.detail}"
    if PERMANENT.search(text):
        return None
    for entry in TABLE:
        if command in entry.commands and entry.pattern.search(text):
            return entry
    return None


def is_transient(error: BaseException, command: str) -> bool:
    """Whether everything that a command failed with passes by itself."""
    if not isinstance(error, TerraformError) or not error.diagnostics:
        return False
    return all(why(one, command) is not None for one in error.diagnostics)


@dataclass(frozen=True)
class Patience:
    """How often a command is tried, and how long in all.

    Attributes:
        attempts: the first one counts.
        seconds: an attempt that ends later than that, after the first began, is the last.
        first_wait: seconds before the second attempt; each wait is twice the last, with jitter.
        longest_wait: the most seconds between two attempts.
    """

    attempts: int = 6
    seconds: float = 900
    first_wait: float = 2
    longest_wait: float = 60


@dataclass
class Attempts:
    """Tries one command again as long as what it fails with passes by itself.

    Attributes:
        command: ``apply`` or ``destroy``.
        name: of the stack.
        before: called with each error before the next attempt; it may remove the cause.
        tell: takes one line about each attempt that failed.
    """

    command: str
    name: str
    patience: Patience
    before: Callable[[Diagnostic], None] | None = None
    tell: Callable[[str], None] = field(default=lambda _line: None)

    def of(self, run: Callable[[], Answer]) -> Answer:
        """The answer of the first attempt that succeeds. Raises what the last one raised."""
        patience = self.patience
        attempts = Retrying(
            retry=retry_if_exception(lambda error: is_transient(error, self.command)),
            stop=stop_after_attempt(patience.attempts) | stop_after_delay(patience.seconds),
            wait=wait_exponential(patience.first_wait, patience.longest_wait)
            + wait_random(0, patience.first_wait / 2),
            before_sleep=self._before_next,
            reraise=True,
        )
        return attempts(run)

    def _before_next(self, attempt: RetryCallState) -> None:
        errors = _errors(attempt)
        entry = why(errors[0], self.command)
        assert entry is not None
        assert attempt.next_action is not None
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        self.tell(
            f"{self.command} {self.name}: {_short(errors[0])}{more}: {entry.why}; attempt "
            f"{attempt.attempt_number} of {self.patience.attempts} failed, the next in "
            f"{attempt.next_action.sleep:.0f} s"
        )
        if self.before is not None:
            for error in errors:
                self.before(error)


def _errors(attempt: RetryCallState) -> Sequence[Diagnostic]:
    assert attempt.outcome is not None
    error = attempt.outcome.exception()
    assert isinstance(error, TerraformError)
    return error.diagnostics


def _short(error: Diagnostic) -> str:
    """The resource and the first line of what is wrong with it."""
    summary = error.summary.splitlines()[0]
    return f"{error.address}: {summary}" if error.address else summary
