"""pytest's side of parity: who must say where it holds, who is skipped, what is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from skyproof.parity.marks import REQUIRED, ParityError, Verdict, missing, read
from skyproof.parity.records import Found, write
from skyproof.session import Session

MARKER = (
    'parity(localstack="holds", sandbox="fails: <why>"): on which backends the test holds: '
    '"holds", "supplied" (for skyproof answers there) or "fails: <why>"'
)


class Parity:
    """Registered with pytest by the plugin, once for a run.

    Args:
        session: says which backend it is, and what it was when it ran.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._outcomes: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Skip by name what does not hold here; refuse what does not say where it holds."""
        wrong: list[str] = []
        for item in items:
            try:
                self._judge(item)
            except ParityError as error:
                wrong.append(f"{item.nodeid}: {error}")
        if wrong:
            raise pytest.UsageError("\n".join(wrong))

    def _judge(self, item: pytest.Item) -> None:
        settings = self._session.settings
        verdicts = verdicts_of(item)
        if settings.parity == "require" and "skyproof_session" in getattr(item, "fixturenames", ()):
            silent = missing(verdicts)
            if silent:
                example = ", ".join(f'{name}="holds"' for name in REQUIRED)
                raise ParityError(
                    f"it does not say whether it holds on {', '.join(silent)}; "
                    f"mark it: @pytest.mark.parity({example})"
                )
        here = verdicts.get(settings.backend)
        if here is not None and not here.runs:
            reason = f"does not hold on {settings.backend}: {here.reason}"
            item.add_marker(pytest.mark.skip(reason=reason))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of set-up, test and teardown."""
        if report.failed:
            self._outcomes[report.nodeid] = "failed"
        elif report.skipped:
            self._outcomes.setdefault(report.nodeid, f"skipped: {_reason(report)}")
        elif report.when == "call":
            self._outcomes.setdefault(report.nodeid, "passed")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write what was found; under pytest-xdist the controller does, which hears of all."""
        folder = self._session.settings.record_parity
        if folder is None or hasattr(session.config, "workeroutput") or not self._outcomes:
            return
        told, today = self._session.told, datetime.now(UTC).date().isoformat()
        if told is None:
            return  # no backend was started: nothing was found of one
        found = {
            test: Found(outcome, told.version, today) for test, outcome in self._outcomes.items()
        }
        write(Path(session.config.rootpath, folder), told.name, told.about, found)


def verdicts_of(item: pytest.Item) -> dict[str, Verdict]:
    """What a test says, or its class or module for it; the nearest marker counts.

    Raises:
        ParityError: it cannot be read.
    """
    marker = item.get_closest_marker("parity")
    if marker is None:
        return {}
    if marker.args:
        raise ParityError("the parity marker takes keywords alone, a backend each")
    return read(marker.kwargs)


def _reason(report: pytest.TestReport) -> str:
    place = report.longrepr
    text = place[2] if isinstance(place, tuple) else str(place)
    return text.removeprefix("Skipped: ")
