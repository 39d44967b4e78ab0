"""The plugin's half for worlds: one for each test, what is shared and only read, workers."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from skyproof.applied import AppliedStack, World, has_worlds
from skyproof.backends import capabilities
from skyproof.errors import SkyproofError
from skyproof.plugin import SESSION, reported
from skyproof.session import Session
from skyproof.sharing import Host

FAILED = pytest.StashKey[bool]()
HOST = pytest.StashKey[Host]()
UNENDED = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "destructive: the test changes its `world` so that no other could use it; skipped on a "
        "backend that has no worlds",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The controller applies stacks for all its workers, where their AWS can be copied."""
    stash = node.config.stash
    session = stash[SESSION]
    if "worlds" in capabilities(session.settings, session.run):
        if HOST not in stash:
            stash[HOST] = Host(session)
        node.workerinput["skyproof"] = stash[HOST].invitation()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controller ends what its workers shared, once they are gone."""
    stash = session.config.stash
    if HOST not in stash:
        return
    stash[HOST].close()
    try:
        stash[SESSION].close()
    except SkyproofError as error:
        stash[UNENDED] = str(error)
        session.exitstatus = int(error.exit_code)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What went wrong when the controller ended the run; no test can tell it."""
    if UNENDED in config.stash:
        terminalreporter.section("skyproof, at the end of the run", red=True)
        terminalreporter.write_line(config.stash[UNENDED])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what would spoil the only world that there is."""
    if item.get_closest_marker("destructive"):
        session = item.config.stash[SESSION]
        if "worlds" not in capabilities(session.settings, session.run):
            pytest.skip(
                f"needs a world of its own (capability 'worlds'), and the "
                f"{session.settings.backend} backend has no worlds of its own for each test"
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure for the fixtures that end after it."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that uses the stack of its module only reads it."""
    with _reading_only(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """So do the fixtures of one test; what sets up for several tests may write."""
    if fixturedef.scope == "function":
        with _reading_only(request.node):
            return (yield)
    with request.config.stash[SESSION].read_only.lifted():
        return (yield)


@contextmanager
def _reading_only(item: pytest.Item) -> Iterator[None]:
    session = item.config.stash[SESSION]
    if "stack" in getattr(item, "fixturenames", ()) and session.shared_is_read_only:
        with reported(), session.read_only.during(item.nodeid):
            yield
    else:
        yield


@pytest.fixture
def world(
    request: pytest.FixtureRequest, skyproof_session: Session, stack: AppliedStack
) -> Iterator[World]:
    """A copy of the module's stack and of the AWS that it stands in, for this test alone.

    On a backend that has no worlds it is the stack that all share.
    """
    if not has_worlds(stack.backend):
        yield World(stack.stack, stack.backend, stack.run, is_own=False)
        return
    with reported():
        world = World.of(stack)
    yield world
    with reported():
        if skyproof_session.settings.keep_on_failure and request.node.stash.get(FAILED, False):
            skyproof_session.keep_world(world, request.node.nodeid)
        else:
            world.drop()
