"""Where a run works: its backend, and what it holds and writes down so that others can finish."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from skyproof.backends import Backend, create
from skyproof.backends.embedded import Embedded
from skyproof.backends.movable import Movable
from skyproof.errors import SkyproofError
from skyproof.lifecycle.chronicle import Chronicle
from skyproof.lifecycle.lock import AccountLock, lock_of
from skyproof.lifecycle.proof import Proof
from skyproof.redaction import Redactor
from skyproof.run import Run
from skyproof.session.tally import Tally, Told
from skyproof.settings import Settings
from skyproof.sharing import Sharing
from skyproof.standing.fingerprint import Fingerprint
from skyproof.standing.record import place_of_kept
from skyproof.standing.reuse import Copied
from skyproof.standing.up import IDLE_SECONDS, record_of
from skyproof.terraform import Stack


@dataclass
class Site:
    """The AWS of one run: started on first use, held for it alone where others work there, too.

    Args:
        sharing: of a worker, whose AWS the controller has.
        leads: false in a worker, whose controller holds the account for all of them.
        redactor: learns the credentials of a real account.
        tell: takes a line for whoever looks on.

    Attributes:
        proof: that the run leaves nothing on a backend that lasts; from the chronicle's begin on.
    """

    settings: Settings
    run: Run
    sharing: Sharing | None
    leads: bool
    tally: Tally
    redactor: Redactor
    tell: Callable[[str], None]
    proof: Proof | None = None
    _backend: Backend | None = None
    _lock: AccountLock | None = None
    _refused: SkyproofError | None = None
    _chronicle: Chronicle | None = None
    _copied: Copied | None = None
    _starting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_started(self) -> bool:
        """Whether anybody has asked for the backend."""
        return self._backend is not None

    @property
    def backend(self) -> Backend:
        """The backend, started."""
        with self._starting:
            if self._refused is not None:
                raise self._refused
            if self._backend is None:
                self._backend = self._started()
            return self._backend

    def _started(self) -> Backend:
        backend = self.sharing.backend if self.sharing else create(self.settings, self.run)
        try:
            backend.start()
        except SkyproofError as error:  # or each test would wait for it anew
            self._refused = error
            raise
        if not backend.is_local:  # an emulator takes any credentials, and none is secret
            self.redactor.learn_environment(backend.environment())
            if self.leads:
                self._hold(backend)
        self.tally.told = Told(backend.name, backend.version, backend.describe())
        return backend

    def require_alive(self) -> None:
        """Raise SkyproofError when it was started and ended since: Terraform would try for long."""
        gone = self._backend.failure() if self._backend is not None else None
        if gone is not None:
            raise gone

    def _hold(self, backend: Backend) -> None:
        """Take the account for this run alone; a run that was refused once does not wait again."""
        lock = lock_of(backend, self.run)
        try:
            # First: whoever finishes this run gives the account back, too.
            self._begun(backend).open()
            lock.acquire(self.settings.sandbox_wait)
        except SkyproofError as error:
            self._refused = error
            self.end_chronicle()
            backend.stop()
            raise
        self._lock = lock

    def require_held(self) -> None:
        """Refuse to go on where the account may be another run's by now."""
        if self._lock is not None:
            self._lock.require_held()

    def release(self) -> None:
        """Give the account back."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    @property
    def chronicle(self) -> Chronicle:
        """What this run writes down, so that others can finish it."""
        backend = self.backend
        with self._starting:
            return self._begun(backend)

    def _begun(self, backend: Backend) -> Chronicle:
        if self._chronicle is None:
            run = self.sharing.own_run if self.sharing else self.run
            self._chronicle = Chronicle(self.settings, run, backend)
            self.proof = None if backend.is_local else Proof(backend, self.run, self.tell)
        return self._chronicle

    def end_chronicle(self) -> None:
        """Nothing more is written down of this run."""
        chronicle, self._chronicle = self._chronicle, None
        if chronicle is not None:
            chronicle.close()

    @property
    def is_copy(self) -> bool:
        """Whether the run is in a copy of a standing world, which ends with it."""
        return self._copied is not None

    def enter(self, copied: Copied, backend: Movable) -> None:
        """Work in a copy of a standing world from now on."""
        self._copied = copied
        backend.enter(copied.world)

    def leave(self) -> None:
        """End the copy that the run is in, if it is in one."""
        copied, self._copied = self._copied, None
        if copied is not None and isinstance(self._backend, Movable):
            self._backend.leave()
            copied.end()

    def end(self, kept: Sequence[Stack]) -> None:
        """Stop the backend, unless somebody shall look at what is kept in it."""
        if kept and isinstance(self._backend, Embedded | Movable):
            self._let_stand(self._backend, kept)
        elif self._backend is not None and not self.tally.kept:
            self._backend.stop()

    def _let_stand(self, backend: Embedded | Movable, kept: Sequence[Stack]) -> None:
        """Let the emulator live on with the stacks in it that are kept."""
        home, why = self.settings.home, f"kept by the run {self.run.id}"
        places = [place_of_kept(home, self.run.id, one.workspace.top.name) for one in kept]
        for place, stack in zip(places, kept, strict=True):
            place.write(record_of(backend, stack, Fingerprint(), is_open=True, why=why))
        backend.let_go(IDLE_SECONDS, places[0].path)
        if self._copied is not None:
            self._copied.let_go()
