"""Removing what was left: in order, again and again while something goes or may still go.

One thing often holds another: a subnet its group, a late writer its bucket. So it is done in passes
over all that is left, and what a pass was refused is tried in the next. Only what the list calls no
longer tell counts as removed: many deletions are only begun by their call.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_exponential

from skyproof.lifecycle import errors
from skyproof.lifecycle.calls import Context, Step
from skyproof.lifecycle.inventory import ClientFactory, Item, items_of
from skyproof.lifecycle.kinds import KINDS
from skyproof.lifecycle.leaks import Leftover

# A function's network interfaces may take 20 minutes:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
LIMIT_SECONDS = 1500.0

_STILL_THERE = "its deletion was accepted, and it is still there"
_ORDER = {(kind.service, kind.what): place for place, kind in enumerate(KINDS)}
_backoff = wait_exponential(min=1, max=30)


@dataclass(frozen=True)
class Failed:
    """What could not be removed, and why."""

    leftover: Leftover
    reason: str

    def __str__(self) -> str:
        return f"{self.leftover}: {self.reason}"


@dataclass(frozen=True)
class Removed:
    """What went, and what did not."""

    done: tuple[Leftover, ...]
    failed: tuple[Failed, ...]


@dataclass(frozen=True)
class _Refused:
    """Still there after a pass, why, and whether time alone may help."""

    leftover: Leftover
    reason: str
    transient: bool


@dataclass(frozen=True)
class _Pass:
    """What one pass left."""

    refused: list[_Refused]
    progress: bool

    @property
    def goes_on(self) -> bool:
        return bool(self.refused) and (self.progress or any(one.transient for one in self.refused))


def remove(
    client: ClientFactory,
    leftovers: Iterable[Leftover],
    limit_seconds: float = LIMIT_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> Removed:
    """Remove everything given, and nothing else.

    Args:
        sleep: waits between passes that moved nothing.
    """
    wanted = tuple(dict.fromkeys(leftovers))
    cannot = tuple(
        Failed(one, "skyproof cannot delete this kind") for one in wanted if not _place(one)
    )
    passes = _Passes(client, [one for one in wanted if _place(one)])
    last: _Pass = Retrying(
        retry=retry_if_result(lambda done: done.goes_on),
        wait=_wait,
        stop=stop_after_delay(limit_seconds),
        sleep=sleep,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )(passes.next)
    failed = (*cannot, *(Failed(one.leftover, one.reason) for one in last.refused))
    there = {one.leftover for one in failed}
    return Removed(tuple(one for one in wanted if one not in there), failed)


def _wait(state: RetryCallState) -> float:
    """Not at all after a pass that moved something."""
    last = state.outcome.result() if state.outcome else None
    return 0 if last is not None and last.progress else _backoff(state)


class _Passes:
    """Tries all that is left, once a call of :meth:`next`."""

    def __init__(self, client: ClientFactory, leftovers: list[Leftover]) -> None:
        self._client = client
        self._left = sorted(leftovers, key=lambda one: (_place(one), one.item))

    def next(self) -> _Pass:
        tried = [(one, self._try(one)) for one in self._left]
        refused = self._still_there([(one, refusal) for one, refusal in tried if refusal])
        progress = len(refused) < len(self._left)
        self._left = [one.leftover for one in refused]
        return _Pass(refused, progress)

    def _try(self, leftover: Leftover) -> _Refused | None:
        """Nothing where it is gone already."""
        item = leftover.item
        kind = item.known_as
        assert kind is not None
        client = self._client(item.service, item.seen_from, item.account)
        gone = False
        try:
            for step in kind.delete:
                gone = not _made(step, client, item.context)
        except (ClientError, BotoCoreError) as error:
            return _Refused(leftover, str(error), errors.is_transient(error))
        return None if gone else _Refused(leftover, _STILL_THERE, transient=True)

    def _still_there(self, tried: list[tuple[Leftover, _Refused]]) -> list[_Refused]:
        """Those that the list calls still tell, as they tell them now."""
        listed: dict[Any, dict[Item, Item] | str] = {}
        left = []
        for leftover, refusal in tried:
            item = leftover.item
            place = (item.service, item.kind, item.account, item.seen_from)
            if place not in listed:
                listed[place] = self._listed(item)
            now = listed[place]
            if isinstance(now, str):
                left.append(replace(refusal, reason=now))
            elif item in now:
                left.append(replace(refusal, leftover=replace(leftover, item=now[item])))
        return left

    def _listed(self, item: Item) -> dict[Item, Item] | str:
        """Everything of an item's kind and place, or why the list call told nothing."""
        kind = item.known_as
        assert kind is not None
        try:
            found = items_of(self._client, kind, item.account, item.seen_from)
            return {one: one for one in found}
        except (ClientError, BotoCoreError) as error:
            return f"whether it is gone cannot be seen: {error}"


def _made(step: Step, client: Any, context: Context) -> bool:
    """Whether there was something to call it for; if the last step's is gone, so is the item."""
    try:
        step.make(client, context)
    except ClientError as error:
        if not errors.is_gone(error):
            raise
        return False
    return True


def _place(leftover: Leftover) -> int:
    """Its place in the order of removal, from 1; 0 for a kind that has none."""
    return _ORDER.get((leftover.item.service, leftover.item.kind), -1) + 1
