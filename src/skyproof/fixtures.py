"""The plugin's fixtures: the run, its AWS and its time, stacks and what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skyproof.applied import AppliedStack, World
from skyproof.backends import Backend
from skyproof.errors import SkyproofError
from skyproof.expect import Clock, EmulatedClock, Expect
from skyproof.plugin import SESSION, reported
from skyproof.run import Run
from skyproof.session import Session
from skyproof.settings import Settings

ClientFactory = Callable[..., Any]
ApplyFactory = Callable[..., AppliedStack]


@pytest.fixture(scope="session")
def skyproof_session(pytestconfig: pytest.Config) -> Iterator[Session]:
    """The run itself: starts the backend on first use, destroys everything at the end."""
    session = pytestconfig.stash[SESSION]
    yield session
    with reported():
        try:
            session.close()
        except SkyproofError as error:
            if session.interrupted:  # pytest is ending already, and shows no failures any more
                pytest.exit(str(error), int(error.exit_code))
            raise


@pytest.fixture(scope="session")
def skyproof_settings(skyproof_session: Session) -> Settings:
    """The settings of the run."""
    return skyproof_session.settings


@pytest.fixture(scope="session")
def run(skyproof_session: Session) -> Run:
    """Who this run is: ``run.suffix`` makes names unique, ``run.tags`` say whose things are."""
    return skyproof_session.run


@pytest.fixture(scope="session")
def backend(skyproof_session: Session) -> Backend:
    """The AWS that stacks are applied to, started."""
    with reported():
        return skyproof_session.backend


@pytest.fixture(scope="session")
def client(backend: Backend) -> ClientFactory:
    """``client(service, region=None, account=None)``: boto3 against the backend."""
    return backend.client


@pytest.fixture
def clock(request: pytest.FixtureRequest, skyproof_session: Session) -> Iterator[Clock]:
    """The time of the AWS under test: on the embedded backend a clock that stands until turned.

    In a test that has a `world` it is the world's. Else it goes on by itself again after the test,
    from where it was left: time never runs backwards.
    """
    if "world" in request.fixturenames:
        world: World = request.getfixturevalue("world")
        if world.is_own:
            yield world.clock
            return
    with reported():
        clock = skyproof_session.backend.clock()
    if not isinstance(clock, EmulatedClock):
        yield clock
        return
    before = clock.mode
    with skyproof_session.read_only.lifted():
        clock.set(mode="manual")
    yield clock
    if before == "real":
        clock.set(mode="real")


@pytest.fixture
def expect(clock: Clock) -> Expect:
    """``expect(stack.views().alarm("name")).fires(within=minutes(5))``, and its like."""
    return Expect(clock)


@pytest.fixture(scope="session")
def applied(skyproof_session: Session, pytestconfig: pytest.Config) -> ApplyFactory:
    """``applied(path, variables={})``: a stack applied now and destroyed when the run ends."""

    def apply(path: str | Path, variables: dict[str, Any] | None = None) -> AppliedStack:
        with reported():
            return skyproof_session.apply(pytestconfig.rootpath / path, variables)

    return apply


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest, skyproof_session: Session) -> Iterator[AppliedStack]:
    """The stack that the module's ``stack`` marker names, destroyed when the module is done."""
    marker = request.node.get_closest_marker("stack")
    if marker is None:
        pytest.fail(
            f"{request.node.nodeid} uses the `stack` fixture without naming a stack.\n"
            'Write: pytestmark = pytest.mark.stack("path/to/module", variables={...})',
            pytrace=False,
        )
    path, variables = _marked(*marker.args, **marker.kwargs)
    with reported():
        made = skyproof_session.apply(_resolve(request, path), variables)
    yield made
    if not skyproof_session.interrupted:  # else the session destroys it, last of all
        with reported():
            skyproof_session.destroy(made.stack)


@pytest.fixture
def outputs(stack: AppliedStack) -> Any:
    """The outputs of the module's stack."""
    return stack.outputs


@pytest.fixture
def plan(stack: AppliedStack) -> Any:
    """A fresh plan of the module's stack: empty unless something drifted."""
    return stack.plan()


def _marked(
    path: str, variables: dict[str, Any] | None = None
) -> tuple[str, dict[str, Any] | None]:
    return path, variables


def _resolve(request: pytest.FixtureRequest, path: str) -> Path:
    beside = Path(request.path).parent / path
    return beside if beside.exists() else Path(request.config.rootpath) / path
