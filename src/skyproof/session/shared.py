"""A worker's way: the controller applies the stack, once for all workers of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyproof.applied import AppliedStack
from skyproof.session.site import Site
from skyproof.session.stacks import Stacks
from skyproof.sharing import Sharing
from skyproof.terraform import Stack
from skyproof.terraform.workspace import check_stack


@dataclass(frozen=True)
class Shared:
    """Has stacks applied for all, as long as this worker is not on its own."""

    sharing: Sharing
    site: Site
    stacks: Stacks

    def apply(self, source: Path, variables: Mapping[str, Any]) -> AppliedStack | None:
        """A copy of a stack that was applied for all; nothing where this worker is on its own."""
        check_stack(source)
        self.site.backend  # noqa: B018 (starts it)
        return self.sharing.apply(source, self.site.run.filled(variables))

    def leave(self, stack: Stack) -> None:
        """Go where a stack does not stand; where it has to be destroyed for that, it is open."""
        if self.sharing.has(stack) and not self.sharing.leave(stack):
            self.stacks.adopt(stack)
