"""The pytest plugin: options, markers, fixtures and the closing summary. Wiring only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from skyproof.backends import Backend
from skyproof.errors import SkyproofError
from skyproof.session import AppliedStack, Session
from skyproof.settings import OPTIONS, Settings, resolve

SESSION = pytest.StashKey[Session]()
STARTED = pytest.StashKey[float]()

ClientFactory = Callable[..., Any]
ApplyFactory = Callable[..., AppliedStack]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every setting as a command-line option and an ini key."""
    group = parser.getgroup("skyproof", "skyproof: Terraform stacks applied and proved")
    for option in OPTIONS:
        text = f"{option.help} (env {option.env}, ini {option.ini})"
        group.addoption(option.flag, metavar=option.metavar, default=None, help=text)
        parser.addini(option.ini, help=option.help, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings and register the marker."""
    config.addinivalue_line(
        "markers",
        "stack(path, variables={}): the stack that the `stack` fixture applies for this module; "
        "the path is relative to the test file, or to the root folder",
    )
    try:
        settings = resolve(
            {option.name: config.getoption(option.flag) for option in OPTIONS},
            {option.name: config.getini(option.ini) for option in OPTIONS},
        )
    except SkyproofError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[SESSION] = Session(settings)
    config.stash[STARTED] = time.monotonic()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """One line: backend, resources, tests, and seconds for init, apply, tests and destroy."""
    session = config.stash.get(SESSION, None)
    if session is None or not session.resources:
        return
    took = time.monotonic() - config.stash[STARTED]
    spent = {what: session.seconds.get(what, 0.0) for what in ("init", "apply", "destroy")}
    tests = sum(len(terminalreporter.stats.get(kind, ())) for kind in ("passed", "failed"))
    terminalreporter.section("skyproof")
    terminalreporter.write_line(
        f"backend {session.settings.backend}, {session.resources} resources applied, "
        f"{tests} tests; seconds: init {spent['init']:.1f}, apply {spent['apply']:.1f}, "
        f"tests {took - sum(spent.values()):.1f}, destroy {spent['destroy']:.1f}"
    )
    for folder in session.kept:
        terminalreporter.write_line(f"kept: {folder}")


@pytest.fixture(scope="session")
def skyproof_session(pytestconfig: pytest.Config) -> Iterator[Session]:
    """The run itself: starts the backend on first use, destroys everything at the end."""
    session = pytestconfig.stash[SESSION]
    yield session
    try:
        session.close()
    except SkyproofError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def skyproof_settings(skyproof_session: Session) -> Settings:
    """The settings of the run."""
    return skyproof_session.settings


@pytest.fixture(scope="session")
def backend(skyproof_session: Session) -> Backend:
    """The AWS that stacks are applied to, started."""
    try:
        return skyproof_session.backend
    except SkyproofError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def client(backend: Backend) -> ClientFactory:
    """``client(service, region=None, account=None)``: boto3 against the backend."""
    return backend.client


@pytest.fixture(scope="session")
def applied(skyproof_session: Session, pytestconfig: pytest.Config) -> ApplyFactory:
    """``applied(path, variables={})``: a stack applied now and destroyed when the run ends."""

    def apply(path: str | Path, variables: dict[str, Any] | None = None) -> AppliedStack:
        source = pytestconfig.rootpath / path
        try:
            return skyproof_session.apply(source, variables)
        except SkyproofError as error:
            pytest.fail(str(error), pytrace=False)

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
    try:
        made = skyproof_session.apply(_resolve(request, path), variables)
    except SkyproofError as error:
        pytest.fail(str(error), pytrace=False)
    yield made
    try:
        skyproof_session.destroy(made.stack)
    except SkyproofError as error:
        pytest.fail(str(error), pytrace=False)


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
