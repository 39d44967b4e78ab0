"""One run at a time in an account: a lock in the account itself, which a crash does not keep.

The lock is a row of SSM parameters, ``/skyproof/lock/1``, ``/2`` and so on. Who creates the next
one holds the account, and creating is atomic: of two that do so with Overwrite=False one is told
ParameterAlreadyExists. The holder renews the time until which it holds; who finds that time past
creates the next. Nobody takes over by overwriting or deleting what another wrote: SSM has no
compare-and-swap, and two that came at once would both believe to hold the account.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from filelock import FileLock, Timeout
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

from skyproof.backends import Backend
from skyproof.errors import ExitCode, SkyproofError
from skyproof.run import Run

FOLDER = "/skyproof/lock"
# A holder that is gone keeps others out no longer than this; one that lives renews in time.
LEASE = timedelta(minutes=10)
RENEWED_EVERY = timedelta(minutes=2)
# One region for all runs, whichever region they work in.
HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
NOBODY = datetime.min.replace(tzinfo=UTC)


class AccountHeld(SkyproofError):
    """Another run holds the account."""


@dataclass(frozen=True)
class Holder:
    """Who holds an account, and until when: a moment past where it was released."""

    run: str
    owner: str
    until: datetime

    @classmethod
    def read(cls, text: str) -> Holder:
        raw = json.loads(text)
        return cls(raw["run"], raw["owner"], datetime.fromisoformat(raw["until"]))

    def text(self) -> str:
        return json.dumps({"run": self.run, "owner": self.owner, "until": self.until.isoformat()})

    def __str__(self) -> str:
        return f"run {self.run} of {self.owner}, until {self.until:%Y-%m-%d %H:%M:%S} UTC"


@dataclass
class AccountLock:
    """The lock of one account, for one run.

    Attributes:
        ssm: a boto3 client in the account.
        folder: where a file keeps the runs of this user on this machine apart.
        now, sleep: the present moment, and how to wait.
    """

    ssm: Any
    account: str
    run: Run
    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    _number: int = 0
    _until: datetime = NOBODY
    _busy: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)
    _machine: FileLock = field(init=False)

    def __post_init__(self) -> None:
        name = f"skyproof-{os.getuid()}-{self.account}.lock"
        self._machine = FileLock(self.folder / name, thread_local=False)

    def acquire(self, wait: float = 0) -> None:
        """Take the account, and keep it until :meth:`release` or the end of this process.

        Args:
            wait: seconds to wait for another run's end.

        Raises:
            AccountHeld: another run holds it still; the message names it.
            SkyproofError: the account does not let us ask.
        """
        begun = time.monotonic()
        try:
            self._machine.acquire(timeout=wait)
        except Timeout:
            raise self._held(*self._newest()) from None
        taking = Retrying(
            retry=retry_if_exception_type(AccountHeld),
            stop=stop_after_delay(wait - (time.monotonic() - begun)),
            wait=wait_random(5, 15),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            taking(self._take)
        except BaseException:
            self._machine.release()
            raise
        threading.Thread(target=self._keep, daemon=True).start()

    def require_held(self) -> None:
        """Refuse to go on where the account may be another run's by now.

        Raises:
            AccountHeld: it could not be renewed in time.
        """
        if self.now() >= self._until:
            raise AccountHeld(
                f"Account {self.account} was held by this run until {self._until:%H:%M:%S} UTC and "
                "could not be renewed; another run may be in it.",
                "Was this machine asleep, or off the network? Run again.",
                ExitCode.FAILED,
            )

    def release(self) -> None:
        """Give the account back; harmless when it is not held."""
        self._over.set()
        try:
            with self._busy:
                if self.now() < self._until:
                    self._until = NOBODY
                    self._write(NOBODY, overwrite=True)
        finally:
            self._machine.release()

    def give_back(self) -> None:
        """Give the account back in the name of this run, whose own process is gone."""
        number, holder = self._newest()
        if holder.run == self.run.id and self.now() < holder.until:
            self._number = number
            self._write(NOBODY, overwrite=True)

    def renew(self) -> None:
        """Hold the account for another while; once the last while is over it must be taken anew."""
        with self._busy:
            if self._over.is_set():
                return
            if self.now() >= self._until:
                self._take()
                return
            until = self.now() + LEASE
            self._write(until, overwrite=True)
            self._until = until

    def _keep(self) -> None:
        while not self._over.wait(RENEWED_EVERY.total_seconds()):
            # Tried again; what fails until the lease is over, require_held tells.
            with suppress(SkyproofError):
                self.renew()

    def _take(self) -> None:
        number, holder = self._newest()
        if self.now() < holder.until:
            raise self._held(number, holder)
        self._number, until = number + 1, self.now() + LEASE
        if not self._write(until, overwrite=False):
            raise self._held(*self._newest())
        newest, holder = self._newest()
        # Whoever looked long ago may create a number that was used and is deleted.
        if newest != self._number:
            self._delete(self._number)
            raise self._held(newest, holder)
        self._until = until
        self._delete(*(one for one in self._row() if one < self._number))

    def _held(self, number: int, holder: Holder) -> AccountHeld:
        return AccountHeld(
            f"Account {self.account} is held by {holder}.",
            "Wait for its end with --skyproof-sandbox-wait=SECONDS. A run that is gone holds it no "
            "longer than that; at once it is free after: aws ssm delete-parameter "
            f"--region {self.ssm.meta.region_name} --name {FOLDER}/{number}",
            ExitCode.ENVIRONMENT,
        )

    def _newest(self) -> tuple[int, Holder]:
        row = self._row()
        return max(row.items(), default=(0, Holder("", "", NOBODY)))

    def _row(self) -> dict[int, Holder]:
        with self._asking():
            pages = self.ssm.get_paginator("get_parameters_by_path").paginate(Path=FOLDER)
            found = [one for page in pages for one in page["Parameters"]]
        return {int(one["Name"].rpartition("/")[2]): Holder.read(one["Value"]) for one in found}

    def _write(self, until: datetime, *, overwrite: bool) -> bool:
        """Whether it was written; not where it is there and must not be overwritten."""
        holder = Holder(self.run.id, self.run.owner, until)
        with self._asking():
            try:
                self.ssm.put_parameter(
                    Name=f"{FOLDER}/{self._number}",
                    Value=holder.text(),
                    Type="String",
                    Overwrite=overwrite,
                )
            except self.ssm.exceptions.ParameterAlreadyExists:
                return False
        return True

    def _delete(self, *numbers: int) -> None:
        names = [f"{FOLDER}/{number}" for number in numbers]
        with self._asking():
            # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html
            for first in range(0, len(names), 10):
                self.ssm.delete_parameters(Names=names[first : first + 10])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            region = self.ssm.meta.region_name
            raise SkyproofError(
                f"The lock of account {self.account} cannot be asked for: {error}",
                "Allow ssm:GetParametersByPath, ssm:PutParameter and ssm:DeleteParameters on "
                f"parameter{FOLDER}/* in {region}.",
                ExitCode.ENVIRONMENT,
            ) from error


def lock_of(backend: Backend, run: Run) -> AccountLock:
    """The lock of the account that a backend stands in."""
    region = HOME[backend.client("ssm").meta.partition]
    return AccountLock(backend.client("ssm", region), backend.account, run)
