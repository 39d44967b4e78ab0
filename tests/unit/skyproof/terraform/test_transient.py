"""What passes by itself is tried again, and nothing else is."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.terraform import Stack, TerraformError
from skyproof.terraform.discovery import Binary
from skyproof.terraform.progress import Display
from skyproof.terraform.runner import Diagnostic
from skyproof.terraform.toolchain import Toolchain
from skyproof.terraform.transient import TABLE, Attempts, Patience, is_transient, why
from tests.unit.skyproof.terraform.conftest import MakeProgram

MakeStack = Callable[..., Stack]

# As the provider words them; the addresses of threads where they were seen stand in the table.
NOT_EMPTY = (
    "deleting S3 Bucket (logs-k3x9qd): operation error S3: DeleteBucket, https response error "
    "StatusCode: 409, RequestID: 67XZN6YTK82B46CQ, HostID: X3si, api error BucketNotEmpty: The "
    "bucket you tried to delete is not empty"
)
REFUSED = (
    "deleting SQS Queue (q): operation error SQS: DeleteQueue, https response error StatusCode: "
    "403, RequestID: 1, api error AccessDenied: no"
)
THROTTLED = "operation error IAM: CreateRole, StatusCode: 400, Throttling: Rate exceeded"


@pytest.mark.parametrize(
    ("said", "command", "reason"),
    [
        (THROTTLED, "apply", "AWS limits how often it is called"),
        ("api error RequestLimitExceeded: no", "destroy", "AWS limits how often it is called"),
        ("StatusCode: 429, TooManyRequestsException", "apply", "AWS limits how often it is called"),
        ("StatusCode: 503, RequestID: x", "apply", "the service failed by itself"),
        ("api error InternalFailure: sorry", "destroy", "the service failed by itself"),
        ("read tcp 1.2.3.4:5: connection reset by peer", "apply", "the connection broke"),
        ('Post "http://x/": EOF\n', "destroy", "the connection broke"),
        ("dial tcp 127.0.0.1:9: connect: connection refused", "destroy", "the connection broke"),
        (
            "InvalidParameterValueException: The role defined for the function cannot be assumed "
            "by Lambda.",
            "apply",
            "a new role is not known everywhere yet",
        ),
        (
            "OperationAborted: A conflicting conditional operation is currently in progress",
            "apply",
            "another operation upon the bucket is under way",
        ),
        ("ConcurrentModificationException: x", "destroy", "another change is under way"),
        (NOT_EMPTY, "destroy", "something wrote into the bucket after it was emptied"),
        (
            "api error DependencyViolation: The vpc 'vpc-1' has dependencies",
            "destroy",
            "what depends on it is not gone yet",
        ),
        (
            "DeleteConflict: Cannot delete entity, must detach all policies first.",
            "destroy",
            "what is attached to it is not gone yet",
        ),
        ("api error ResourceInUse: x", "destroy", "what uses it is not gone yet"),
        (
            "timeout while waiting for state to become 'DELETED' (last state: 'DELETING')",
            "destroy",
            "the deletion goes on after the provider has ceased to wait",
        ),
        (
            "operation error EC2: RevokeSecurityGroupIngress, https response error StatusCode: "
            "400, RequestID: 4, api error InvalidPermission.NotFound: The specified rule does not "
            "exist in this security group",
            "destroy",
            "it is gone already, which the next attempt sees",
        ),
        ("couldn't find resource: StatusCode: 404", "apply", None),
        # An apply would fail in the same way, or make things twice.
        (NOT_EMPTY, "apply", None),
        ("DeleteConflict: must detach all policies first", "apply", None),
        ("timeout while waiting for state to become 'ACTIVE'", "apply", None),
        # What does not pass by itself.
        (REFUSED, "destroy", None),
        ("StatusCode: 400, ExpiredToken: the token has expired", "apply", None),
        ("StatusCode: 501, NotImplemented: sqs:Nothing", "apply", None),
        ("timeout while waiting for state: AccessDenied: no", "destroy", None),
        ("Unsupported argument", "apply", None),
        ("BucketAlreadyExists: taken", "apply", None),
        ("ResourceConflictException: Function already exist: f", "apply", None),
    ],
)
def test_each_error_is_known_for_what_it_is(said: str, command: str, reason: str | None) -> None:
    for error in (Diagnostic(said), Diagnostic("deleting it", said)):
        entry = why(error, command)
        assert (entry and entry.why) == reason


def test_every_entry_names_its_source() -> None:
    assert [entry for entry in TABLE if not re.match(r"https://[a-z]", entry.source)] == []
    assert len({entry.why for entry in TABLE}) == len(TABLE)


@given(st.permutations([THROTTLED, NOT_EMPTY, REFUSED]), st.integers(1, 3))
def test_one_permanent_error_among_others_is_enough(errors: list[str], count: int) -> None:
    told = errors[:count]
    failure = TerraformError("x", diagnostics=[Diagnostic(one) for one in told])
    assert is_transient(failure, "destroy") == (REFUSED not in told)


def test_a_failure_without_errors_is_permanent() -> None:
    assert not is_transient(TerraformError("terraform took too long: connection refused"), "apply")
    assert not is_transient(KeyboardInterrupt(), "destroy")


def error_line(said: str, address: str = "aws_s3_bucket.logs") -> str:
    told = {"severity": "error", "summary": said, "address": address}
    return json.dumps({"type": "diagnostic", "diagnostic": told})


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def failing(tmp_path: Path, program: MakeProgram, shown: io.StringIO) -> MakeStack:
    """``failing(["error", …], times=2)``: a stack whose commands fail that often, then succeed."""
    names = itertools.count()

    def make(errors: list[str], times: int, **patience: Any) -> Stack:
        source = tmp_path / f"shop{next(names)}"
        source.mkdir()
        (source / "main.tf").write_text("")
        said = "\n".join(f"echo '{error_line(one)}'" for one in errors)
        summary = json.dumps({"type": "change_summary", "changes": {"remove": 3}})
        binary = program(
            f"echo $1 >> {tmp_path}/ran\n"
            f"if [ $(wc -l < {tmp_path}/ran) -le {times} ]; then {said}\nexit 1; fi\n"
            f"echo '{summary}'"
        )
        toolchain = Toolchain(
            Binary(binary, "1.11.4"), patience=Patience(**({"first_wait": 0} | patience))
        )
        return Stack.copy_of(
            source, toolchain, {}, into=tmp_path / f"copy-{source.name}", display=Display(shown)
        )

    return make


def ran(tmp_path: Path) -> list[str]:
    return (tmp_path / "ran").read_text().split()


def test_a_destroy_goes_on_after_what_passes(
    failing: MakeStack, tmp_path: Path, shown: io.StringIO
) -> None:
    stack = failing([NOT_EMPTY, THROTTLED], times=2)
    seen: list[str] = []
    assert stack.destroy(lambda error: seen.append(error.summary)).removed == 3
    assert ran(tmp_path) == ["destroy"] * 3
    assert seen == [NOT_EMPTY, THROTTLED] * 2, "the hook is told of every error before a new try"
    told = [line for line in shown.getvalue().splitlines() if "attempt" in line]
    assert told == [
        f"destroy shop0: aws_s3_bucket.logs: {NOT_EMPTY} (and 1 more): something wrote into the "
        f"bucket after it was emptied; attempt {n} of 6 failed, the next in 0 s"
        for n in (1, 2)
    ]


def test_an_apply_goes_on_after_what_passes(failing: MakeStack, tmp_path: Path) -> None:
    failing([THROTTLED], times=1).apply()
    assert ran(tmp_path) == ["apply", "apply"]


@pytest.mark.parametrize("errors", [[REFUSED], [NOT_EMPTY, REFUSED]])
def test_a_permanent_error_ends_it_at_once(
    failing: MakeStack, tmp_path: Path, errors: list[str]
) -> None:
    seen: list[Diagnostic] = []
    with pytest.raises(TerraformError, match="AccessDenied"):
        failing(errors, times=9).destroy(seen.append)
    assert (ran(tmp_path), seen) == (["destroy"], [])


def test_attempts_are_counted(failing: MakeStack, tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="BucketNotEmpty"):
        failing([NOT_EMPTY], times=9, attempts=3).destroy()
    assert ran(tmp_path) == ["destroy"] * 3


def test_time_is_limited(failing: MakeStack, tmp_path: Path) -> None:
    with pytest.raises(TerraformError, match="BucketNotEmpty"):
        failing([NOT_EMPTY], times=9, seconds=0).destroy()
    assert ran(tmp_path) == ["destroy"]


def test_waits_grow_and_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)

    def fail() -> None:
        raise TerraformError("no", diagnostics=[Diagnostic(NOT_EMPTY)])

    with pytest.raises(TerraformError):
        Attempts("destroy", "shop", Patience(5, first_wait=2, longest_wait=9)).of(fail)
    least = (2, 4, 8, 9)
    assert [low <= wait <= low + 1 for low, wait in zip(least, waits, strict=True)] == [True] * 4


def test_what_the_hook_fails_with_is_told(failing: MakeStack, tmp_path: Path) -> None:
    def refuse(error: Diagnostic) -> None:
        raise TerraformError(f"no: {error.address}")

    with pytest.raises(TerraformError, match=r"no: aws_s3_bucket\.logs"):
        failing([NOT_EMPTY], times=9).destroy(refuse)
    assert ran(tmp_path) == ["destroy"]
