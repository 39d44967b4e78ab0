"""What a test expects of real resources: that an alarm fires, a message arrives, a copy appears.

>>> expect(stack.alarm("orders-errors")).fires(within=minutes(5))  # doctest: +SKIP
>>> expect(stack.queue(url)).receives(exactly=1, within=minutes(1))  # doctest: +SKIP

On the embedded backend the clock is turned until it is so; elsewhere the test waits. When it is not
so in time, the error shows what was seen, when, and why deliveries failed.
"""

from __future__ import annotations

from skyproof.expect.clock import Clock, RealClock
from skyproof.expect.emulated import EmulatedClock
from skyproof.expect.expectations import Expect
from skyproof.expect.timeline import Timeline, UnmetExpectation
from skyproof.expect.times import days, hours, minutes, months, seconds
from skyproof.expect.views import Alarm, Bucket, Canary, Metric, Queue, Views

__all__ = [
    "Alarm",
    "Bucket",
    "Canary",
    "Clock",
    "EmulatedClock",
    "Expect",
    "Metric",
    "Queue",
    "RealClock",
    "Timeline",
    "UnmetExpectation",
    "Views",
    "days",
    "hours",
    "minutes",
    "months",
    "seconds",
]
