"""A stack that was applied, and worlds: private copies of it, with the AWS that it stands in."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from skyproof.backends import Backend
from skyproof.backends.emulated import Emulated
from skyproof.errors import ExitCode, SkyproofError
from skyproof.expect import Clock, EmulatedClock, Expect, Views
from skyproof.lifecycle import late_writers
from skyproof.run import Run
from skyproof.terraform import Applied, Outputs, Plan, Stack, State


@dataclass
class AppliedStack:
    """A stack that was applied, with everything that a test asks of it.

    Attributes:
        stack: Terraform's side: plan, state, outputs.
        backend: the AWS that it stands in.
        run: who applied it.
    """

    stack: Stack
    backend: Backend
    run: Run

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

    @contextmanager
    def fork(self) -> Iterator[World]:
        """A world of one's own: a copy of the stack and of its AWS, dropped at the end.

        Raises:
            SkyproofError: the backend has no worlds, or something in this one does not come to
                rest.
        """
        world = World.of(self)
        try:
            yield world
        finally:
            world.drop()


@dataclass
class World(AppliedStack):
    """A stack that its holder may change at will.

    Attributes:
        is_own: false where the backend has no worlds, and this is the stack that all share.
    """

    is_own: bool = True

    @classmethod
    def of(cls, applied: AppliedStack) -> World:
        """A copy of an applied stack and its AWS, until :meth:`drop`; see :meth:`fork`."""
        if not has_worlds(applied.backend):
            raise SkyproofError(
                f"The {applied.backend.name} backend has no worlds: nothing copies its AWS.",
                "Ask for the `world` fixture, which is the shared stack there.",
                ExitCode.ENVIRONMENT,
            )
        backend = cast(Emulated, applied.backend).fork()
        top = applied.stack.workspace.top
        try:
            into = top.with_name(f"{top.name}-{uuid.uuid4().hex[:8]}")
            stack = applied.stack.fork(into, backend.environment())
            # The progress that a run shows is that of what tests share.
            stack.display = None
        except BaseException:
            backend.stop()
            raise
        return cls(stack, backend, applied.run)

    def apply(self, variables: Mapping[str, Any] | None = None) -> Applied:
        """Apply the stack again, with other values for some of its variables.

        Raises:
            SkyproofError: it failed, or the stack is shared.
        """
        self._require_own("applied again")
        if variables:
            self.stack.give({**self.stack.variables, **self.run.filled(variables)})
        return self.stack.apply()

    def destroy(self) -> Applied:
        """Destroy the stack, here alone.

        Raises:
            SkyproofError: it failed, or the stack is shared.
        """
        self._require_own("destroyed")
        return self.stack.destroy(
            lambda error: late_writers.quiet(error, lambda: self.stack.state, self.backend.client)
        )

    @cached_property
    def clock(self) -> Clock:
        """The time of this world: an emulated one stands from now on until it is turned."""
        clock = self.backend.clock()
        if isinstance(clock, EmulatedClock):
            clock.set(mode="manual")
        return clock

    @property
    def expect(self) -> Expect:
        """``world.expect(world.views().alarm("name")).fires(within=minutes(5))``, and its like."""
        return Expect(self.clock)

    @property
    def folder(self) -> Path:
        """Where Terraform works: ``terraform -chdir=FOLDER plan``."""
        return self.stack.workspace.folder

    def drop(self) -> None:
        """End the world and remove its folder; harmless when that was done."""
        if not self.is_own:
            return
        self.stack.drop()
        self.backend.stop()

    def _require_own(self, done: str) -> None:
        if not self.is_own:
            raise SkyproofError(
                f"{self.stack.name} is shared by all tests on the {self.backend.name} backend, "
                f"which has no worlds of its own for each; it cannot be {done} by one of them.",
                "Mark the test: @pytest.mark.destructive, and it is skipped there.",
            )


def has_worlds(backend: Backend) -> bool:
    """Whether a backend's AWS can be copied."""
    return "worlds" in backend.capabilities
