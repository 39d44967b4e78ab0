"""The clock of the embedded backend, turned over its own small HTTP interface."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import urllib3
from tenacity import RetryCallState

from skyproof.errors import SkyproofError
from skyproof.expect.clock import fixed_pause

#: Alarms look at metrics every ten seconds at most.
SHORTEST_LOOK = 10.0
LOOKS = 200
#: A long advance may run functions for minutes.
TIMEOUT = 1_800.0


@dataclass(frozen=True)
class EmulatedClock:
    """The emulator's clock.

    Args:
        endpoint: ``http://127.0.0.1:PORT``.
    """

    endpoint: str

    def now(self) -> datetime:
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    @property
    def mode(self) -> str:
        """``real`` or ``manual``."""
        return str(self._call("GET", "clock")["mode"])

    def set(
        self, now: datetime | None = None, mode: Literal["real", "manual"] | None = None
    ) -> None:
        """Put the clock to a time, a mode or both; what lies between is not run."""
        body = {"now": now.isoformat() if now else None, "mode": mode}
        self._call("POST", "clock", {k: v for k, v in body.items() if v is not None})

    def advance(self, by: timedelta | float) -> int:
        """Let time pass, and answer how many events that made."""
        span = by.total_seconds() if isinstance(by, timedelta) else by
        return int(self._call("POST", "clock/advance", {"seconds": span})["events"])

    def wait(self, seconds: float) -> None:
        self.advance(seconds)

    def settle(self) -> int:
        """Run what is due now, such as deliveries on their way; how many events that were."""
        return self.advance(0)

    def pause(self, within: timedelta) -> Callable[[RetryCallState], float]:
        return fixed_pause(max(SHORTEST_LOOK, within.total_seconds() / LOOKS))

    def explain(self, about: str) -> list[str]:
        found = self._call("GET", f"happenings?{urlencode({'about': about})}")["happenings"]
        # What went wrong says most; of the rest, what happened last.
        wrong = [one for one in found if one["outcome"] != "done"]
        return [_line(one) for one in wrong[-8:] + found[-4:]]

    def happenings(self, about: str = "") -> list[dict[str, Any]]:
        """What the emulated services did of their own accord, oldest first."""
        found: list[dict[str, Any]] = self._call(
            "GET", f"happenings?{urlencode({'about': about})}"
        )["happenings"]
        return found

    def fail(self, service: str, operation: str, **fault: Any) -> None:
        """Have an operation refused: ``about=`` a text in its parameters, ``times=`` so often.

        ``code``, ``message`` and ``status`` say how; throttling is the default.
        """
        self._call("POST", "faults", {"service": service, "operation": operation, **fault})

    def heal(self) -> None:
        """Let nothing be refused on order any more."""
        self._call("DELETE", "faults")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        who = "The emulator's clock"
        return ask(self.endpoint, method, path, body, who=who, timeout=TIMEOUT)


def ask(
    endpoint: str,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    who: str,
    timeout: float,
) -> dict[str, Any]:
    """Ask an emulator's own API, beside those of AWS.

    Args:
        path: below ``/_skyproof/``.
        who: refuses, in the words of the error.
        timeout: in seconds.

    Raises:
        SkyproofError: it refuses.
    """
    answer = urllib3.request(
        method,
        f"{endpoint}/_skyproof/{path}",
        body=json.dumps(body).encode() if body is not None else None,
        timeout=timeout,
        retries=False,
    )
    found: dict[str, Any] = json.loads(answer.data)
    if answer.status >= 400:
        raise SkyproofError(f"{who} refuses: {found['error']}")
    return found


def _line(one: dict[str, Any]) -> str:
    target = f" → {one['target']}" if one["target"] else ""
    reason = f": {one['reason']}" if one["reason"] else ""
    return f"{one['at']} {one['source']} {one['what']}{target} {one['outcome']}{reason}"
