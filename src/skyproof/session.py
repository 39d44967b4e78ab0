"""One run: the backend, the toolchain, the stacks that were applied, and their end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from skyproof.backends import Backend, create
from skyproof.errors import SkyproofError
from skyproof.expect import Views
from skyproof.settings import Settings
from skyproof.terraform import Outputs, Plan, Stack, State
from skyproof.terraform.discovery import find_mirror, find_terraform
from skyproof.terraform.pool import ProviderPool, Usage
from skyproof.terraform.progress import Display
from skyproof.terraform.stack import Toolchain
from skyproof.terraform.timing import Span, wall_seconds


@dataclass
class AppliedStack:
    """A stack that was applied, with everything that a test asks of it.

    Attributes:
        stack: Terraform's side: plan, state, outputs.
        backend: the AWS that it stands in.
    """

    stack: Stack
    backend: Backend

    @property
    def outputs(self) -> Outputs:
        """Output name → value."""
        return self.stack.outputs

    @property
    def state(self) -> State:
        """The state: address → values."""
        return self.stack.state

    def plan(self, **options: Any) -> Plan:
        """A fresh plan of the stack; see :meth:`skyproof.terraform.Stack.plan`."""
        return self.stack.plan(**options)

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client where the stack stands."""
        return self.backend.client(service, region, account)

    def views(self, region: str | None = None, account: str | None = None) -> Views:
        """Alarms, queues, metrics, canaries and buckets, to expect something of."""
        return Views(self.backend.client, region, account)


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
        display: shows the progress of applies and destroys, if there is one.
        resources: instances that stood in the state after each apply, added up.
        spans: what Terraform did, and when, over all stacks that are done.
        told: the backend, once it was started.
        providers: what the pool of warm providers took.
    """

    settings: Settings
    display: Display | None = None
    resources: int = 0
    spans: list[Span] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    providers: Usage = field(default_factory=Usage)
    told: Told | None = None
    _backend: Backend | None = None
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _toolchain: Toolchain | None = None
    _pool: ProviderPool | None = None
    _open: list[Stack] = field(default_factory=list)

    @property
    def backend(self) -> Backend:
        """The backend, started."""
        with self._starting:
            if self._backend is None:
                backend = create(self.settings)
                backend.start()
                self._backend = backend
                self.told = Told(backend.name, backend.version, backend.describe())
            return self._backend

    @property
    def toolchain(self) -> Toolchain:
        """Terraform and the mirror. Raises SkyproofError when they are not to be had."""
        if self._toolchain is None:
            self._toolchain = Toolchain(
                find_terraform(self.settings.terraform),
                find_mirror(self.settings.provider_mirror),
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
            "providers": astuple(self.providers),
            "told": astuple(self.told) if self.told else None,
        }

    def absorb(self, report: Mapping[str, Any]) -> None:
        """Count what another process of this run on this machine did."""
        self.resources += report["resources"]
        self.spans += [Span(*span) for span in report["spans"]]
        self.kept += report["kept"]
        self.providers += Usage(*report["providers"])
        if report["told"]:
            self.told = Told(*report["told"])

    def stack(self, source: Path, variables: Mapping[str, Any] | None = None) -> Stack:
        """An initialised copy of a stack, not applied."""
        toolchain = self.toolchain
        environment = self.backend.environment()
        stack = Stack.copy_of(
            source, toolchain, environment, variables, display=self.display, pool=self.pool
        )
        try:
            stack.init()
        except BaseException:
            self._forget(stack)
            raise
        return stack

    def apply(self, source: Path, variables: Mapping[str, Any] | None = None) -> AppliedStack:
        """Copy, init and apply a stack; what a failed apply made is destroyed again."""
        stack = self.stack(source, variables)
        self._open.append(stack)
        try:
            stack.apply()
        except BaseException as failure:
            self._undo(stack, failure)
            raise
        self.resources += len(stack.state)
        return AppliedStack(stack, self.backend)

    def _undo(self, stack: Stack, failure: BaseException) -> None:
        try:
            self.destroy(stack)
        except SkyproofError as error:
            raise SkyproofError(
                f"{failure}\n\nWhat it had made could not be destroyed:\n{error.what}",
                error.hint,
                error.exit_code,
            ) from failure

    def destroy(self, stack: Stack) -> None:
        """Destroy a stack and remove its copy; on failure both stay, and the error says where.

        Raises:
            SkyproofError: the destruction failed; it names how to repeat it.
        """
        if stack not in self._open:
            return
        self._open.remove(stack)
        if self.settings.keep:
            self.kept.append(str(stack.workspace.folder))
            return
        try:
            gone = self.backend.failure()
            if gone is not None:  # or Terraform would ask for minutes where nobody answers
                raise gone
            stack.destroy()
        except SkyproofError as error:
            self.kept.append(str(stack.workspace.folder))
            raise SkyproofError(
                error.what,
                f"State, copy and log are kept: terraform -chdir={stack.workspace.folder} destroy",
                error.exit_code,
            ) from error
        self._forget(stack)

    def close(self) -> None:
        """Destroy what is still open, the newest first, and stop providers and backend."""
        failures: list[SkyproofError] = []
        for stack in reversed(self._open[:]):
            try:
                self.destroy(stack)
            except SkyproofError as error:
                failures.append(error)
        self.close_pool()
        if self._backend is not None and not self.kept:
            self._backend.stop()
        if failures:
            raise SkyproofError("\n".join(str(one) for one in failures), exit_code=1)

    def close_pool(self) -> None:
        """End the warm providers; a new pool begins when a stack asks for one."""
        if self._pool is not None:
            self.providers = self.providers.then(self._pool.close())
            self._pool = None

    def _forget(self, stack: Stack) -> None:
        self.spans += stack.spans
        if stack.pool is not None:
            stack.pool.forget(stack.workspace.top)
        shutil.rmtree(stack.workspace.top, ignore_errors=True)
