"""The embedded backend: it starts, isolates accounts, injects itself and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof import run
from skyproof.backends import create
from skyproof.backends.embedded import Embedded
from skyproof.backends.emulated import UNSET
from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import Settings


@pytest.fixture(scope="module")
def started() -> Iterator[Embedded]:
    backend = Embedded(Settings(account="999988887777", region="eu-west-1"))
    backend.start()
    yield backend
    backend.stop()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"


def is_gone_soon(pid: int) -> bool:
    waiting = Retrying(
        stop=stop_after_delay(10),
        wait=wait_fixed(0.05),
        retry=retry_if_result(bool),
        retry_error_callback=lambda _: True,
    )
    return not waiting(is_alive, pid)


def test_it_listens_on_loopback_only(started: Embedded) -> None:
    assert started.endpoint is not None
    assert started.endpoint.startswith("http://127.0.0.1:")
    assert started.describe() == f"embedded, {started.endpoint}"


def test_a_client_stands_in_the_default_account_and_region(started: Embedded) -> None:
    assert started.client("sts").get_caller_identity()["Account"] == "999988887777"
    topic = started.client("sns").create_topic(Name="orders")["TopicArn"]
    assert topic == "arn:aws:sns:eu-west-1:999988887777:orders"


def test_accounts_and_regions_are_isolated(started: Embedded) -> None:
    started.client("sns").create_topic(Name="here")
    for region, account in (("us-east-1", None), (None, "111122223333")):
        assert started.client("sns", region, account).list_topics()["Topics"] == []


def test_one_client_is_made_once(started: Embedded) -> None:
    assert started.client("sns") is started.client("sns", "eu-west-1", "999988887777")


def test_the_provider_reads_endpoint_and_credentials_and_nothing_else(started: Embedded) -> None:
    environment = started.environment()
    assert environment["AWS_ENDPOINT_URL"] == started.endpoint
    assert environment["AWS_ACCESS_KEY_ID"] == "999988887777"
    assert environment["AWS_REGION"] == "eu-west-1"
    assert {name: environment[name] for name in UNSET} == dict.fromkeys(UNSET, "")


def test_starting_twice_changes_nothing(started: Embedded) -> None:
    pid = started.pid
    started.start()
    assert started.pid == pid


def test_stopping_ends_the_process_and_may_be_repeated() -> None:
    backend = create(Settings(), run.begin(timedelta(hours=1)))
    assert isinstance(backend, Embedded)
    backend.start()
    pid = backend.pid
    assert pid is not None
    backend.stop()
    backend.stop()
    assert not is_alive(pid)
    assert backend.endpoint is None
    assert backend.describe() == "embedded, not started"


def test_an_emulator_that_ends_by_itself_is_missed() -> None:
    backend = Embedded(Settings())
    assert backend.failure() is None
    backend.start()
    assert backend.failure() is None
    assert backend.pid is not None
    os.kill(backend.pid, signal.SIGKILL)
    # Its threads end one after the other, and only then can it be waited for.
    waiting = Retrying(
        retry=retry_if_result(lambda told: told is None),
        wait=wait_fixed(0.05),
        stop=stop_after_delay(30),
        retry_error_callback=lambda _: None,
    )
    failure = waiting(backend.failure)
    backend.stop()
    assert failure is not None
    assert failure.what == "The emulator ended by itself, with exit code -9: it said nothing"


def test_it_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    script = (
        "from skyproof.backends.embedded import Embedded\n"
        "from skyproof.settings import Settings\n"
        "backend = Embedded(Settings())\n"
        "backend.start()\n"
        "print(backend.pid, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert is_gone_soon(pid), f"emulator {pid} outlives its parent"


def test_an_emulator_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such module >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    backend = Embedded(Settings())
    with pytest.raises(SkyproofError, match="did not start: no such module") as caught:
        backend.start()
    assert "skyproof doctor" in caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert backend.pid is None
