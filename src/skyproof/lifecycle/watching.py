"""The run's side of its watcher: started once, and told when the run ends by itself."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

WATCHER = Path(__file__).with_name("watcher.py")
END_SECONDS = 10


class Watcher:
    """A detached process that finishes the run when this one dies.

    Args:
        folder: the run's folder; what the finishing says goes to ``reaper.log`` in it.
        grace: seconds between this process's end and the finishing.
        environment: what the finishing process needs on top of this one's environment.
    """

    def __init__(self, folder: Path, grace: float, environment: Mapping[str, str]) -> None:
        with (folder / "reaper.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(WATCHER)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                # Neither Ctrl-C nor the end of a terminal reaches it.
                start_new_session=True,
            )
        self._say(
            command=[sys.executable, "-m", "skyproof.lifecycle.reaper", str(folder)],
            environment={**os.environ, **environment},
            grace=grace,
        )

    def done(self) -> None:
        """The run ends by itself, in good order or with its own words: the watcher goes."""
        self._say(done=True)
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)

    def _say(self, **word: object) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # somebody killed it: a reap will do
            self._process.stdin.write(f"{json.dumps(word)}\n".encode())
            self._process.stdin.flush()
