"""Bad days: what happens, how often, that it happens again, and that clients get over it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from skyproof.emulator.strict.faults import Faults
from skyproof.emulator.strict.settings import Settings
from tests.unit.skyproof.emulator.strict.conftest import Start, described, refusal, statement

QUIET = Settings(callers=())
EVERYTHING = statement(Action="*", Resource="*")


def at_its_most(member: str, seed: int = 0) -> Settings:
    """One kind of fault, as often as settings allow."""
    members: dict[str, Any] = {member: 0.2}
    return replace(QUIET, seed=seed, **members)


def drawn(settings: Settings, many: int = 2000, operation: str = "GetRole") -> list[str | None]:
    faults = Faults(settings)
    return [faults.next("iam", operation) for _ in range(many)]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("throttle", {"throttled"}),
        ("errors", {"failure", "unavailable"}),
        ("resets", {"reset before", "reset after"}),
    ],
)
def test_each_kind_happens_at_its_rate_and_is_evenly_mixed(member: str, expected: set[str]) -> None:
    found = Counter(drawn(at_its_most(member)))
    del found[None]
    assert set(found) == expected
    assert 0.17 < found.total() / 2000 < 0.23
    assert min(found.values()) > found.total() / len(expected) * 0.8


def test_nothing_happens_unless_it_is_asked_for() -> None:
    assert set(drawn(QUIET)) == {None}


def test_a_seed_makes_the_same_day_whatever_is_asked_in_between() -> None:
    settings = replace(QUIET, throttle=0.2, errors=0.2, resets=0.2)
    alone = drawn(settings, 200)
    assert alone == drawn(settings, 200)
    assert alone != drawn(replace(settings, seed=1), 200)
    assert alone != drawn(settings, 200, "GetUser")
    mixed = Faults(settings)
    got = [(mixed.next("iam", "GetRole"), mixed.next("sqs", "ListQueues"))[0] for _ in alone]
    assert got == alone


def seed_for(wanted: str, member: str, operation: str, service: str = "sqs") -> int:
    """A seed with which this happens to the first request of an operation and not to the next."""
    for seed in range(10_000):
        faults = Faults(at_its_most(member, seed))
        if [faults.next(service, operation) for _ in range(2)] == [wanted, None]:
            return seed
    raise AssertionError(f"no seed makes {operation} {wanted}")


@pytest.mark.parametrize(
    ("wanted", "member", "counted", "expected"),
    [
        ("throttled", "throttle", "throttled", (400, "RequestThrottled")),
        ("failure", "errors", "errors", (500, "InternalFailure")),
        ("unavailable", "errors", "errors", (503, "ServiceUnavailable")),
    ],
)
def test_a_fault_is_told_once_and_then_all_is_well(
    start: Start, wanted: str, member: str, counted: str, expected: tuple[int, str]
) -> None:
    seed = seed_for(wanted, member, "CreateQueue")
    strict = start(described(EVERYTHING, seed=seed, **{member: 0.2}))
    sqs = strict.client("sqs")
    assert refusal(sqs.create_queue, QueueName="q")[:2] == expected
    sqs.create_queue(QueueName="q")
    assert strict.counts()[counted] == 1


@pytest.mark.parametrize(("when", "done"), [("reset before", False), ("reset after", True)])
def test_a_connection_closes_before_or_after_the_request_was_carried_out(
    start: Start, when: str, done: bool
) -> None:
    seed = seed_for(when, "resets", "CreateBucket", "s3")
    strict = start(described(EVERYTHING, seed=seed, resets=0.2))
    bucket: dict[str, Any] = {
        "Bucket": "mine",
        "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"},
    }
    with pytest.raises(ConnectionClosedError):
        strict.client("s3").create_bucket(**bucket)
    create = strict.client("s3").create_bucket
    if done:
        assert refusal(create, **bucket)[1] == "BucketAlreadyOwnedByYou"
    else:
        create(**bucket)
    assert strict.counts()["resets"] == 1


@retry(
    stop=stop_after_attempt(10),
    retry=retry_if_exception_type((ClientError, ConnectionClosedError)),
    reraise=True,
)
def tried_again(call: Any, **params: Any) -> None:
    call(**params)


def test_a_client_that_tries_again_gets_through_a_bad_day(start: Start) -> None:
    strict = start(described(EVERYTHING, throttle=0.2, errors=0.2, resets=0.2, seed=3))
    sqs = strict.client("sqs")
    for number in range(20):
        tried_again(sqs.create_queue, QueueName=f"q{number}")
    counts = strict.counts()
    faults = [counts[kind] for kind in ("throttled", "errors", "resets")]
    assert min(faults) > 0, counts
    assert counts["requests"] == 20 + sum(faults)


def test_the_world_behind_has_no_bad_days(start: Start) -> None:
    strict = start(described(EVERYTHING, throttle=0.2, errors=0.2, resets=0.2, seed=3))
    inside = strict.emulator.world.client("sqs", "eu-west-1", "111122223333")
    for number in range(50):
        inside.create_queue(QueueName=f"q{number}")
    assert strict.counts()["requests"] == 0
