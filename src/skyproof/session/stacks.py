"""The stacks of a run that stand, and how each ends: destroyed, kept, or left as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from skyproof.applied import AppliedStack
from skyproof.backends import Backend
from skyproof.errors import EndedError, ExitCode, SkyproofError
from skyproof.lifecycle import ceiling, late_writers
from skyproof.lifecycle.journal import Phase
from skyproof.lifecycle.proof import LeftBehind
from skyproof.session.site import Site
from skyproof.session.tally import Tally
from skyproof.settings import Settings
from skyproof.terraform import Stack
from skyproof.terraform.busy import Busy
from skyproof.terraform.runner import Killed

#: Until Terraform has written its state; then it is killed.
INTERRUPT_SECONDS = 60


@dataclass
class Stacks:
    """Applies stacks, undoes what failed, and ends what was applied."""

    settings: Settings
    site: Site
    tally: Tally
    _open: list[Stack] = field(default_factory=list)
    _stands_in: dict[Path, Backend] = field(default_factory=dict)
    _kept: list[Stack] = field(default_factory=list)
    _abandoned: list[Stack] = field(default_factory=list)
    # Destroyed, as Terraform says; of a backend that lasts it is proved when the run closes.
    _unproved: list[Stack] = field(default_factory=list)

    @property
    def any_stands(self) -> bool:
        """Whether anything of this run stands, or was left standing."""
        return bool(self._open or self.tally.kept)

    def apply(
        self, stack: Stack, backend: Backend, how: Callable[[Stack], object] = Stack.apply
    ) -> AppliedStack:
        """Apply an initialised stack; what a failed apply made is destroyed again.

        Args:
            backend: the world that it is applied in.
        """
        self._stands_in[stack.workspace.top] = backend
        if not backend.is_local:
            self._check(stack)
        if self.site.proof is not None:
            self.site.proof.look_before(stack.workspace.top)
        self.site.chronicle.comes_to(Phase.APPLYING, stack.workspace)
        self._open.append(stack)
        try:
            how(stack)
            self.site.chronicle.comes_to(Phase.APPLIED, stack.workspace)
        except Killed:
            self._abandon(stack)
            raise
        except KeyboardInterrupt:
            self.tally.interrupted = True
            raise
        except BaseException as failure:
            self._undo(stack, failure)
            raise
        self.tally.resources += stack.count
        return AppliedStack(stack, backend, self.site.run)

    def _check(self, stack: Stack) -> None:
        """Refuse a stack that would make too much or too dear things; nothing is made then."""
        try:
            ceiling.check(stack.plan(), self.settings.sandbox_ceiling)
        except BaseException:
            self.forget(stack)
            raise

    def _undo(self, stack: Stack, failure: BaseException) -> None:
        self.tally.failed = True
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

    def adopt(self, stack: Stack) -> None:
        """End a stack here that others applied."""
        self.site.chronicle.open()
        self._open.append(stack)

    def destroy(self, stack: Stack) -> None:
        """Destroy a stack and remove its copy, or keep it where the settings say so.

        Harmless when that was done. Interrupted once, the stack is open again; interrupted again,
        it is abandoned as it is.

        Raises:
            SkyproofError: the destruction failed; it names how to repeat it.
        """
        if stack not in self._open:
            return
        self._open.remove(stack)
        if self.settings.keep or (self.settings.keep_on_failure and self.tally.failed):
            self._keep(stack)
        elif self.site.is_copy and not self._open:
            self.forget(stack)  # the world in which it stands ends with it
        else:
            self._destroy(stack)

    def _keep(self, stack: Stack) -> None:
        self.tally.kept.append(str(stack.workspace.folder))
        self.site.chronicle.comes_to(Phase.KEPT, stack.workspace)
        self._kept.append(stack)

    def _destroy(self, stack: Stack) -> None:
        gone = self.site.backend.failure()
        if isinstance(gone, EndedError):
            self.forget(stack)  # with its backend it is destroyed
            raise gone
        stack.hurry = is_last_chance = self.tally.interrupted
        self.site.chronicle.comes_to(Phase.DESTROYING, stack.workspace)
        backend = self._stands_in.get(stack.workspace.top, self.site.backend)
        try:
            if gone is not None:  # or Terraform would ask for minutes where nobody answers
                raise gone
            stack.destroy(
                lambda error: late_writers.quiet(error, lambda: stack.state, backend.client)
            )
        except SkyproofError as error:
            raise self._failed(stack, error) from error
        except KeyboardInterrupt as interrupt:
            self.tally.interrupted = True
            if is_last_chance or isinstance(interrupt, Killed):
                self._abandon(stack)
            else:
                self._open.append(stack)
            raise
        if self.site.backend.is_local:
            self.forget(stack)
        else:
            self._unproved.append(stack)

    def _failed(self, stack: Stack, error: SkyproofError) -> SkyproofError:
        """Why a stack could not be destroyed, and what to do about what is left of it."""
        folder = stack.workspace.folder
        self.tally.kept.append(str(folder))
        self.site.chronicle.comes_to(Phase.FAILED, stack.workspace, reason=error.what)
        kept = f"State, copy and log are kept: terraform -chdir={folder} destroy"
        if not self.site.backend.is_local:
            kept += f"\nor: skyproof reap --run {self.site.run.id}"
        hint = f"{error.hint}\n{kept}" if error.hint else kept
        return SkyproofError(error.what, hint, error.exit_code)

    def _abandon(self, stack: Stack) -> None:
        """Leave a stack as it is, to be told of when the run closes."""
        if stack in self._open:
            self._open.remove(stack)
        self._abandoned.append(stack)
        self.site.chronicle.comes_to(Phase.FAILED, stack.workspace, reason="interrupted twice")
        self.tally.kept.append(str(stack.workspace.folder))

    def forget(self, stack: Stack) -> None:
        """Remove the copy of a stack of which nothing stands."""
        self.tally.spans += stack.spans
        stack.drop()
        self.site.chronicle.drop(stack.workspace.top)
        if not self._open:
            self.site.leave()

    def destroy_all(self) -> list[SkyproofError]:
        """Destroy what is open, the newest first; what went wrong is returned."""
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

    def interrupt(self) -> None:
        """Have Terraform end what it does in other threads, as Ctrl-C does."""
        for stack in list(self._open):
            Busy(stack.workspace.top).end(INTERRUPT_SECONDS)

    def prove(self) -> None:
        """Forget the destroyed stacks of a lasting backend, once nothing of them is left there."""
        unproved, self._unproved = self._unproved, []
        told: LeftBehind | None = None
        if self.site.proof is not None and unproved:
            try:
                self.site.proof.check()
            except LeftBehind as error:
                told = error
        for stack in unproved:
            self.forget(stack)
        if told is not None:
            raise told

    def end_site(self) -> None:
        """Stop the backend, or let it live on with the stacks in it that are kept."""
        kept, self._kept = self._kept, []
        self.site.end(kept)

    def tell_of_abandoned(self) -> SkyproofError | None:
        """What was left as it is, once; none where everything came to its end."""
        abandoned, self._abandoned = self._abandoned, []
        if not abandoned:
            return None
        commands = [f"terraform -chdir={one.workspace.folder} destroy" for one in abandoned]
        return SkyproofError(
            "Interrupted again: Terraform was killed, and what it had made is still there.",
            "\n".join(["State, copy and log are kept. Go on with:", *commands]),
            ExitCode.INTERRUPTED,
        )
