"""The watcher acts when its run's process is gone without a word, and only then."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from skyproof.lifecycle.watching import WATCHER

RUNS = """
import os, sys
from pathlib import Path
from skyproof.lifecycle import watching
watcher = watching.Watcher(Path(sys.argv[1]), 0, {"GIVEN": "yes"})
print("started", flush=True)
if sys.stdin.readline() == "done\\n":
    watcher.done()
else:
    os.kill(os.getpid(), 9)
"""


def watch(folder: Path, *, done: bool) -> str:
    """The reaper's log after a run in that folder ended, well or by SIGKILL."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        said, _ = run.communicate("done\n" if done else "die\n", timeout=30)
    assert said == "started\n"
    assert run.returncode == (0 if done else -signal.SIGKILL)
    return (folder / "reaper.log").read_text()


def test_a_run_that_ends_by_itself_is_left_alone(tmp_path: Path) -> None:
    assert watch(tmp_path, done=True) == ""


@pytest.mark.parametrize("ending", ["", "{"], ids=["silence", "half a word"])
def test_a_run_that_dies_is_finished(tmp_path: Path, ending: str) -> None:
    command = [sys.executable, "-c", "import os; print(os.environ['GIVEN'])"]
    order = {"command": command, "environment": {"GIVEN": "yes"}, "grace": 0}
    told = subprocess.run(
        [sys.executable, "-I", "-S", str(WATCHER)],
        input=f"{json.dumps(order)}\n{ending}",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "yes\n", "")
