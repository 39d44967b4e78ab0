"""The run's side of the pool: it starts the pool's process and asks it for pass-throughs."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skyproof import children
from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform.pool import garbage
from skyproof.terraform.pool.binaries import locked_providers, provider_binaries
from skyproof.terraform.pool.calls import Timing
from skyproof.terraform.pool.trimming import configured, mentioned
from skyproof.terraform.workspace import Workspace

# A provider that is asked for the first time starts in about a second.
ORDER_SECONDS = 90.0
START_SECONDS = 60.0
END_SECONDS = 30.0
# What asks providers nothing is run the plain way.
POOLED = frozenset({"validate", "plan", "apply", "destroy", "refresh", "import", "show"})
# What configures providers.
CONFIGURING = POOLED - {"validate", "show"}
REATTACH = "TF_REATTACH_PROVIDERS"
HOST = "127.0.0.1"
# Beside Terraform's own log.
LOG = "providers.log"


class PoolFailed(SkyproofError):
    """The pool does not do what it was asked to."""


@dataclass(frozen=True)
class Usage:
    """What the pool took.

    Attributes:
        started: provider processes, from the first to the last.
        most: how many there were at once.
        peak_bytes: the most resident memory that one of them had, common pages included.
    """

    started: int = 0
    most: int = 0
    peak_bytes: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Of two pools at once."""
        return replace(self.then(other), most=self.most + other.most)

    def then(self, other: Usage) -> Usage:
        """Of two pools, one after the other."""
        return Usage(
            self.started + other.started,
            max(self.most, other.most),
            max(self.peak_bytes, other.peak_bytes),
        )

    def __str__(self) -> str:
        peak = self.peak_bytes / 1e6
        return f"{self.started} processes, {self.most} at once, {peak:.0f} MB the largest"


