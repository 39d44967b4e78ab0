"""The suppression of a composite's actions, by the pictures of the documentation.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from skyproof.emulator.services.cloudwatch.suppression import Suppression


@dataclass
class Timer:
    """Calls that wait, to be let go by hand."""

    waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def later(self, seconds: float, call: Callable[[], None]) -> Callable[[], None]:
        entry = (seconds, call)
        self.waiting.append(entry)
        return lambda: self.waiting.remove(entry)

    def ring(self) -> None:
        [(_, call)] = self.waiting
        self.waiting.clear()
        call()


@dataclass
class Scene:
    timer: Timer
    done: list[str]
    suppression: Suppression


@pytest.fixture
def scene() -> Scene:
    timer, done = Timer(), list[str]()
    return Scene(timer, done, Suppression(120, 180, timer.later, lambda: done.append("acted")))


def test_actions_wait_for_the_suppressor_and_are_then_done(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=False)
    assert (scene.suppression.by, scene.done) == ("WaitPeriod", [])

    scene.timer.ring()

    assert (scene.suppression.by, scene.done) == (None, ["acted"])


def test_a_suppressor_that_comes_in_time_holds_the_actions_back(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=False)
    scene.suppression.suppressor_entered()

    assert (scene.suppression.by, scene.done, scene.timer.waiting) == ("Alarm", [], [])


def test_what_was_held_back_is_done_after_the_extension(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=True)
    scene.suppression.suppressor_left()
    assert (scene.suppression.by, scene.done) == ("ExtensionPeriod", [])

    scene.timer.ring()

    assert scene.done == ["acted"]


def test_nothing_is_done_after_the_extension_where_nothing_was_held(scene: Scene) -> None:
    scene.suppression.suppressor_entered()
    scene.suppression.suppressor_left()
    scene.timer.ring()

    assert scene.done == []


def test_a_transition_during_the_wait_begins_another_wait(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=False)
    scene.suppression.transitioned(suppressor_in_alarm=False)

    assert [seconds for seconds, _ in scene.timer.waiting] == [120]


def test_a_transition_during_the_extension_begins_a_wait(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=True)
    scene.suppression.suppressor_left()
    scene.suppression.transitioned(suppressor_in_alarm=False)

    assert scene.suppression.by == "WaitPeriod"
    assert [seconds for seconds, _ in scene.timer.waiting] == [120]


def test_a_suppressor_that_comes_back_ends_the_extension(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=True)
    scene.suppression.suppressor_left()
    scene.suppression.suppressor_entered()

    assert (scene.suppression.by, scene.timer.waiting) == ("Alarm", [])


def test_without_periods_nothing_is_waited_for() -> None:
    timer, done = Timer(), list[str]()
    suppression = Suppression(0, 0, timer.later, lambda: done.append("acted"))

    suppression.transitioned(suppressor_in_alarm=False)

    assert (done, timer.waiting) == (["acted"], [])


def test_another_suppressor_discards_what_was_held(scene: Scene) -> None:
    scene.suppression.transitioned(suppressor_in_alarm=False)
    scene.suppression.discard()

    assert (scene.suppression.by, scene.suppression.held, scene.timer.waiting) == (None, False, [])
