"""An emulator that stands in for AWS, reached as AWS is: through the SDKs' own environment."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from skyproof.backends.credentials import CHAIN
from skyproof.backends.embedded import Embedded
from skyproof.settings import Settings

ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Embedded]:
    backend = Embedded(Settings(account=ACCOUNT))
    backend.start()
    yield backend
    backend.stop()


@pytest.fixture
def aws(
    emulator: Embedded, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Embedded:
    """The chain leads into account 111122223333, and nowhere else.

    Scratch files are the test's own: a lock on that account is not one of the whole machine.
    """
    scratch = str(tmp_path_factory.mktemp("scratch"))
    monkeypatch.setenv("TMPDIR", scratch)
    monkeypatch.setattr("tempfile.tempdir", scratch)
    for name in CHAIN:
        monkeypatch.delenv(name, raising=False)
    assert emulator.endpoint is not None
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "of-the-emulator",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    return emulator
