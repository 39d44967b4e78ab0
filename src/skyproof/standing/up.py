"""``skyproof up`` and ``down``: a stack is applied and stays, and an edit is applied to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from skyproof.backends.embedded import Embedded
from skyproof.backends.emulated import Emulated
from skyproof.errors import ExitCode, SkyproofError
from skyproof.settings import Settings
from skyproof.standing import fingerprint
from skyproof.standing.fingerprint import Difference, Fingerprint
from skyproof.standing.record import Place, Record, all_places, place_of
from skyproof.terraform import Stack
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.progress import Display
from skyproof.terraform.runner import Killed, TerraformError
from skyproof.terraform.toolchain import Toolchain

#: What a run has kept ends by itself after so long a time in which nobody asked for anything.
IDLE_SECONDS = 8 * 3600
#: In a summary of what has changed.
MOST_NAMED = 5


class Serving(Protocol):
    """An emulator's process, or a copy's."""

    account: str
    region: str

    @property
    def endpoint(self) -> str | None: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def token(self) -> str: ...


@dataclass
class Up:
    """One ``skyproof up``.

    Args:
        idle_seconds: after which the emulator ends by itself.
        is_open: its clock runs and anybody may write to it; else it stands as it was applied.
    """

    settings: Settings
    display: Display
    idle_seconds: int
    is_open: bool = False

    def __post_init__(self) -> None:
        self._toolchain = Toolchain.found(self.settings)

    def stand(self, source: Path, variables: Mapping[str, Any]) -> Record:
        """Apply a stack, or to the one that stands what has changed.

        Raises:
            SkyproofError: it cannot be applied. What fails for the first time leaves nothing;
                where an edit fails, the world stays as that left it.
        """
        place = place_of(self.settings.home, source)
        with place.held():
            record = place.record()
            now = fingerprint.of(source, variables, self._tools(record))
            choice = choose(record, now)
            self.display.tell(f"skyproof: {source}: {choice}")
            if record is None or choice.is_new:
                place.clear()
                return self._from_nothing(place, source, variables)
            if not choice.difference and record.is_open == self.is_open:
                return record
            try:
                return self._difference(place, record, choice.difference, variables, now)
            except OtherProviders as other:
                self.display.tell(f"skyproof: {source}: applied from nothing: other {other}")
                place.clear()
                return self._from_nothing(place, source, variables)

    def _tools(self, record: Record | None) -> dict[str, str]:
        workspace = record.where() if record is not None else None
        return fingerprint.tools_of(self._toolchain.binary, workspace)

    def _from_nothing(self, place: Place, source: Path, variables: Mapping[str, Any]) -> Record:
        backend = Embedded(self.settings)
        pool = self._pool()
        before = fingerprint.of(source, variables, {})
        try:
            # A child until all is done: whatever ends us, ends it.
            backend.start()
            stack = Stack.copy_of(
                source,
                self._toolchain,
                backend.environment(),
                variables,
                into=place.top,
                display=self.display,
                pool=pool,
            )
            stack.init()
            stack.apply()
            record = record_of(backend, stack, self._of(before, stack), self.is_open)
            self._settle(backend, record)
            backend.let_go(self.idle_seconds, place.path)
            place.write(record)
        except BaseException:
            backend.stop()
            place.clear()
            raise
        finally:
            if pool is not None:
                pool.close()
        return record

    def _of(self, found: Fingerprint, stack: Stack) -> Fingerprint:
        tools = fingerprint.tools_of(self._toolchain.binary, stack.workspace)
        return Fingerprint(
            found.files, found.variables, found.requirements, {**found.tools, **tools}
        )

    def _difference(
        self,
        place: Place,
        record: Record,
        difference: Difference,
        variables: Mapping[str, Any],
        now: Fingerprint,
    ) -> Record:
        backend = Emulated(record.account, record.region, record.endpoint)
        pool = self._pool()
        stack = Stack(
            record.where(),
            self._toolchain,
            backend.environment(),
            dict(variables),
            display=self.display,
            pool=pool,
        )
        backend.worlds().guard(on=False)
        record = place.mark(record, is_whole=False)
        try:
            take_over(stack, difference)
            if difference:
                stack.apply(refresh=record.is_open)
        except (TerraformError, KeyboardInterrupt) as error:
            # Terraform has written down what it did: only what it was done from is unknown.
            if not isinstance(error, Killed):
                self._settle(backend, record)
                unknown = record.fingerprint.forgotten(now)
                place.mark(record, is_whole=True, is_open=self.is_open, fingerprint=unknown)
            raise
        finally:
            if pool is not None:
                pool.close()
        self._settle(backend, record)
        return place.mark(
            record,
            is_whole=True,
            is_open=self.is_open,
            resources=stack.count,
            fingerprint=self._of(now, stack),
        )

    def _settle(self, backend: Emulated, record: Record) -> None:
        """Let the world stand still, or go on for whoever wants to look at it as it lives."""
        assert backend.endpoint is not None, record
        backend.clock().set(mode="real" if self.is_open else "manual")
        backend.worlds().guard(on=not self.is_open)

    def _pool(self) -> ProviderPool | None:
        wanted = self.settings.provider_pool
        if wanted == "off":
            return None
        return ProviderPool(required=wanted == "on", tell=self.display.tell)


@dataclass(frozen=True)
class Choice:
    """What is to be done about a stack that stands, and why.

    Attributes:
        is_new: it is applied from nothing; ``why`` says why.
        difference: what is to be applied otherwise; nothing if nothing has changed.
    """

    is_new: bool
    why: str = ""
    difference: Difference = field(default_factory=Difference)

    def __str__(self) -> str:
        if self.is_new:
            return f"applied from nothing: {self.why}"
        changed = self.difference.configuration
        if not changed:
            return "stands, nothing has changed"
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        return f"stands, what changed is applied: {', '.join(changed[:MOST_NAMED])}{more}"


def choose(record: Record | None, now: Fingerprint) -> Choice:
    """What is to be done about a stack, given what stands and what it is now."""
    if record is None:
        return Choice(is_new=True, why="nothing stands")
    if not record.is_alive:
        return Choice(is_new=True, why=f"its emulator, pid {record.pid}, is gone")
    if not record.is_whole:
        return Choice(is_new=True, why="the last `skyproof up` of it was killed")
    difference = record.fingerprint.to(now)
    if difference.tools:
        return Choice(is_new=True, why=f"other {', '.join(difference.tools)}")
    return Choice(is_new=False, difference=difference)


class OtherProviders(Exception):
    """What stands was made by other versions of providers than init now chooses."""


def take_over(stack: Stack, difference: Difference) -> None:
    """Let a stack that stands be of the source as it is now; init runs where it must.

    Raises:
        OtherProviders: it must be applied from nothing.
        SkyproofError: init failed.
    """
    before = fingerprint.providers_of(stack.workspace.folder)
    stack.workspace.take_over(difference.files)
    stack.workspace.set_variables(stack.variables)
    if not difference.requirements:
        return
    stack.init()
    after = fingerprint.providers_of(stack.workspace.folder)
    other = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    if other:
        raise OtherProviders(", ".join(other))


def record_of(
    backend: Serving, stack: Stack, found: Fingerprint, is_open: bool, why: str = ""
) -> Record:
    """What is to be written down of a stack and the emulator that it stands in."""
    assert backend.endpoint is not None
    assert backend.pid is not None
    return Record(
        source=str(stack.workspace.source),
        workspace=stack.workspace.to_json(),
        endpoint=backend.endpoint,
        pid=backend.pid,
        token=backend.token,
        account=backend.account,
        region=backend.region,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        resources=stack.count,
        is_open=is_open,
        why=why,
        fingerprint=found,
    )


def down(home: Path, source: Path | None) -> list[Place]:
    """End what stands of a stack, or in a folder that ``skyproof status`` names, or everything.

    Raises:
        SkyproofError: nothing of it stands, or another process works on it.
    """
    places = all_places(home)
    if source is not None:
        wanted = (place_of(home, source).path, source.resolve())
        named = [place for place in places if place.path in wanted]
        if not named:
            raise SkyproofError(
                f"Nothing stands of {source}.",
                "`skyproof status` lists what stands.",
                ExitCode.FAILED,
            )
        # Stacks that one run kept stand in one emulator, and end with it.
        endpoints = {record.endpoint for place in named if (record := place.record())}
        places = [
            place
            for place in places
            if place in named or ((record := place.record()) and record.endpoint in endpoints)
        ]
    for place in places:
        with place.held():
            place.clear()
    return places
