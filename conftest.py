"""What all tests of this repository share."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

# pytest inside pytest: the plugin is tested as its users run it.
pytest_plugins = ["pytester"]


@pytest.fixture(scope="session", autouse=True)
def _home_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs inside tests leave this user's own journals alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


# Shared machines stall for longer than any deadline that would still find a slow rule.
settings.register_profile("skyproof", deadline=None, max_examples=50)
settings.load_profile("skyproof")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C counts in what a test starts, also in a run that a script began with ``&``.

    Such a run ignores SIGINT, its children inherit that, and a shell cannot trap it then.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
