"""A run as the plugin, the benchmarks and other Python code see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from skyproof import run
from skyproof.applied import AppliedStack, World, has_worlds
from skyproof.backends import Backend
from skyproof.backends.emulated import Emulated
from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle.chronicle import Chronicle
from skyproof.lifecycle.journal import Phase
from skyproof.readonly import ReadOnly
from skyproof.redaction import Redactor
from skyproof.run import Run
from skyproof.session.plain import Plain
from skyproof.session.reused import Reused
from skyproof.session.shared import Shared
from skyproof.session.site import Site
from skyproof.session.stacks import Stacks
from skyproof.session.staged import Staged
from skyproof.session.tally import Tally
from skyproof.session.tools import Tools
from skyproof.settings import Settings
from skyproof.sharing import Guest, Sharing
from skyproof.terraform import Stack
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.progress import Display
from skyproof.terraform.toolchain import Toolchain


class Way(Protocol):
    """One of the ways in which a stack is applied."""

    def apply(self, source: Path, variables: Mapping[str, Any]) -> AppliedStack | None:
        """The stack, applied; nothing where it must be another way."""


@dataclass
class Session(Tally):
    """Starts the backend on first use, applies stacks, and ends what it began.

    Attributes:
        display: shows the progress of applies and destroys, if there is one.
        leads: false in a worker, whose controller holds the account for all of them.
        redactor: knows the secrets of the run: whatever leaves it goes through there.
        read_only: keeps the stack that tests share as it is while one of them runs.
    """

    settings: Settings
    display: Display | None = None
    leads: bool = True
    redactor: Redactor = field(default_factory=Redactor)
    read_only: ReadOnly = field(init=False)

    def __post_init__(self) -> None:
        self._tools = Tools(
            self.settings, lambda: self.backend, self.display, self.redactor, tally=self
        )
        self.read_only = ReadOnly(lambda: cast(Emulated, self.backend).worlds())
        self._work_as(run.begin(self.settings.time_to_live, self.settings.owner))

    def share(self, invitation: Mapping[str, Any], worker: str) -> None:
        """Have stacks applied once for all workers of a run, by its controller."""
        port, key = invitation["port"], invitation["key"]
        guest = Guest(self.settings.account, self.settings.region, port, key)
        shared = Run.from_json(invitation["run"])
        self._work_as(shared, Sharing(guest, shared, worker, self._tools.opened))

    def _work_as(self, run: Run, sharing: Sharing | None = None) -> None:
        self._site = Site(
            self.settings,
            run,
            sharing,
            leads=self.leads,
            tally=self,
            redactor=self.redactor,
            tell=self._tools.tell,
        )
        self._stacks = Stacks(self.settings, self._site, tally=self)
        self._shared = Shared(sharing, self._site, self._stacks) if sharing else None

    @property
    def run(self) -> Run:
        """Who this run is."""
        return self._site.run

    @property
    def sharing(self) -> Sharing | None:
        """What a worker has in common with the others of the run."""
        return self._site.sharing

    @property
    def backend(self) -> Backend:
        """The backend, started."""
        return self._site.backend

    @property
    def chronicle(self) -> Chronicle:
        """What this run writes down, so that others can finish it."""
        return self._site.chronicle

    @property
    def toolchain(self) -> Toolchain:
        """Terraform and the mirror. Raises SkyproofError when they are not to be had."""
        return self._tools.toolchain

    @property
    def pool(self) -> ProviderPool | None:
        """Warm providers, where the settings and the backend want them."""
        return self._tools.pool

    @property
    def shared_is_read_only(self) -> bool:
        """Whether the backend is started, and tests must leave what they share on it alone."""
        if not self._site.is_started or self.settings.shared_writes == "allow":
            return False
        return has_worlds(self.backend)

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
        return self._plain(within).stack(source, variables or {})

    def apply(
        self,
        source: Path,
        variables: Mapping[str, Any] | None = None,
        *,
        within: Backend | None = None,
    ) -> AppliedStack:
        """Apply a stack; what a failed apply made is destroyed again.

        What an interrupted one made is destroyed by :meth:`close`.
        """
        with self.read_only.lifted():
            self._site.require_alive()
            for way in self._ways():
                applied = way.apply(source, variables or {})
                if applied is not None:
                    return applied
            return self._plain(within).apply(source, variables or {})

    def _ways(self) -> list[Way]:
        """What is tried before the plain way, in this order."""
        reused = Reused(self._tools, self._site, self._stacks)
        if self.settings.stage:
            return [Staged(self._tools, reused)]
        ways: list[Way] = [reused] if self.settings.reuses else []
        return [*ways, self._shared] if self._shared else ways

    def _plain(self, within: Backend | None) -> Plain:
        return Plain(self._tools, self._site, self._stacks, within)

    def destroy(self, stack: Stack) -> None:
        """Destroy a stack and remove its copy; on failure both stay, and the error says where.

        Interrupted once, the stack is left for :meth:`close` to destroy; interrupted again, it is
        abandoned as it is.

        Raises:
            SkyproofError: the destruction failed; it names how to repeat it.
        """
        with self.read_only.lifted():
            if self._shared is not None:
                self._shared.leave(stack)
            self._stacks.destroy(stack)

    def keep_world(self, world: World, test: str) -> None:
        """Leave the world of a test in place, for somebody to look at when the run is over."""
        workspace = world.stack.workspace
        if self.sharing is not None:
            self.sharing.backend.keep(workspace)
        if workspace.top.is_relative_to(self.chronicle.folder.path):
            self.chronicle.comes_to(Phase.KEPT, workspace)
        self.kept_worlds.append(f"the world of {test}: {world.backend.endpoint}, {world.folder}")

    def interrupt(self) -> None:
        """Have Terraform end what it does in other threads, as Ctrl-C does."""
        self._stacks.interrupt()

    def close_pool(self) -> None:
        """End the warm providers; a new pool begins when a stack asks for one."""
        self._tools.close_pool()

    def close(self) -> None:
        """Destroy what is still open, the newest first, and stop providers and backend.

        Raises:
            SkyproofError: something is left, or it was interrupted; then all is destroyed unless
                the error tells what is left.
        """
        was_interrupted = self.interrupted
        with self.read_only.lifted():
            failures = self._stacks.destroy_all()
        if self.sharing is not None:
            self.sharing.close()
        self.close_pool()
        for ending in (self._stacks.prove, self._site.release, self._site.end_chronicle):
            try:
                ending()
            except SkyproofError as error:
                failures.append(error)
        self._stacks.end_site()
        abandoned = self._stacks.tell_of_abandoned()
        if abandoned is not None:
            failures.append(abandoned)
        elif self.interrupted and not was_interrupted:
            told = "Interrupted while stacks were destroyed, which was done all the same."
            failures.append(SkyproofError(told, exit_code=ExitCode.INTERRUPTED))
        if failures:
            raise SkyproofError(
                "\n".join(str(one) for one in failures), exit_code=failures[-1].exit_code
            )
