"""The suppression of a composite alarm's actions by another alarm.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html

A transition waits up to WaitPeriod for the suppressor to reach ALARM; another transition drops that
wait and begins a new one. While the suppressor is in ALARM nothing is done; when it leaves, an
ExtensionPeriod passes before what was held back is done for the state of that moment. A transition
during the extension drops it and begins a wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

By = Literal["Alarm", "WaitPeriod", "ExtensionPeriod"]
#: Schedules a call in so many seconds, and gives what cancels it.
Later = Callable[[float, Callable[[], None]], Callable[[], None]]


@dataclass
class Suppression:
    """The suppression of one composite alarm.

    Attributes:
        wait, extension: seconds.
        later: the clock.
        act: does the actions for the alarm's present state.
        by: what suppresses the actions at present.
        held: whether a transition's actions are still to be done.
    """

    wait: float
    extension: float
    later: Later
    act: Callable[[], None]
    by: By | None = None
    held: bool = False
    _cancel: Callable[[], None] | None = None

    def transitioned(self, *, suppressor_in_alarm: bool) -> None:
        """The composite changed its state."""
        self._drop()
        self.held = True
        if suppressor_in_alarm:
            self.by = "Alarm"
        else:
            self._begin("WaitPeriod", self.wait)

    def suppressor_entered(self) -> None:
        """The suppressor went into ALARM."""
        self._drop()
        self.by = "Alarm"

    def suppressor_left(self) -> None:
        """The suppressor left ALARM."""
        self._drop()
        self._begin("ExtensionPeriod", self.extension)

    def discard(self) -> None:
        """Forget waits and what was held: the alarm has another suppressor, or is gone."""
        self._drop()
        self.held = False

    def _begin(self, by: By, seconds: float) -> None:
        if seconds > 0:
            self.by = by
            self._cancel = self.later(seconds, self._over)
        else:
            self._over()

    def _over(self) -> None:
        self.by, self._cancel = None, None
        if self.held:
            self.held = False
            self.act()

    def _drop(self) -> None:
        self.by = None
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
