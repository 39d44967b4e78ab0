"""The pytest plugin: options, markers, hooks and the closing summary. Wiring only."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

from skyproof import __version__
from skyproof.errors import SkyproofError
from skyproof.parity.hooks import MARKER as PARITY_MARKER
from skyproof.parity.hooks import Parity
from skyproof.redaction import Redactor
from skyproof.report_redaction import ReportRedaction
from skyproof.session import Session
from skyproof.settings import OPTIONS, resolve
from skyproof.sharding import Shard
from skyproof.standing.stages import WITHOUT_TESTS, StageDone
from skyproof.terraform.progress import Display
from skyproof.terraform.runner import Killed

pytest_plugins = ("skyproof.fixtures", "skyproof.world_plugin")

SESSION = pytest.StashKey[Session]()
SHARD = pytest.StashKey[Shard | None]()
SHARD_FLAG = "--skyproof-shard"
STARTED = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every setting as a command-line option and an ini key."""
    group = parser.getgroup("skyproof", "skyproof: Terraform stacks applied and proved")
    for option in OPTIONS:
        text = f"{option.help} (env {option.env}, ini {option.ini})"
        group.addoption(option.flag, metavar=option.metavar, default=None, help=text)
        parser.addini(option.ini, help=option.help, default=None)
    text = "run only this part of the test files, such as 2/3: for machines that share a suite"
    group.addoption(SHARD_FLAG, metavar="N/M", default=None, help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings and register the markers."""
    config.addinivalue_line(
        "markers",
        "stack(path, variables={}): the stack that the `stack` fixture applies for this module; "
        "the path is relative to the test file, or to the root folder",
    )
    config.addinivalue_line("markers", PARITY_MARKER)
    try:
        settings = resolve(
            {option.name: config.getoption(option.flag) for option in OPTIONS},
            {option.name: config.getini(option.ini) for option in OPTIONS},
        )
        part = config.getoption(SHARD_FLAG)
        config.stash[SHARD] = Shard.read(part, SHARD_FLAG) if part else None
    except SkyproofError as error:
        raise pytest.UsageError(str(error)) from None
    told: dict[str, Any] | None = getattr(config, "workerinput", None)
    redactor = Redactor()
    redactor.learn_environment(os.environ)
    display = Display(_uncaptured_stderr(config), redactor.redact)
    session = Session(settings, display, redactor=redactor, leads=told is None)
    if told is not None and "skyproof" in told:
        session.share(told["skyproof"], told["workerid"])
    config.stash[SESSION] = session
    config.pluginmanager.register(_Interrupts(session))
    config.pluginmanager.register(Parity(session))
    config.pluginmanager.register(ReportRedaction(redactor.redact))
    config.add_cleanup(session.close)
    config.stash[STARTED] = time.monotonic()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the files of other shards to other machines."""
    shard = config.stash[SHARD]
    if shard is None:
        return
    mine = shard.of_files(str(item.path) for item in items)
    config.hook.pytest_deselected(items=[item for item in items if str(item.path) not in mine])
    items[:] = [item for item in items if str(item.path) in mine]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """No test runs in a stage that applies or destroys alone; their fixtures do."""
    stage = item.config.stash[SESSION].settings.stage
    if stage in WITHOUT_TESTS:
        pytest.skip(f"--skyproof-stage={stage}")


class _Interrupts:
    """Tells the session of failures, and of Ctrl-C: what follows is the clean-up.

    pytest's hooks for that name no config.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._session.failed |= report.failed

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # pytest ends a run by an exception that derives from KeyboardInterrupt, too.
        self._session.interrupted |= excinfo.type in (KeyboardInterrupt, Killed)


def _uncaptured_stderr(config: pytest.Config) -> IO[str]:
    """Standard error as it is before pytest captures it, so that progress is seen."""
    try:
        stream = os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8")
    except (OSError, ValueError):  # no real file: pytest runs inside another process's test
        return sys.stderr
    config.add_cleanup(stream.close)
    return stream


def pytest_report_header(config: pytest.Config) -> str:
    """What the run stands on."""
    settings = config.stash[SESSION].settings
    return f"skyproof: {__version__}, backend {settings.backend}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist tells the controller what it did."""
    told: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["skyproof"] = session.config.stash[SESSION].report()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """The controller takes a sandbox for its workers: one run to the account, not several."""
    session = config.stash[SESSION]
    if session.settings.backend == "sandbox":
        try:
            session.backend  # noqa: B018 (starts it)
        except SkyproofError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The controller counts what a worker did; one that crashed tells nothing."""
    told = getattr(node, "workeroutput", {}).get("skyproof")
    if told:
        node.config.stash[SESSION].absorb(told)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Backend, resources, tests, seconds for init, apply, tests and destroy; warm providers."""
    session = config.stash.get(SESSION, None)
    if session is None or not session.resources:
        return
    took = time.monotonic() - config.stash[STARTED]
    rest = took - session.seconds("init", "apply", "destroy")
    tests = sum(len(terminalreporter.stats.get(kind, ())) for kind in ("passed", "failed"))
    terminalreporter.section("skyproof")
    terminalreporter.write_line(
        f"backend {session.settings.backend}, {session.resources} resources applied, "
        f"{tests} tests; seconds: init {session.seconds('init'):.1f}, "
        f"apply {session.seconds('apply'):.1f}, tests {rest:.1f}, "
        f"destroy {session.seconds('destroy'):.1f}"
    )
    if session.told is not None and session.settings.backend != "embedded":
        terminalreporter.write_line(session.told.about)
    if session.providers.started:
        terminalreporter.write_line(f"warm providers: {session.providers}")
    for folder in session.kept + session.kept_worlds:
        terminalreporter.write_line(f"kept: {folder}")
    if session.kept:
        terminalreporter.write_line("`skyproof status` says where they stand and how to end them")


@contextmanager
def reported() -> Iterator[None]:
    """A SkyproofError inside fails the test with its message alone, without our traceback."""
    try:
        yield
    except SkyproofError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    except StageDone as done:
        pytest.skip(str(done))