class ProviderPool:
    """Keeps provider processes warm for one run; started on first use.

    Args:
        required: a provider that cannot be pooled is an error, instead of run the plain way.
        tell: takes the one line that says why the plain way is taken.
    """

    def __init__(self, *, required: bool = False, tell: Callable[[str], None]) -> None:
        self._required = required
        self._tell = tell
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        # Why the pool, or one program, is not used any more; "" while it is.
        self._broken = ""
        self._refused: dict[Path, str] = {}
        self._usage = Usage()
        self._timings: list[Timing] = []

    def begin(self) -> None:
        """Start the pool's process beside what else is done before the first command.

        It takes 0.3 s. What fails is told by the command.
        """
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        with contextlib.suppress(PoolFailed):
            self._start()

    @contextmanager
    def serving(
        self,
        command: Sequence[str],
        workspace: Workspace,
        environment: Mapping[str, str],
    ) -> Iterator[dict[str, str]]:
        """What Terraform's environment needs for one command to find warm providers.

        And to collect less garbage, unless the user has a say in that: provisioners inherit it.
        Nothing, where the plain way is taken.

        Args:
            command: its arguments, the command's name first.
            workspace: where it runs, initialised.
            environment: all of its environment.

        Raises:
            PoolFailed: the pool is required and a provider cannot be pooled.
        """
        opened: dict[str, Any] = {}
        if command[0] in POOLED and REATTACH not in environment and not self._closed:
            opened = self._open(command, workspace, environment)
        try:
            yield self._where(opened, environment) if opened else {}
        finally:
            if opened:
                doors = [one["port"] for one in opened.values()]
                self._quietly({"do": "close", "doors": doors})

    @property
    def pid(self) -> int | None:
        """The process id of the pool's own process, while it runs."""
        return self._process.pid if self._process else None

    def forget(self, folder: Path) -> None:
        """End the processes that run in a folder or below it."""
        if self._process is not None:
            self._quietly({"do": "forget", "folder": str(folder)})

    def timings(self) -> list[Timing]:
        """How long providers took, by phase and type, up to now."""
        self._learn({"do": "tell"})
        return self._timings

    def close(self) -> Usage:
        """End every process and tell what the pool took; commands then go the plain way.

        Calling it twice is harmless.
        """
        self._closed = True
        self._learn({"do": "end"})
        with self._lock:
            self._end_process()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None
        return self._usage

    def _open(
        self,
        command: Sequence[str],
        workspace: Workspace,
        environment: Mapping[str, str],
    ) -> dict[str, Any]:
        folder = workspace.folder
        found = provider_binaries(folder)
        binaries = {name: one for name, one in found.items() if one not in self._refused}
        for address in found.keys() - binaries.keys():
            self._plain(f"{address}: {self._refused[found[address]]}")
        if not binaries:
            return {}
        if self._broken:
            self._plain(self._broken)
            return {}
        speaks_of = mentioned(folder, command)
        order = {
            "do": "open",
            "binaries": {address: str(binary) for address, binary in binaries.items()},
            "providers": sorted(locked_providers(folder)),
            # What cannot be read is Terraform's to tell.
            "instances": configured(folder) if speaks_of and command[0] in CONFIGURING else {},
            "folder": str(folder),
            "environment": dict(environment),
            # Copies of one stack share what a provider says to a configuration.
            "source": str(workspace.source),
            "log": str(workspace.log.with_name(LOG)),
            "mentioned": speaks_of
            and {
                "words": sorted(speaks_of.words),
                "declared": sorted(speaks_of.declared),
            },
        }
        try:
            self._start()
            answer = self._order(order)
        except PoolFailed as error:
            self._broken = str(error)
            self._plain(self._broken)
            return {}
        for address, why in answer["refused"].items():
            self._refused[binaries[address]] = why
            self._plain(f"{address}: {why}")
        opened: dict[str, Any] = answer["opened"]
        return opened

    def _plain(self, why: str) -> None:
        """Say once why the plain way is taken, or refuse to take it."""
        if self._required:
            raise PoolFailed(
                f"The provider pool cannot be used: {why}",
                "Use --skyproof-provider-pool=auto to go on without it.",
                ExitCode.ENVIRONMENT,
            )
        if why not in self._told:
            self._told.add(why)
            self._tell(f"skyproof: no warm provider, Terraform starts its own: {why}")

    def _where(
        self, opened: Mapping[str, Mapping[str, int]], environment: Mapping[str, str]
    ) -> dict[str, str]:
        attached = {REATTACH: json.dumps(self._reattach(opened))}
        return attached | garbage.for_terraform(environment)

    def _reattach(self, opened: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
        """https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode"""
        assert self._process is not None
        return {
            address: {
                "Protocol": "grpc",
                "ProtocolVersion": one["version"],
                "Pid": self._process.pid,
                "Test": True,
                "Addr": {"Network": "tcp", "String": f"{HOST}:{one['port']}"},
            }
            for address, one in opened.items()
        }

    def _start(self) -> None:
        """Start the pool's process, if it does not run. Raises PoolFailed."""
        with self._lock:
            if self._process is not None or self._closed:
                return
            self._folder = tempfile.TemporaryDirectory(prefix="skyproof-pool-")
            command = [sys.executable, "-m", "skyproof.terraform.pool.server", str(self._socket)]
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    # It reads the end of its stdin when we die, even by SIGKILL.
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,
                )
            if not _says_ready(self._process):
                self._end_process()
                said = self._log.read_text(errors="replace").strip()[-500:]
                raise PoolFailed(f"its process did not start: {said or 'it said nothing'}")

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            children.end(process, END_SECONDS)
            assert process.stdout is not None
            process.stdout.close()

    @property
    def _socket(self) -> Path:
        assert self._folder is not None
        return Path(self._folder.name) / "orders"

    @property
    def _log(self) -> Path:
        return self._socket.with_name("pool.log")

    def _order(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Give an order and return the answer. Raises PoolFailed."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ORDER_SECONDS)
                connection.connect(str(self._socket))
                connection.sendall(json.dumps(order).encode() + b"\n")
                with connection.makefile("rb") as answers:
                    answer: dict[str, Any] = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise PoolFailed(f"it does not answer ({error})") from error
        if "error" in answer:
            raise PoolFailed(answer["error"])
        return answer

    def _learn(self, order: Mapping[str, Any]) -> None:
        if self._process is None:
            return
        answer = self._quietly(order)
        if answer:
            self._usage = Usage(*answer["usage"])
            self._timings = [Timing(**one) for one in answer["timings"]]

    def _quietly(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Give an order that nothing depends upon."""
        with contextlib.suppress(PoolFailed):
            return self._order(order)
        return {}


def _says_ready(process: subprocess.Popen[bytes]) -> bool:
    """Whether it listens, after the time that it has for that."""
    assert process.stdout is not None
    heard, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    return bool(heard) and process.stdout.readline().strip() == b"ready"
