"""Refusals on order: an operation that is throttled or fails as often as a test asks for.

Faults stand in front of an operation, whoever calls it, so that retries and dead-letter queues can
be seen at work.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Params


@dataclass
class Fault:
    """One kind of refusal.

    Attributes:
        about: only requests that hold this text anywhere in their parameters, such as an ARN.
        times: how often it is still to happen; ``None`` for ever.
        code, message, status: the error that the caller gets.
    """

    service: str
    operation: str
    about: str = ""
    times: int | None = None
    code: str = "ThrottlingException"
    message: str = "Rate exceeded"
    status: int = 429

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


class Faults:
    """The faults of a world, the first that fits comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Any:
        return iter(list(self._faults))

    def add(self, fault: Fault) -> None:
        """Let it happen from now on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing fail any more."""
        with self._lock:
            self._faults.clear()

    def raise_for(self, service: str, operation: str, params: Params) -> None:
        """Refuse a request that a fault is about.

        Raises:
            AwsError: the fault's.
        """
        with self._lock:
            fault = next((f for f in self._faults if _fits(f, service, operation, params)), None)
            if fault is None:
                return
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
        raise AwsError(fault.code, fault.message, status=fault.status)


def _fits(fault: Fault, service: str, operation: str, params: Params) -> bool:
    return (fault.service, fault.operation) == (service, operation) and fault.about in str(params)
