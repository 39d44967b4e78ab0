"""What comes of a check, whatever the endpoint answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from skyproof.emulator import Emulator
from skyproof.probe import Outcome, run
from skyproof.probe.bench import Bench, Mismatch
from skyproof.probe.check import Check

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


def outcome_of(endpoint: str, body: Callable[[Bench], None]) -> Outcome:
    [outcome] = run(endpoint, [Check("sqs", "does something", "writes", body)])
    return outcome


def test_a_check_that_returns_holds_and_its_calls_are_on_record(emulator: Emulator) -> None:
    outcome = outcome_of(emulator.endpoint, lambda bench: bench.client("sqs").list_queues())
    assert (outcome.result, outcome.detail) == ("holds", "")
    [call] = outcome.calls
    assert (call.operation, call.status, call.code) == ("sqs:ListQueues", 200, "")


def test_what_is_another_value_differs(emulator: Emulator) -> None:
    outcome = outcome_of(emulator.endpoint, lambda bench: bench.holds({"a": 1}, a=2))
    assert (outcome.result, outcome.detail) == ("differs", "a: got 1, expected 2")


def test_an_operation_that_is_not_there_is_lacking(emulator: Emulator) -> None:
    outcome = outcome_of(emulator.endpoint, lambda bench: bench.client("rum").list_app_monitors())
    assert outcome.result == "lacks"
    assert "rum:ListAppMonitors" in outcome.detail
    assert outcome.calls[0].status == 501


def test_another_refusal_fails_with_its_code(emulator: Emulator) -> None:
    outcome = outcome_of(
        emulator.endpoint, lambda bench: bench.client("sqs").get_queue_url(QueueName="none")
    )
    assert outcome.result == "fails"
    assert outcome.calls[0].code == "AWS.SimpleQueueService.NonExistentQueue"


def test_nobody_there_fails() -> None:
    outcome = outcome_of(NOBODY, lambda bench: bench.client("sqs").list_queues())
    assert outcome.result == "fails"
    assert "Could not connect" in outcome.detail


def test_a_member_that_is_missing_differs(emulator: Emulator) -> None:
    def body(bench: Bench) -> None:
        bench.client("sqs").list_queues()["Nothing"]

    detail = "the answer has another form: KeyError: 'Nothing'"
    assert outcome_of(emulator.endpoint, body).detail == detail


def test_what_was_made_is_undone_also_after_a_mismatch(emulator: Emulator) -> None:
    def body(bench: Bench) -> None:
        bench.queue("undone")
        raise Mismatch("anyway")

    assert outcome_of(emulator.endpoint, body).detail == "anyway"
    assert (
        emulator.world.client("sqs", "us-east-1", "123456789012").list_queues().get("QueueUrls", [])
        == []
    )


def test_what_cannot_be_undone_is_told(emulator: Emulator) -> None:
    def body(bench: Bench) -> None:
        bench.undo(bench.client("s3").delete_bucket, Bucket=bench.name("none"))

    assert outcome_of(emulator.endpoint, body).detail.startswith("left behind: ")


def test_a_wait_in_vain_says_for_what_and_takes_no_real_time(emulator: Emulator) -> None:
    outcome = outcome_of(emulator.endpoint, lambda bench: bench.until(list, 600, "a miracle"))
    assert outcome.detail == "a miracle: nothing within 600 s"
    assert outcome.seconds < 30


def test_the_clock_goes_on_by_itself_afterwards(emulator: Emulator) -> None:
    outcome_of(emulator.endpoint, lambda bench: bench.same("one", 1, 1))
    assert emulator.world.clock.mode == "real"


def test_a_refusal_that_was_expected_holds(emulator: Emulator) -> None:
    def body(bench: Bench, code: str = "AWS.SimpleQueueService.NonExistentQueue") -> None:
        bench.refused(code, bench.client("sqs").get_queue_url, QueueName="none")

    assert outcome_of(emulator.endpoint, body).result == "holds"
    other = outcome_of(emulator.endpoint, lambda bench: body(bench, "Other"))
    assert "error code: got 'AWS.SimpleQueueService" in other.detail
    none = outcome_of(
        emulator.endpoint, lambda bench: bench.refused("Any", bench.client("sqs").list_queues)
    )
    assert none.detail == "error code: got none, expected 'Any'"
