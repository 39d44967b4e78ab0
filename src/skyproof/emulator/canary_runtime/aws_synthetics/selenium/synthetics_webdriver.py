"""Steps, and a browser to take them in."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from .. import results  # noqa: TID252 (its name is its search path's)
from ..common import synthetics_configuration, synthetics_logger  # noqa: TID252
from . import browser  # noqa: TID252

__all__ = [
    "Chrome",
    "add_execution_error",
    "add_user_agent",
    "execute_step",
    "get_http_response",
]


def Chrome(*args: Any, **kwargs: Any) -> Any:  # noqa: N802 (AWS's name)
    """Start Chromium, without a window.

    Raises:
        BrowserUnavailable: this machine lacks what it takes; says what.
    """
    return browser.start(*args, **kwargs)


def add_user_agent(user_agent_str: str) -> None:
    """Append to the user agent of the browsers that are started from now on."""
    browser.user_agents.append(user_agent_str)


def add_execution_error(errorMessage: str, ex: BaseException | None = None) -> None:  # noqa: N803
    """Fail the run without interrupting the script, and without a mark on its success."""
    synthetics_logger.error("%s: %s", errorMessage, ex)
    results.add("execution error", message=f"{errorMessage}: {ex}" if ex else errorMessage)


def get_http_response(url: str) -> int | None:
    """The status that an address answers; None without an answer.

    AWS does not document it, but its blueprint for heartbeats uses it.
    """
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


def execute_step(step_name: str, function_to_execute: Callable[[], Any]) -> Step:
    """Take one step: what the function returns passes, what it raises fails.

    A plain function runs at once, so that the step is taken even where nobody awaits it; a
    coroutine function runs when the answer is awaited.

    Returns:
        An awaitable of what the function returned; awaiting a step that failed raises its error.
    """
    return Step(step_name, function_to_execute)


class Step(Awaitable[Any]):
    """A step on its way.

    Its error shows once: where a plain function fails, the call itself raises, as the script may
    never look at the answer.
    """

    def __init__(self, name: str, function: Callable[[], Any]) -> None:
        self._name = name
        self._value: Any = None
        self._later: Awaitable[Any] | None = None
        self._begin()
        try:
            self._value = function()
        except Exception as error:  # noqa: BLE001 (whatever the script raises is its result)
            self._fail(error)
            return
        if inspect.isawaitable(self._value):
            self._later, self._value = self._value, None
        else:
            self._pass()

    def __await__(self) -> Generator[Any, Any, Any]:
        later, self._later = self._later, None
        if later is not None:
            try:
                self._value = yield from later.__await__()
            except Exception as error:  # noqa: BLE001
                self._fail(error)
            else:
                self._pass()
        return self._value

    def _begin(self) -> None:
        synthetics_logger.info("Starting step %s", self._name)
        self._photograph("screenshot_on_step_start", "starting")
        self._started = time.time()

    def _pass(self) -> None:
        self._tell("PASSED", None)
        synthetics_logger.info("Step %s passed", self._name)
        self._photograph("screenshot_on_step_success", "succeeded")

    def _fail(self, error: Exception) -> None:
        """Raise the error again, unless the script is to go on."""
        reason = f"{type(error).__name__}: {error}"
        self._tell("FAILED", reason)
        synthetics_logger.error("Step %s failed: %s", self._name, reason)
        self._photograph("screenshot_on_step_failure", "failed")
        if not synthetics_configuration.get_config()["continue_on_step_failure"]:
            raise error

    def _tell(self, result: str, reason: str | None) -> None:
        options = synthetics_configuration.get_config()
        results.add(
            "step",
            name=self._name,
            result=result,
            reason=reason,
            started=self._started,
            ended=time.time(),
            continues=bool(options["continue_on_step_failure"]),
            duration_metric=bool(options["step_duration_metric"]),
            success_metric=bool(options["step_success_metric"]),
        )

    def _photograph(self, option: str, suffix: str) -> None:
        if not synthetics_configuration.get_config()[option]:
            return
        name = re.sub(r"[^\w.-]", "_", self._name)
        for one in browser.open_browsers():
            try:
                one.save_screenshot(f"{name}.png", suffix)
            except Exception as error:  # noqa: BLE001 (a picture decides nothing)
                add_execution_error("Unable to take screenshot", error)
