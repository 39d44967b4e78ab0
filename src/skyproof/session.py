"""One run: the backend, the toolchain, the stacks that were applied, and their end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from skyproof import run
from skyproof.applied import AppliedStack, World, has_worlds
from skyproof.backends import Backend, create
from skyproof.backends.embedded import Embedded
from skyproof.backends.emulated import Emulated
from skyproof.backends.movable import Movable
from skyproof.errors import EndedError, ExitCode, SkyproofError
from skyproof.lifecycle import ceiling, late_writers
from skyproof.lifecycle.chronicle import Chronicle
from skyproof.lifecycle.journal import Phase
from skyproof.lifecycle.lock import AccountLock, lock_of
from skyproof.lifecycle.proof import LeftBehind, Proof
from skyproof.readonly import ReadOnly
from skyproof.redaction import Redactor
from skyproof.run import Run
from skyproof.settings import Settings
from skyproof.sharing import Guest, Sharing
from skyproof.standing.fingerprint import Fingerprint
from skyproof.standing.record import place_of_kept
from skyproof.standing.reuse import Copied, Reuse
from skyproof.standing.stages import nothing_stands, run_stage
from skyproof.standing.up import IDLE_SECONDS, OtherProviders, record_of, take_over
from skyproof.terraform import Stack
from skyproof.terraform.busy import Busy
from skyproof.terraform.pool import ProviderPool, Usage
from skyproof.terraform.progress import Display
from skyproof.terraform.runner import Killed
from skyproof.terraform.stack import Toolchain
from skyproof.terraform.timing import Span, wall_seconds
from skyproof.terraform.workspace import Workspace, check_stack

#: Until Terraform has written its state; then it is killed.
INTERRUPT_SECONDS = 60


@dataclass(frozen=True)
class Told:
    """What a backend said of itself when it had started."""

    name: str
    version: str
    about: str


@dataclass
class Session:
    """Starts the backend on first use, and ends what it began.

    Attributes:
        leads: false in a worker, whose controller holds the account for all of them.
        run: who this run is.
        display: shows the progress of applies and destroys, if there is one.
        resources: instances that stood in the state after each apply, added up.
        spans: what Terraform did, and when, over all stacks that are done.
        told: the backend, once it was started.
        providers: what the pool of warm providers took.
        sharing: what a worker has in common with the others of the run.
        read_only: keeps the stack that tests share as it is while one of them runs.
        redactor: knows the secrets of the run: whatever leaves it goes through there.
        failed: whether a test or an apply has failed.
        interrupted: whether the run was interrupted, and cleans up; the next one ends that too.
    """

    settings: Settings
    display: Display | None = None
    leads: bool = True
    resources: int = 0
    spans: list[Span] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    kept_worlds: list[str] = field(default_factory=list)
    providers: Usage = field(default_factory=Usage)
    told: Told | None = None
    redactor: Redactor = field(default_factory=Redactor)
    interrupted: bool = False
    failed: bool = False
    read_only: ReadOnly = field(init=False)
    run: Run = field(init=False)
    sharing: Sharing | None = None
    _backend: Backend | None = None
    _lock: AccountLock | None = None
    _refused: SkyproofError | None = None
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _toolchain: Toolchain | None = None
    _pool: ProviderPool | None = None
    _open: list[Stack] = field(default_factory=list)
    _stands_in: dict[Path, Backend] = field(default_factory=dict)
    _abandoned: list[Stack] = field(default_factory=list)
    # Destroyed, as Terraform says; of a backend that lasts it is proved when the run closes.
    _unproved: list[Stack] = field(default_factory=list)
    _chronicle: Chronicle | None = None
    _proof: Proof | None = None
    # The copy of a standing world that the run is in, with --skyproof-reuse.
    _copied: Copied | None = None
    # Of a local backend, which lives on with them.
    _left_standing: list[Stack] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run = run.begin(self.settings.time_to_live, self.settings.owner)
        self.read_only = ReadOnly(lambda: cast(Emulated, self.backend).worlds())

    @property
    def shared_is_read_only(self) -> bool:
        """Whether the backend is started, and tests must leave what they share on it alone."""
        if self._backend is None or self.settings.shared_writes == "allow":
            return False
        return has_worlds(self._backend)

    @property
    def backend(self) -> Backend:
        """The backend, started."""
        with self._starting:
            if self._refused is not None:
                raise self._refused
            if self._backend is None:
                backend = self.sharing.backend if self.sharing else create(self.settings, self.run)
                try:
                    backend.start()
                except SkyproofError as error:  # or each test would wait for it anew
                    self._refused = error
                    raise
                if not backend.is_local:  # an emulator takes any credentials, and none is secret
                    self.redactor.learn_environment(backend.environment())
                if self.leads and not backend.is_local:
                    self._hold(backend)
                self._backend = backend
                self.told = Told(backend.name, backend.version, backend.describe())
            return self._backend

    def _require_backend(self) -> None:
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
            self._end_chronicle()
            backend.stop()
            raise
        self._lock = lock

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
            self._proof = None if backend.is_local else Proof(backend, self.run, self._tell)
        return self._chronicle

    @property
    def toolchain(self) -> Toolchain:
        """Terraform and the mirror. Raises SkyproofError when they are not to be had."""
        if self._toolchain is None:
            self._toolchain = Toolchain.found(
                self.settings.terraform,
                self.settings.provider_mirror,
                self.settings.parallelism,
                self.settings.timeout,
            )
        return self._toolchain

    @property
    def pool(self) -> ProviderPool | None:
        """Warm providers, where the settings and the backend want them."""
        wanted = self.settings.provider_pool
        if wanted == "off" or (wanted == "auto" and not self.backend.is_local):
            return None
        with self._starting:
            if self._pool is None:
                self._pool = ProviderPool(required=wanted == "on", tell=self._tell)
            return self._pool

    def _tell(self, line: str) -> None:
        (self.display or Display()).tell(line)

    def seconds(self, *what: str) -> float:
        """Seconds in which Terraform ran these commands; those that ran at once count once."""
        return wall_seconds(span for span in self.spans if span.what in what)

    def report(self) -> dict[str, Any]:
        """What this run did, as plain data that :meth:`absorb` takes in another process."""
        spans = [[span.what, span.begun, span.ended] for span in self.spans]
        return {
            "resources": self.resources,
            "spans": spans,
            "kept": self.kept,
            "kept_worlds": self.kept_worlds,
            "providers": astuple(self.providers),
            "told": astuple(self.told) if self.told else None,
        }

    def absorb(self, report: Mapping[str, Any]) -> None:
        """Count what another process of this run on this machine did."""
        self.resources += report["resources"]
        self.spans += [Span(*span) for span in report["spans"]]
        self.kept += report["kept"]
        self.kept_worlds += report["kept_worlds"]
        self.providers += Usage(*report["providers"])
        if report["told"]:
            self.told = Told(*report["told"])

    def share(self, invitation: Mapping[str, Any], worker: str) -> None:
        """Have stacks applied once for all workers of a run, by its controller."""
        port, key = invitation["port"], invitation["key"]
        self.run = Run.from_json(invitation["run"])
        guest = Guest(self.settings.account, self.settings.region, port, key)
        self.sharing = Sharing(guest, self.run, worker, self._opened)

    def _opened(self, workspace: Workspace, environment: Mapping[str, str]) -> Stack:
        return Stack(
            workspace,
            self.toolchain,
            environment,
            workspace.variables(),
            display=self.display,
            pool=self.pool,
            redactor=self.redactor,
        )

    def stack(
        self,
        source: Path,
        variables: Mapping[str, Any] | None = None,
        *,
        within: Backend | None = None,
    ) -> Stack:
        """An initialised copy of a stack, not applied.

        ``{skyproof_suffix}`` in its variables becomes the suffix of this run.

        Args:
            within: the world that it shall be applied in, if not the backend's first.
        """
        toolchain = self.toolchain
        environment = (within or self.backend).environment()
        if self._lock is not None:
            self._lock.require_held()
        filled = self.run.filled(variables or {})
        top = self.chronicle.prepare(source, filled)
        try:
            stack = Stack.copy_of(
                source,
                toolchain,
                environment,
                filled,
                into=top,
                accounts=() if self.backend.is_local else self.settings.sandbox_accounts,
                display=self.display,
                pool=self.pool,
                redactor=self.redactor,
            )
        except BaseException:
            self.chronicle.drop(top)
            raise
        try:
            stack.init()
        except BaseException:
            self._forget(stack)
            raise
        return stack

    def apply(
        self,
        source: Path,
        variables: Mapping[str, Any] | None = None,
        *,
        within: Backend | None = None,
    ) -> AppliedStack:
        """Copy, init and apply a stack; what a failed apply made is destroyed again.

        What an interrupted one made is destroyed by :meth:`close`.
        """
        with self.read_only.lifted():
            self._require_backend()
            if self.settings.stage:
                run_stage(self.settings, self.display or Display(), source, variables or {})
            if self.settings.reuses:
                taken = self._take(source, variables or {})
                if taken is not None:
                    return self._applied(taken, self.backend, self._copied)
                if self.settings.stage:
                    raise nothing_stands(source)
            if self.sharing is not None:
                check_stack(source)
                self.backend  # noqa: B018 (starts it)
                shared = self.sharing.apply(source, self.run.filled(variables or {}))
                if shared is not None:
                    return shared
            return self._apply(source, variables, within or self.backend)

    def _apply(
        self, source: Path, variables: Mapping[str, Any] | None, backend: Backend
    ) -> AppliedStack:
        return self._applied(self.stack(source, variables, within=backend), backend)

    def _applied(
        self, stack: Stack, backend: Backend, copied: Copied | None = None
    ) -> AppliedStack:
        self._stands_in[stack.workspace.top] = backend
        if not self.backend.is_local:
            self._check(stack)
        if self._proof is not None:
            self._proof.look_before(stack.workspace.top)
        self.chronicle.comes_to(Phase.APPLYING, stack.workspace)
        self._open.append(stack)
        try:
            if copied is None:
                stack.apply()
            elif copied.difference:
                stack.apply(refresh=copied.refresh)
            self.chronicle.comes_to(Phase.APPLIED, stack.workspace)
        except Killed:
            self._abandon(stack)
            raise
        except KeyboardInterrupt:
            self.interrupted = True
            raise
        except BaseException as failure:
            self._undo(stack, failure)
            raise
        self.resources += stack.count
        return AppliedStack(stack, backend, self.run)

    def _take(self, source: Path, variables: Mapping[str, Any]) -> Stack | None:
        """A stack in a copy of what stands; ``None`` where it must be applied from nothing."""
        if not isinstance(self.backend, Movable):
            raise SkyproofError(
                f"On the backend {self.backend.name} nothing stands that could be reused.",
                "Leave out --skyproof-reuse, or use the embedded backend.",
            )
        if self._open or self.kept:
            self._tell(
                f"skyproof: {source.name}: applied as always: other stacks of this run stand"
            )
            return None
        self._leave()
        reuse = Reuse(self.settings.home, self.backend.account, self.backend.region, self._tell)
        prepare = partial(self.chronicle.prepare, source, variables)
        copied = reuse.copy(source, variables, self.toolchain.binary, prepare)
        if copied is None:
            return None
        self._copied = copied
        self.backend.enter(copied.world)
        stack = Stack(
            copied.workspace,
            self.toolchain,
            self.backend.environment(),
            dict(variables),
            display=self.display,
            pool=self.pool,
            redactor=self.redactor,
        )
        try:
            take_over(stack, copied.difference)
        except OtherProviders as other:
            self._tell(f"skyproof: {source.name}: applied from nothing: other {other}")
            self._forget(stack)
            return None
        except BaseException:
            self._forget(stack)
            raise
        return stack

    def _leave(self) -> None:
        """End the copy that the run is in, if it is in one."""
        copied, self._copied = self._copied, None
        if copied is not None and isinstance(self.backend, Movable):
            self.backend.leave()
            copied.end()

    def _check(self, stack: Stack) -> None:
        """Refuse a stack that would make too much or too dear things; nothing is made then."""
        try:
            ceiling.check(stack.plan(), self.settings.sandbox_ceiling)
        except BaseException:
            self._forget(stack)
            raise

    def _undo(self, stack: Stack, failure: BaseException) -> None:
        self.failed = True
        try:
            self.destroy(stack)
        except EndedError as ended:
            raise EndedError(
                f"{ended.what}\n\nMeanwhile:\n{failure}", ended.hint, ended.exit_code
            ) from failure
        except SkyproofError as error:
            raise SkyproofError(
                f"{failure}\n\nWhat it had made could not be destroyed:\n{error.what}",
                error.hint,
                error.exit_code,
            ) from failure

    def destroy(self, stack: Stack) -> None:
        """Destroy a stack and remove its copy; on failure both stay, and the error says where.

        Interrupted once, the stack is left for :meth:`close` to destroy; interrupted again, it is
        abandoned as it is.

        Raises:
            SkyproofError: the destruction failed; it names how to repeat it.
        """
        with self.read_only.lifted():
            if self.sharing is not None and self.sharing.has(stack):
                if self.sharing.leave(stack):
                    return
                self.chronicle.open()
                self._open.append(stack)
            if stack in self._open:
                self._destroy(stack)

    def _destroy(self, stack: Stack) -> None:
        self._open.remove(stack)
        stack.hurry = is_last_chance = self.interrupted
        if self.settings.keep or (self.settings.keep_on_failure and self.failed):
            self.kept.append(str(stack.workspace.folder))
            self.chronicle.comes_to(Phase.KEPT, stack.workspace)
            self._left_standing.append(stack)
            return
        if self._copied is not None and not self._open:
            self._forget(stack)  # the world in which it stands ends with it
            return
        gone = self.backend.failure()
        if isinstance(gone, EndedError):
            self._forget(stack)  # with its backend it is destroyed
            raise gone
        self.chronicle.comes_to(Phase.DESTROYING, stack.workspace)
        backend = self._stands_in.get(stack.workspace.top, self.backend)
        try:
            if gone is not None:  # or Terraform would ask for minutes where nobody answers
                raise gone
            stack.destroy(
                lambda error: late_writers.quiet(error, lambda: stack.state, backend.client)
            )
        except SkyproofError as error:
            self.kept.append(str(stack.workspace.folder))
            self.chronicle.comes_to(Phase.FAILED, stack.workspace, reason=error.what)
            kept = (
                f"State, copy and log are kept: terraform -chdir={stack.workspace.folder} destroy"
            )
            if not self.backend.is_local:
                kept += f"\nor: skyproof reap --run {self.run.id}"
            hint = f"{error.hint}\n{kept}" if error.hint else kept
            raise SkyproofError(error.what, hint, error.exit_code) from error
        except KeyboardInterrupt as interrupt:
            self.interrupted = True
            if is_last_chance or isinstance(interrupt, Killed):
                self._abandon(stack)
            else:
                self._open.append(stack)
            raise
        if self.backend.is_local:
            self._forget(stack)
        else:
            self._unproved.append(stack)

    def keep_world(self, world: World, test: str) -> None:
        """Leave the world of a test in place, for somebody to look at when the run is over."""
        workspace = world.stack.workspace
        if self.sharing is not None:
            self.sharing.backend.keep(workspace)
        if workspace.top.is_relative_to(self.chronicle.folder.path):
            self.chronicle.comes_to(Phase.KEPT, workspace)
        self.kept_worlds.append(f"the world of {test}: {world.backend.endpoint}, {world.folder}")

    def _abandon(self, stack: Stack) -> None:
        """Leave a stack as it is, to be told of when the run closes."""
        if stack in self._open:
            self._open.remove(stack)
        self._abandoned.append(stack)
        self.chronicle.comes_to(Phase.FAILED, stack.workspace, reason="interrupted twice")
        self.kept.append(str(stack.workspace.folder))

    def close(self) -> None:
        """Destroy what is still open, the newest first, and stop providers and backend.

        Raises:
            SkyproofError: something is left, or it was interrupted; then all is destroyed unless
                the error tells what is left.
        """
        was_interrupted = self.interrupted
        failures = self._destroy_all()
        if self.sharing is not None:
            self.sharing.close()
        self.close_pool()
        for ending in (self._prove, self._release, self._end_chronicle):
            try:
                ending()
            except SkyproofError as error:
                failures.append(error)
        self._end_backend()
        if self._abandoned:
            failures.append(_left_behind(self._abandoned))
            self._abandoned = []
        elif self.interrupted and not was_interrupted:
            told = "Interrupted while stacks were destroyed, which was done all the same."
            failures.append(SkyproofError(told, exit_code=ExitCode.INTERRUPTED))
        if failures:
            raise SkyproofError(
                "\n".join(str(one) for one in failures), exit_code=failures[-1].exit_code
            )

    def _end_backend(self) -> None:
        """Stop it, unless somebody shall look at what is kept in it."""
        if self._left_standing and isinstance(self._backend, Embedded | Movable):
            self._let_stand(self._backend)
        elif self._backend is not None and not self.kept:
            self._backend.stop()

    def fork(self, applied: AppliedStack) -> AbstractContextManager[World]:
        """A world of one's own for a stack that was applied; see :meth:`AppliedStack.fork`."""
        return applied.fork()

    def interrupt(self) -> None:
        """Have Terraform end what it does in other threads, as Ctrl-C does."""
        for stack in list(self._open):
            Busy(stack.workspace.top).end(INTERRUPT_SECONDS)

    def _destroy_all(self) -> list[SkyproofError]:
        failures = []
        while self._open:
            stack = self._open[-1]
            if self._abandoned:
                self._abandon(stack)
                continue
            try:
                self.destroy(stack)
            except SkyproofError as error:
                failures.append(error)
            except KeyboardInterrupt:
                continue  # the first time it is open again, the second time abandoned
        return failures

    def _end_chronicle(self) -> None:
        chronicle, self._chronicle = self._chronicle, None
        if chronicle is not None:
            chronicle.close()

    def _prove(self) -> None:
        """Forget the destroyed stacks of a lasting backend, once nothing of them is left there."""
        unproved, self._unproved = self._unproved, []
        told: LeftBehind | None = None
        if self._proof is not None and unproved:
            try:
                self._proof.check()
            except LeftBehind as error:
                told = error
        for stack in unproved:
            self._forget(stack)
        if told is not None:
            raise told

    def _release(self) -> None:
        """Give the account back."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()

    def close_pool(self) -> None:
        """End the warm providers; a new pool begins when a stack asks for one."""
        if self._pool is not None:
            self.providers = self.providers.then(self._pool.close())
            self._pool = None

    def _let_stand(self, backend: Embedded | Movable) -> None:
        """Let the emulator live on with the stacks in it that are kept."""
        home, why = self.settings.home, f"kept by the run {self.run.id}"
        stacks, self._left_standing = self._left_standing, []
        for stack in stacks:
            place = place_of_kept(home, self.run.id, stack.workspace.top.name)
            place.write(record_of(backend, stack, Fingerprint(), is_open=True, why=why))
        backend.let_go(
            IDLE_SECONDS, place_of_kept(home, self.run.id, stacks[0].workspace.top.name).path
        )
        if self._copied is not None:
            self._copied.let_go()

    def _forget(self, stack: Stack) -> None:
        self.spans += stack.spans
        if stack.pool is not None:
            stack.pool.forget(stack.workspace.top)
        shutil.rmtree(stack.workspace.top, ignore_errors=True)
        self.chronicle.drop(stack.workspace.top)
        if not self._open:
            self._leave()


def _left_behind(stacks: list[Stack]) -> SkyproofError:
    commands = [f"terraform -chdir={one.workspace.folder} destroy" for one in stacks]
    return SkyproofError(
        "Interrupted again: Terraform was killed, and what it had made is still there.",
        "\n".join(["State, copy and log are kept. Go on with:", *commands]),
        ExitCode.INTERRUPTED,
    )
