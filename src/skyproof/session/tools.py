"""What Terraform is run with: its binary, providers kept warm, what shows and what redacts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skyproof.backends import Backend
from skyproof.redaction import Redactor
from skyproof.session.tally import Tally
from skyproof.settings import Settings
from skyproof.terraform import Stack
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.progress import Display
from skyproof.terraform.toolchain import Toolchain
from skyproof.terraform.workspace import Workspace


@dataclass
class Tools:
    """The same for all stacks of a run; each is found, or begun, when it is first asked for.

    Args:
        backend: the backend of the run, started.
        display: shows the progress of applies and destroys, if there is one.
    """

    settings: Settings
    backend: Callable[[], Backend]
    display: Display | None
    redactor: Redactor
    tally: Tally
    _toolchain: Toolchain | None = None
    _pool: ProviderPool | None = None
    _starting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def toolchain(self) -> Toolchain:
        """Terraform and the mirror. Raises SkyproofError when they are not to be had."""
        if self._toolchain is None:
            self._toolchain = Toolchain.found(self.settings)
        return self._toolchain

    @property
    def pool(self) -> ProviderPool | None:
        """Warm providers, where the settings and the backend want them."""
        wanted = self.settings.provider_pool
        if wanted == "off" or (wanted == "auto" and not self.backend().is_local):
            return None
        with self._starting:
            if self._pool is None:
                self._pool = ProviderPool(required=wanted == "on", tell=self.tell)
            return self._pool

    def begin_pool(self) -> None:
        """Start the warm providers' own process, for a command that comes soon."""
        if self.pool is not None:
            self.pool.begin()

    def close_pool(self) -> None:
        """End the warm providers; a new pool begins when a stack asks for one."""
        if self._pool is not None:
            self.tally.providers = self.tally.providers.then(self._pool.close())
            self._pool = None

    def tell(self, line: str) -> None:
        """Show a line to whoever looks on."""
        (self.display or Display()).tell(line)

    def copied(
        self, source: Path, variables: Mapping[str, Any], environment: Mapping[str, str], into: Path
    ) -> Stack:
        """A stack in a new copy of its source, not initialised."""
        return Stack.copy_of(
            source,
            self.toolchain,
            environment,
            variables,
            into=into,
            accounts=() if self.backend().is_local else self.settings.sandbox_accounts,
            display=self.display,
            pool=self.pool,
            redactor=self.redactor,
        )

    def opened(
        self,
        workspace: Workspace,
        environment: Mapping[str, str],
        variables: Mapping[str, Any] | None = None,
    ) -> Stack:
        """A stack in a workspace that is there, with its own variables unless others are given."""
        return Stack(
            workspace,
            self.toolchain,
            environment,
            workspace.variables() if variables is None else variables,
            display=self.display,
            pool=self.pool,
            redactor=self.redactor,
        )
