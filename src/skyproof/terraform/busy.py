"""Whether Terraform works in a workspace, though the process that started it may be gone.

Terraform and the providers that it starts inherit a lock on a file in the workspace. The system
frees it when the last of them has ended, however it ended. The file names the group they are in.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform import disk

FILE = "busy"
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Busy:
    """The mark of those who work in one workspace.

    Attributes:
        top: the workspace's top folder.
    """

    top: Path

    @contextmanager
    def mark(self) -> Iterator[int]:
        """A descriptor for a child process to inherit: it holds the lock as long as it is open."""
        with disk.writing("The mark of a working Terraform", self._file):
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Shared: commands that only read may work side by side.
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield descriptor
        finally:
            os.close(descriptor)

    def name(self, group: int) -> None:
        """Write down the process group of the command that was started."""
        with disk.writing("The mark of a working Terraform", self._file):
            self._file.write_text(str(group))

    @property
    def is_held(self) -> bool:
        """Whether somebody works there at this moment."""
        try:
            descriptor = os.open(self._file, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def end(self, grace: float) -> None:
        """Interrupt who works there, as Ctrl-C does, and kill what has not ended after ``grace`` s.

        Harmless where nobody does.

        Raises:
            SkyproofError: somebody works there who could not be ended.
        """
        if self.is_held and self._leads():
            self._send(signal.SIGINT)
            # A provider whose Terraform is gone has nothing to save.
            self._wait(grace, lambda: self.is_held and self._leads())
        if self.is_held:
            self._send(signal.SIGKILL)
            self._wait(grace, lambda: self.is_held)
        if self.is_held:
            raise SkyproofError(
                f"Terraform still works in {self.top}, and could not be ended.",
                f"End the process group {self._group() or '(unknown)'} and try again.",
                ExitCode.FAILED,
            )

    def _leads(self) -> bool:
        """Whether the leader of the group is there: Terraform itself."""
        group = self._group()
        try:
            if group:
                os.kill(group, 0)
        except ProcessLookupError:
            return False
        return True

    def _send(self, number: int) -> None:
        group = self._group()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            # While a member holds the lock the system gives the group's number to nobody else.
            if group and number == signal.SIGKILL:
                os.killpg(group, number)
            elif group:
                # Terraform alone, once: it ends its providers itself.
                os.kill(group, number)

    def _wait(self, seconds: float, works: Callable[[], bool]) -> None:
        wait = Retrying(
            retry=retry_if_result(bool),
            wait=wait_fixed(LOOK_SECONDS),
            stop=stop_after_delay(seconds),
            retry_error_callback=lambda _: True,
        )
        wait(works)

    def _group(self) -> int | None:
        text = self._file.read_text().strip() if self._file.exists() else ""
        return int(text) if text.isdigit() and int(text) > 1 else None

    @property
    def _file(self) -> Path:
        return self.top / FILE
