"""SyntheticsConfiguration: which pictures and metrics a canary makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_SCREENSHOTS = (
    "screenshot_on_step_start",
    "screenshot_on_step_success",
    "screenshot_on_step_failure",
)
_REQUESTS = ("failed_requests_metric", "2xx_metric", "4xx_metric", "5xx_metric")
_AGGREGATED = tuple(f"aggregated_{name}" for name in _REQUESTS)
_STEPS = ("step_duration_metric", "step_success_metric")
_DEFAULTS: dict[str, bool] = {
    **dict.fromkeys(
        (
            *_SCREENSHOTS,
            *_REQUESTS,
            *_AGGREGATED,
            *_STEPS,
            "failed_canary_metric",
            "aggregated_failed_canary_metric",
        ),
        True,
    ),
    "continue_on_step_failure": False,
}


class SyntheticsConfiguration:
    """Options by the names that ``set_config`` takes.

    Each has a ``with_<option>(value)``, which answers the configuration itself, and a
    ``get_<option>()``. Options of other runtimes are kept and have no effect.
    """

    def __init__(self) -> None:
        self._options: dict[str, Any] = dict(_DEFAULTS)

    def set_config(self, options: dict[str, Any]) -> SyntheticsConfiguration:
        self._options.update(options)
        return self

    def get_config(self) -> dict[str, Any]:
        """All options; a copy."""
        return dict(self._options)

    def disable_step_screenshots(self) -> SyntheticsConfiguration:
        return self._switch(_SCREENSHOTS, on=False)

    def enable_step_screenshots(self) -> SyntheticsConfiguration:
        return self._switch(_SCREENSHOTS, on=True)

    def disable_step_metrics(self) -> SyntheticsConfiguration:
        return self._switch(_STEPS, on=False)

    def enable_step_metrics(self) -> SyntheticsConfiguration:
        return self._switch(_STEPS, on=True)

    def disable_request_metrics(self) -> SyntheticsConfiguration:
        return self._switch((*_REQUESTS, *_AGGREGATED), on=False)

    def enable_request_metrics(self) -> SyntheticsConfiguration:
        return self._switch((*_REQUESTS, *_AGGREGATED), on=True)

    def disable_aggregated_request_metrics(self) -> SyntheticsConfiguration:
        return self._switch(_AGGREGATED, on=False)

    def enable_aggregated_request_metrics(self) -> SyntheticsConfiguration:
        return self._switch(_AGGREGATED, on=True)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb, _, option = name.partition("_")
        if option in _DEFAULTS and verb == "get":
            return lambda: self._options[option]
        if option in _DEFAULTS and verb == "with":
            return lambda value: self.set_config({option: value})
        raise AttributeError(f"synthetics_configuration has no {name}")

    def _switch(self, options: tuple[str, ...], *, on: bool) -> SyntheticsConfiguration:
        return self.set_config(dict.fromkeys(options, on))
