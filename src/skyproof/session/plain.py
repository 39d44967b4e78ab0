"""The plain way: a copy of the stack, initialised, and applied from nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyproof.applied import AppliedStack
from skyproof.backends import Backend
from skyproof.session.site import Site
from skyproof.session.stacks import Stacks
from skyproof.session.tools import Tools
from skyproof.terraform import Stack


@dataclass(frozen=True)
class Plain:
    """Applies stacks that nobody has applied.

    Args:
        within: the world that they are applied in, if not the backend's first.
    """

    tools: Tools
    site: Site
    stacks: Stacks
    within: Backend | None = None

    def apply(self, source: Path, variables: Mapping[str, Any]) -> AppliedStack:
        """A stack, applied."""
        backend = self.within or self.site.backend
        return self.stacks.apply(self.stack(source, variables), backend)

    def stack(self, source: Path, variables: Mapping[str, Any]) -> Stack:
        """An initialised copy of a stack."""
        self.tools.toolchain  # noqa: B018 (without Terraform no backend is started)
        environment = (self.within or self.site.backend).environment()
        self.site.require_held()
        filled = self.site.run.filled(variables)
        top = self.site.chronicle.prepare(source, filled)
        try:
            stack = self.tools.copied(source, filled, environment, into=top)
        except BaseException:
            self.site.chronicle.drop(top)
            raise
        try:
            stack.init()
        except BaseException:
            self.stacks.forget(stack)
            raise
        return stack
