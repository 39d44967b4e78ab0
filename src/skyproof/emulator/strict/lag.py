"""Reads that lag writes, on services that are eventually consistent.

A read that was asked before is answered as it was until the lag is over; one that was never asked,
of what has just been created, is answered as if it were not there.

* IAM: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
* S3's buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
* SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
* EventBridge: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
* Logs, as seen: https://github.com/aws/aws-sdk-go/issues/650
* Lambda, as seen: its waiters exist for it, https://docs.aws.amazon.com/boto3/latest/reference/services/lambda/waiter/FunctionExists.html
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from werkzeug.wrappers import Response

from skyproof.emulator.memo import changes_configuration
from skyproof.emulator.service import Call, Params

#: The services, and of each the operations that create what its reads then do not find.
_CREATE: dict[str, frozenset[str]] = {
    "events": frozenset(("CreateEventBus", "PutRule")),
    "iam": frozenset(("CreateInstanceProfile", "CreatePolicy", "CreateRole", "CreateUser")),
    "lambda": frozenset(("CreateFunction",)),
    # A new group is found at once: the AWS provider (5.100) fails where it is not.
    "logs": frozenset(),
    "s3": frozenset(("CreateBucket",)),
    "sqs": frozenset(("CreateQueue",)),
}
_READS = ("Describe", "Get", "Head", "List")
#: What begins like a read of configuration and is one of data, or asks no store.
_DATA = frozenset(("GetLogEvents", "GetLogRecord", "GetQueryResults", "GetLayerVersion"))
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Subject:
    """What a request is about.

    Attributes:
        resources: ARNs; empty for all that the service has there.
    """

    service: str
    account: str
    region: str
    operation: str
    params: str
    resources: tuple[str, ...]

    @classmethod
    def of(cls, call: Call, params: Params, resources: Iterable[str]) -> Subject:
        where = (call.target.service, call.account, call.region)
        return cls(*where, call.operation, repr(params), tuple(resources))

    @property
    def is_read(self) -> bool:
        return self.operation.startswith(_READS) and self.operation not in _DATA

    def concerns(self, other: Subject) -> bool:
        """Whether what this one changes may show in what the other reads."""
        here, there = ((one.service, one.account, one.region) for one in (self, other))
        shared = set(self.resources) & set(other.resources)
        return here == there and bool(shared or not self.resources or not other.resources)


@dataclass
class _Kept:
    """An answer, and since when it is out of date; ``None`` while it is the truth."""

    answer: Response
    outdated: float | None = None


class Lag:
    """What was answered, and what has just been written.

    Args:
        seconds: how long reads lag.
        now: seconds of real time.
    """

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._seconds, self._now = seconds, now
        self._kept: OrderedDict[Subject, _Kept] = OrderedDict()
        self._created: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def covers(self, subject: Subject) -> bool:
        """Whether requests like this lag, or make others lag."""
        is_of_object = subject.service == "s3" and any("/" in one for one in subject.resources)
        return self._seconds > 0 and subject.service in _CREATE and not is_of_object

    def earlier(self, subject: Subject) -> Response | None:
        """What a read was answered before the write that it does not show yet."""
        with self._lock:
            kept = self._kept.get(subject)
            if kept is None or kept.outdated is None or self._is_over(kept.outdated):
                return None
            return kept.answer

    def is_new(self, account: str, resource: str) -> bool:
        """Whether something was created so recently that others do not see it yet."""
        with self._lock:
            created = self._created.get((account, resource))
            return created is not None and not self._is_over(created)

    def unseen(self, subject: Subject) -> str | None:
        """The resource that a read asks for and does not see yet."""
        found = subject.resources if subject.is_read else ()
        return next((one for one in found if self.is_new(subject.account, one)), None)

    def answered(self, subject: Subject, answer: Response) -> None:
        """A read was answered with the truth."""
        if answer.status_code >= 500:
            return
        with self._lock:
            self._kept[subject] = _Kept(answer)
            self._kept.move_to_end(subject)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def written(self, subject: Subject) -> None:
        """Something was changed."""
        if not changes_configuration(subject.operation):
            return
        now = self._now()
        with self._lock:
            for other, kept in self._kept.items():
                if kept.outdated is None and subject.concerns(other):
                    kept.outdated = now
            if subject.operation in _CREATE[subject.service]:
                self._created |= {(subject.account, one): now for one in subject.resources}

    def _is_over(self, since: float) -> bool:
        return self._now() >= since + self._seconds
