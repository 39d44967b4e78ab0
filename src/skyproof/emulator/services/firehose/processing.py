"""Calling the function that transforms records, again while it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from skyproof.emulator.acting import acting_as
from skyproof.emulator.clock import stopwatch
from skyproof.emulator.happenings import Outcome
from skyproof.emulator.services.firehose import transform
from skyproof.emulator.services.firehose.buffer import Record
from skyproof.emulator.services.firehose.reporting import Reporter, acting_under
from skyproof.emulator.services.firehose.transform import Failure, Transformed, UnreadableAnswer

if TYPE_CHECKING:
    from skyproof.emulator.services.firehose.settings import Processor

#: Of what a failing function answered, this many bytes are kept as the reason.
MAX_REASON = 500


class InvocationFailed(Exception):
    """The function was not called, or failed.

    Args:
        reason: more than AWS tells, for whoever looks for the cause.
    """

    def __init__(self, failure: Failure, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure
        self.outcome = outcome
        self.reason = reason


@dataclass
class Processed:
    """What processing made of a batch.

    Attributes:
        errors: the failed records, each with the line that is written of it.
    """

    done: list[Record] = field(default_factory=list)
    errors: list[tuple[Record, bytes]] = field(default_factory=list)


def process(reporter: Reporter, processor: Processor, records: Sequence[Record]) -> Processed:
    """Have records transformed, in calls of the configured size."""
    processed = Processed()
    for chunk in transform.chunks(records, processor.size):
        transformed, attempts = _transform(reporter, processor, chunk)
        ended = reporter.world.clock.now()
        processed.done += transformed.done
        for record, failure in transformed.failed:
            line = transform.error_line(
                record, failure, attempts=attempts, ended=ended, function=processor.function
            )
            processed.errors.append((record, line))
    return processed


def _transform(
    reporter: Reporter, processor: Processor, records: Sequence[Record]
) -> tuple[Transformed, int]:
    """The result, and how many calls it took. An answer is final, however it looks."""
    attempts = 0
    while True:
        attempts += 1
        try:
            answer = _call(reporter, processor, records)
        except InvocationFailed as error:
            if attempts <= processor.retries:
                continue
            failed = [(record, error.failure) for record in records]
            return Transformed(failed=failed), attempts
        return _read(reporter, processor, answer, records), attempts


def _read(
    reporter: Reporter, processor: Processor, answer: bytes, records: Sequence[Record]
) -> Transformed:
    try:
        transformed = transform.read(answer, records)
    except UnreadableAnswer as error:
        failure = Failure.known("Lambda.JsonProcessingException")
        reporter.tell("transform", processor.function, "failed", str(error))
        transformed = Transformed(failed=[(record, failure) for record in records])
    failures = {failure.code: failure for _, failure in transformed.failed}
    for code, failure in sorted(failures.items()):
        # What the function itself declares failed, it is to log itself.
        if code != "Lambda.ProcessingFailedStatus":
            reporter.log(code, failure.message, processor=processor.function)
    return transformed


def _call(reporter: Reporter, processor: Processor, records: Sequence[Record]) -> bytes:
    """Invoke the function, and tell how that went."""
    begun = stopwatch()
    try:
        answer = _invoke(reporter, processor, records)
    except InvocationFailed as error:
        _count(reporter, 0.0, begun)
        reporter.tell("transform", processor.function, error.outcome, error.reason)
        reporter.log(error.failure.code, error.failure.message, processor=processor.function)
        raise
    _count(reporter, 1.0, begun)
    reporter.tell("transform", processor.function)
    return answer


def _invoke(reporter: Reporter, processor: Processor, records: Sequence[Record]) -> bytes:
    """The function's answer to one call.

    Raises:
        InvocationFailed: Lambda refuses, or the function fails.
    """
    where, settings, stream = processor.function.split(":"), reporter.settings, reporter.stream
    client = reporter.world.client("lambda", where[3], where[4])
    with reporter.world.lock:
        invocation_id = str(stream.draw())
    source = settings.source.arn if settings.source is not None else None
    event = transform.payload(records, invocation_id, settings.arn, stream.region, source)
    try:
        with acting_as(acting_under(processor.role)):
            answer = client.invoke(FunctionName=processor.function, Payload=event)
    except ClientError as error:
        detail = error.response["Error"]
        failure = Failure.of_refusal(detail["Code"], detail.get("Message", ""))
        raise InvocationFailed(failure, "refused", str(error)) from error
    body: bytes = answer["Payload"].read()
    if "FunctionError" in answer:
        reason = body[:MAX_REASON].decode(errors="replace")
        raise InvocationFailed(Failure.known("Lambda.FunctionError"), "failed", reason)
    return body


def _count(reporter: Reporter, success: float, begun: float) -> None:
    reporter.count("ExecuteProcessing.Success", success)
    reporter.count("ExecuteProcessing.Duration", (stopwatch() - begun) * 1000, "Milliseconds")
