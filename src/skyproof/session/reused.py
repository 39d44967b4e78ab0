"""``--skyproof-reuse``: a copy of what stands, and in it what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from skyproof.applied import AppliedStack
from skyproof.backends.movable import Movable
from skyproof.errors import SkyproofError
from skyproof.session.site import Site
from skyproof.session.stacks import Stacks
from skyproof.session.tools import Tools
from skyproof.standing.reuse import Copied, Reuse
from skyproof.standing.up import OtherProviders, take_over
from skyproof.terraform import Stack


@dataclass(frozen=True)
class Reused:
    """Takes a stack from what `skyproof up` let stand."""

    tools: Tools
    site: Site
    stacks: Stacks

    def apply(self, source: Path, variables: Mapping[str, Any]) -> AppliedStack | None:
        """A stack in a copy of what stands; nothing where it must be applied from nothing."""
        if self.site.sharing is not None:
            raise SkyproofError(
                "Workers of pytest-xdist cannot reuse what stands: they share stacks of their own.",
                "Run the tests in one process, without -n; or from nothing, without "
                "--skyproof-reuse or --skyproof-stage.",
            )
        backend = self.site.backend
        if not isinstance(backend, Movable):
            raise SkyproofError(
                f"On the backend {backend.name} nothing stands that could be reused.",
                "Leave out --skyproof-reuse, or use the embedded backend.",
            )
        copied = self._copied(source, variables, backend)
        if copied is None:
            return None
        self.site.enter(copied, backend)
        stack = self.tools.opened(copied.workspace, backend.environment(), variables)
        if not self._is_taken_over(stack, copied):
            return None
        return self.stacks.apply(stack, backend, partial(_catch_up, copied))

    def _copied(
        self, source: Path, variables: Mapping[str, Any], backend: Movable
    ) -> Copied | None:
        if self.stacks.any_stands:
            self.tools.tell(
                f"skyproof: {source.name}: applied as always: other stacks of this run stand"
            )
            return None
        self.site.leave()
        home = self.site.settings.home
        reuse = Reuse(home, backend.account, backend.region, self.tools.tell, self.tools.begin_pool)
        prepare = partial(self.site.chronicle.prepare, source, variables)
        return reuse.copy(source, variables, self.tools.toolchain.binary, prepare)

    def _is_taken_over(self, stack: Stack, copied: Copied) -> bool:
        """Let the copy be of the source as it is now; not so where its providers are others."""
        try:
            take_over(stack, copied.difference)
        except OtherProviders as other:
            self.tools.tell(f"skyproof: {stack.name}: applied from nothing: other {other}")
            self.stacks.forget(stack)
            return False
        except BaseException:
            self.stacks.forget(stack)
            raise
        return True


def _catch_up(copied: Copied, stack: Stack) -> None:
    """Apply what has changed since, if anything."""
    if copied.difference:
        stack.apply(refresh=copied.refresh)
