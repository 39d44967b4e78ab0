"""pytest's reports without secrets: terminal, JUnit XML and other processes are told by them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

Redact = Callable[[str], str]


class ReportRedaction:
    """A plugin that redacts every report before others see it."""

    def __init__(self, redact: Redact) -> None:
        self._redact = redact

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A test's set-up, call or tear-down."""
        report = yield
        report.user_properties = redacted(report.user_properties, self._redact)
        self._take_secrets_from(report)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """A file that was collected, or cannot be."""
        report = yield
        self._take_secrets_from(report)
        return report

    def _take_secrets_from(self, report: Any) -> None:
        report.longrepr = redacted(report.longrepr, self._redact)
        report.sections = redacted(report.sections, self._redact)


def redacted(value: Any, redact: Redact) -> Any:
    """The value with every text in it redacted.

    What pytest shows of a failure is a tree of its own objects, whose texts are replaced in place:
    each form of it (short, long, native, chained) is then covered, with its colours.
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return type(value)(redacted(one, redact) for one in value)
    if type(value).__module__.startswith("_pytest."):
        for name, inner in vars(value).items():
            setattr(value, name, redacted(inner, redact))
    return value
