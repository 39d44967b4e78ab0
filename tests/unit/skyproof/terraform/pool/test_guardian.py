"""A provider ends with whoever started it, however that one ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.terraform.pool import guardian

COMMAND = [sys.executable, "-I", "-S", guardian.__file__]
# Starts a guardian as the pool does, and is killed then.
PARENT = """
import subprocess, sys, time
started = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=sys.stdout)
started.stdin.write(sys.argv[1].encode() + b"\\n")
started.stdin.flush()
time.sleep(60)
"""


def order(script: str, **environment: str) -> str:
    command = ["/bin/sh", "-c", script]
    return json.dumps({"command": command, "environment": {"PATH": "/usr/bin:/bin"} | environment})


def runs(pid: int) -> bool:
    found = subprocess.run(["/bin/ps", "-p", str(pid)], check=False, stdout=subprocess.DEVNULL)
    return found.returncode == 0


def guarded(order: str) -> subprocess.CompletedProcess[str]:
    """Run an order to its end. The input stays open, for its end would be the provider's, too."""
    pipe = subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(f"{order}\n")
        process.stdin.flush()
        said, complained = process.stdout.read(), process.stderr.read()
    return subprocess.CompletedProcess(COMMAND, process.returncode, said, complained)


def test_the_provider_has_the_environment_of_the_order_and_nothing_to_read() -> None:
    # Its input stays open: the provider's own is empty, or `cat` would wait for ever.
    process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(order("env; cat", WAY="x") + "\n")
    process.stdin.flush()
    assert process.stdout is not None
    with process.stdin, process.stdout:
        said = process.stdout.read().splitlines()
        process.wait()
    assert {line.split("=")[0] for line in said if "=" in line} - {"PWD", "SHLVL", "_"} == {
        "PATH",
        "WAY",
    }
    [peak] = [line for line in said if line.startswith(guardian.PEAK)]
    assert int(peak.removeprefix(guardian.PEAK)) > 100_000


def test_what_it_logs_is_dropped_and_what_else_it_says_is_kept() -> None:
    script = """echo '{"@level":"trace"}' >&2; echo panic: >&2; exit 3"""
    done = guarded(order(script))
    assert (done.stderr, done.returncode) == ("panic:\n", 3)


def test_what_does_not_start_is_told() -> None:
    missing = json.dumps({"command": ["/no/such"], "environment": {}})
    done = guarded(missing)
    assert "No such file" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("trap", ["", "trap '' INT; "], ids=["gentle", "deaf"])
def test_it_ends_when_its_parent_is_killed(trap: str, tmp_path: Path) -> None:
    script = f"{trap}echo $$ > {tmp_path}/part; mv {tmp_path}/part {tmp_path}/pid; exec sleep 60"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, order(script), *COMMAND])
    wait = Retrying(retry=retry_if_result(bool), wait=wait_fixed(0.02), stop=stop_after_delay(5))
    wait(lambda: not (tmp_path / "pid").exists())
    provider = int((tmp_path / "pid").read_text())
    assert runs(provider)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait(lambda: runs(provider))
