"""Who works in a workspace is known, and ended, though whoever started it is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.errors import SkyproofError
from skyproof.terraform.busy import Busy

# Stands for Terraform: it has a child in its group that holds the lock, too.
POLITE = "import signal, sys; signal.signal(signal.SIGINT, lambda *_: sys.exit(3))"
STUBBORN = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
WAIT = "; print('ready', flush=True); import time; time.sleep(600)"


@pytest.fixture
def busy(tmp_path: Path) -> Busy:
    return Busy(tmp_path)


@pytest.fixture
def start(busy: Busy) -> Iterator[object]:
    started: list[subprocess.Popen[str]] = []

    def begin(program: str) -> subprocess.Popen[str]:
        with busy.mark() as descriptor:
            process = subprocess.Popen(
                [sys.executable, "-S", "-c", program + WAIT],
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=(descriptor,),
                start_new_session=True,
            )
        busy.name(process.pid)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def reap_when_ended(process: subprocess.Popen[str]) -> threading.Thread:
    """The dead leader of a group stays as long as nobody has waited for it."""
    thread = threading.Thread(target=process.wait)
    thread.start()
    return thread


def test_nobody_works_where_nothing_was_started(busy: Busy) -> None:
    assert not busy.is_held
    busy.end(1)


def test_the_mark_lasts_as_long_as_the_child(busy: Busy, start: object) -> None:
    process = start(POLITE)  # type: ignore[operator]
    assert busy.is_held
    process.kill()
    process.wait()
    assert not busy.is_held


def test_an_interrupt_comes_first(busy: Busy, start: object) -> None:
    process = start(POLITE)  # type: ignore[operator]
    waiting = reap_when_ended(process)
    busy.end(10)
    waiting.join()
    assert process.returncode == 3
    assert not busy.is_held


def test_who_does_not_end_is_killed(busy: Busy, start: object) -> None:
    process = start(STUBBORN)  # type: ignore[operator]
    waiting = reap_when_ended(process)
    busy.end(0.3)
    waiting.join()
    assert process.returncode == -signal.SIGKILL


def test_a_child_of_a_leader_that_was_killed_is_ended(busy: Busy, start: object) -> None:
    orphan = "import os, time; os.fork() or time.sleep(600)"
    process = start(f"{STUBBORN}; {orphan}")  # type: ignore[operator]
    process.kill()
    process.wait()
    assert busy.is_held, "the orphan holds the lock"
    begun = time.monotonic()
    busy.end(30)
    assert time.monotonic() - begun < 20, "it is not interrupted first, for it has nothing to save"
    assert not busy.is_held


def test_who_cannot_be_ended_is_told(busy: Busy, start: object) -> None:
    start(POLITE)  # type: ignore[operator]
    (busy.top / "busy").write_text("no number")
    with pytest.raises(SkyproofError, match="could not be ended") as caught:
        busy.end(0.1)
    assert "unknown" in caught.value.hint
