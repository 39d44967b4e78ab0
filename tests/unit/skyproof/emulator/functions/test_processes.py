"""Nothing that a function starts outlives its environment, nor the emulator."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.unit.skyproof.emulator.functions.conftest import Start, call, failure, result

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="waits for strangers by pidfd")

FORKS = """
import os, signal, subprocess, sys
def handler(event, context):
    children = []
    for _ in range(4):
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True: signal.pause()
        children.append(child)
    program = [sys.executable, "-c", "import signal; signal.pause()"]
    children.append(subprocess.Popen(program).pid)
    if event == "crash":
        print(*children)
        os._exit(1)
    return children
"""


def watch(pids: Iterable[int]) -> list[int]:
    """Descriptors that become readable as these processes end, save of those that have."""
    watched = []
    for pid in pids:
        with suppress(ProcessLookupError):
            watched.append(os.pidfd_open(pid))
    return watched


def all_end(watched: list[int]) -> bool:
    """Whether they do, within ten seconds."""
    ended = [bool(select.select([each], [], [], 10)[0]) for each in watched]
    for each in watched:
        os.close(each)
    return all(ended)


def test_children_end_with_their_environment(start: Start) -> None:
    environment = start(FORKS)
    children = watch(result(call(environment)))
    assert environment.alive
    environment.close()
    assert all_end(children)


def test_children_do_not_keep_a_crash_from_being_noticed(start: Start) -> None:
    environment = start(FORKS)
    outcome = call(environment, "crash")
    assert failure(outcome)["errorMessage"].endswith("exit status 1")
    assert not environment.alive
    assert all_end(watch(map(int, outcome.lines[0].split())))


def test_a_forked_child_that_returns_does_not_answer(start: Start) -> None:
    code = """
import os
def handler(event, context):
    child = os.fork()
    if child: os.waitpid(child, 0)
    return "parent" if child else "child"
"""
    environment = start(code)
    assert [result(call(environment)) for _ in range(3)] == ["parent"] * 3


def test_an_environment_that_dies_while_it_is_idle_is_not_alive(start: Start) -> None:
    environment = start("import os\ndef handler(event, context): return os.getpid()")
    pid = result(call(environment))
    watched = watch([pid])
    os.kill(pid, 9)
    assert all_end(watched)
    assert not environment.alive


PARENT = """
import sys
from skyproof.emulator.functions import Environment
from tests.unit.skyproof.emulator.functions.conftest import call, define

code, path = sys.argv[1:]
call(Environment(define(code, timeout=60)), path)
"""

HANGS = """
import os
def handler(event, context):
    child = os.fork()
    if child:
        with open(event, "w") as pipe: print(os.getpid(), child, file=pipe)
    while True: pass
"""


def test_the_death_of_the_emulator_ends_even_a_function_that_hangs(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)
    command = [sys.executable, "-c", PARENT, HANGS, str(path)]
    variables = {**os.environ, "TMPDIR": str(tmp_path)}  # a killed emulator cannot clean up
    with subprocess.Popen(command, cwd=Path(__file__).parents[5], env=variables) as parent:
        try:
            assert select.select([pipe], [], [], 30)[0]
            watched = watch(map(int, os.read(pipe, 100).split()))
        finally:
            parent.kill()
            os.close(pipe)
    assert len(watched) == 2
    assert all_end(watched)
