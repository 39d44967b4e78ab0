"""The embedded backend: the emulator in a process of its own, inside the run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import IO

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof import children
from skyproof.backends.emulated import UNSET, Emulated
from skyproof.errors import EndedError, ExitCode, SkyproofError
from skyproof.settings import Settings

START_SECONDS = 60
STOP_SECONDS = 10
LOG = "emulator.log"


class Embedded(Emulated):
    """An emulator subprocess on a free loopback port; it ends with this process, come what may.

    Args:
        arguments: what the emulator is told beside.
    """

    def __init__(self, settings: Settings, arguments: tuple[str, ...] = ()) -> None:
        super().__init__(settings.account, settings.region)
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        #: The emulator shows it: whoever finds its port knows whether it is still this one.
        self.token = uuid.uuid4().hex

    @property
    def pid(self) -> int | None:
        """The emulator's process id, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the emulator and wait until it answers; harmless when it runs already."""
        if self._process is not None:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="skyproof-emulator-")
        ready = Path(self._folder.name) / "ready.json"
        log = Path(self._folder.name) / LOG
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "skyproof.emulator", "--port", "0", "--ready-file", str(ready)),
                *("--token", self.token),
                # It reads the end of its stdin when we die, even by SIGKILL.
                "--exit-with-stdin",
                *self._arguments,
            ],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env={k: v for k, v in os.environ.items() if k not in UNSET},
            start_new_session=True,
        )
        try:
            self._endpoint = self._wait(ready, log)
        except BaseException:
            self.stop()
            raise

    def _wait(self, ready: Path, log: Path) -> str:
        assert self._process is not None
        process = self._process
        waiting = Retrying(
            stop=stop_after_delay(START_SECONDS),
            wait=wait_fixed(0.02),
            retry=retry_if_result(lambda done: not done),
            retry_error_callback=lambda _: False,
        )
        waiting(lambda: ready.exists() or process.poll() is not None)
        if not ready.exists():
            raise SkyproofError(
                f"The embedded backend did not start: {_end_of(log)}",
                "Run `skyproof doctor` to see what is missing.",
                ExitCode.ENVIRONMENT,
            )
        return str(json.loads(ready.read_text())["endpoint"])

    def let_go(self, idle_seconds: int, into: Path) -> None:
        """Let the emulator live on without this process, until it is idle for so long.

        Args:
            into: a folder for its log.
        """
        assert self._process is not None, "the backend is not started"
        assert self._folder is not None
        log = Path(self._folder.name) / LOG
        shutil.move(log, into / LOG)
        children.let_go(self._process, idle_seconds)
        self._process = None
        self._release_files()

    def failure(self) -> SkyproofError | None:
        """Why the emulator ended by itself, if it did."""
        if self._process is None or self._process.poll() is None:
            return None
        assert self._folder is not None
        return EndedError(
            f"The emulator ended by itself, with exit code {self._process.returncode}: "
            f"{_end_of(Path(self._folder.name) / LOG)}",
            "",
            ExitCode.ENVIRONMENT,
        )

    def stop(self) -> None:
        """End the emulator; harmless when it does not run."""
        process, self._process, self._endpoint = self._process, None, None
        self._clients.clear()
        if process is not None:
            children.end(process, STOP_SECONDS)
        self._release_files()

    def _release_files(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-2000:] or "it said nothing"
