"""What stands, written down: where, since when, from what, and whether it is still there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import urllib3
from filelock import FileLock, Timeout
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle.journal import STACKS
from skyproof.standing.fingerprint import Fingerprint
from skyproof.terraform.busy import Busy
from skyproof.terraform.workspace import Workspace

STANDING = "standing"
FILE = "record.json"
STACK = "stack"
LOCK_SUFFIX = ".lock"
#: Longer than an apply takes: who waits for it then finds that it stands.
LOCK_SECONDS = 600.0
LOOK_SECONDS = 20.0
END_SECONDS = 10.0
#: For a Terraform whose emulator is gone, and that has nothing to write down any more.
TERRAFORM_SECONDS = 1.0


@dataclass(frozen=True)
class Record:
    """A world that stands, and the stack in it.

    Attributes:
        source: the user's folder.
        workspace: as :meth:`Workspace.to_json` tells of it.
        pid, endpoint, token: the emulator's; it shows the token to whoever asks who it is.
        since: when it was first applied.
        resources: how many stand.
        is_open: whether its clock runs, and anybody may write to it.
        is_whole: false while something is done to it; whoever finds that has found a crash.
        why: what left it, such as a test run that kept what failed; "" for ``skyproof up``.
        fingerprint: what it was applied from; empty if that is not known.
    """

    source: str
    workspace: Mapping[str, str]
    endpoint: str
    pid: int
    token: str
    account: str
    region: str
    since: str
    resources: int
    is_open: bool = False
    is_whole: bool = True
    why: str = ""
    fingerprint: Fingerprint = field(default_factory=Fingerprint)

    @property
    def is_alive(self) -> bool:
        """Whether the very emulator answers, and not another that has got its port since."""
        return _identity(self.endpoint).get("token") == self.token

    def where(self) -> Workspace:
        """The workspace of its stack."""
        return Workspace.from_json(self.workspace)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Record:
        found = cls(**{**raw, "fingerprint": Fingerprint.from_json(raw["fingerprint"])})
        found.where()  # a record that does not say where is none
        return found


@dataclass(frozen=True)
class Place:
    """A folder under ``standing/``, in which one stack stands or nothing does.

    The lock beside it is the system's: it is free as soon as its holder is gone.
    """

    path: Path

    @property
    def top(self) -> Path:
        """Where its stack is copied to."""
        return self.path / STACK

    def record(self) -> Record | None:
        """What stands, or stood; ``None`` where nothing was finished or nothing can be read."""
        try:
            return Record.from_json(json.loads((self.path / FILE).read_text()))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def standing(self) -> Record | None:
        """What stands and answers."""
        record = self.record()
        return record if record is not None and record.is_alive else None

    def write(self, record: Record) -> None:
        """Put a record in the place of the last one: no reader sees half of it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.path / f".{FILE}.{uuid.uuid4()}"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(record.to_json(), out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        part.replace(self.path / FILE)

    def mark(self, record: Record, **changes: Any) -> Record:
        """Write a record with changes, and return it."""
        changed = replace(record, **changes)
        self.write(changed)
        return changed

    @contextmanager
    def held(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold it against other processes. Raises SkyproofError when one of them does too long."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(f"{self.path}{LOCK_SUFFIX}", timeout=seconds)
        try:
            lock.acquire()
        except Timeout:
            raise SkyproofError(
                f"Another process works on what stands in {self.path}.",
                "Wait for its end; `skyproof status` lists what stands.",
                ExitCode.FAILED,
            ) from None
        try:
            yield
        finally:
            lock.release()

    def clear(self) -> None:
        """End what stands, if it does, and remove its folder. To be called while it is held."""
        record = self.record()
        if record is not None and record.is_alive:
            _end(record)
        # Of a run that has kept it, it stands in the run's folder; nowhere else is removed.
        if record is not None and record.where().top.is_relative_to(self.path.parent.parent):
            _remove_workspace(record.where().top)
        # Of an `up` that was killed Terraform may still run, and write there.
        Busy(self.top).end(TERRAFORM_SECONDS)
        shutil.rmtree(self.path, ignore_errors=True)


def place_of(home: Path, source: Path) -> Place:
    """Where a stack stands, by its folder."""
    path = source.resolve()
    key = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    return Place(home / STANDING / f"{path.name}-{key}")


def place_of_kept(home: Path, run: str, stack: str) -> Place:
    """Where a stack stands that a run has kept."""
    return Place(home / STANDING / f"{run}-{stack}")


def all_places(home: Path) -> list[Place]:
    """Those in which something stands, or stood when its emulator ended."""
    return [Place(file.parent) for file in sorted((home / STANDING).glob(f"*/{FILE}"))]


def described(place: Place) -> list[str]:
    """What stands there and how to look at it, a line each."""
    record = place.record()
    if record is None:
        return [f"{place.path}  cannot be read", f"  remove it with: skyproof down {place.path}"]
    hours = (datetime.now(UTC) - datetime.fromisoformat(record.since)).total_seconds() / 3600
    alive = f"pid {record.pid}" if record.is_alive else f"pid {record.pid} is gone"
    open_ = ", open" if record.is_open else ""
    left = f", {record.why}" if record.why else ""
    return [
        f"{record.source}  {record.resources} resources, {alive}, since {record.since} "
        f"({hours:.1f} h){open_}{left}",
        f"  endpoint: {record.endpoint}  (AWS_ACCESS_KEY_ID={record.account})",
        f"  terraform -chdir={record.where().folder} state list",
        f"  end it with: skyproof down {record.source if not record.why else place.path}",
    ]


def _remove_workspace(top: Path) -> None:
    """A stack that a run has kept stands in that run's folder, which goes with the last of them."""
    shutil.rmtree(top, ignore_errors=True)
    stacks = top.parent
    if stacks.name == STACKS and not any(stacks.iterdir()):
        shutil.rmtree(stacks.parent, ignore_errors=True)


def _identity(endpoint: str) -> dict[str, Any]:
    try:
        answer = urllib3.request(
            "GET", f"{endpoint}/_skyproof/identity", timeout=LOOK_SECONDS, retries=False
        )
        found = answer.json()
    except (urllib3.exceptions.HTTPError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _end(record: Record) -> None:
    """End an emulator that has just said that it is this one."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(record.pid, signal.SIGTERM)
    gone = Retrying(
        stop=stop_after_delay(END_SECONDS),
        wait=wait_fixed(0.02),
        retry=retry_if_result(lambda alive: alive),
        retry_error_callback=lambda _: True,
    )
    if gone(lambda: _runs(record.pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Of a copy the number stays taken until what it was copied from asks for its end.
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    with contextlib.suppress(OSError):  # no such file elsewhere, and here once it is gone
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return True
