"""The processes of one program: lent to Terraform's provider instances, and kept warm in between.

One process is never configured: it answers for every instance that is not configured either. Each
configured instance has a process to itself. That one is lent again only for the very same
configuration, so that nothing of one alias, region or account can reach another; it is configured
anew each time all the same.
"""

from __future__ import annotations

import asyncio

from skyproof.terraform.pool.census import Census
from skyproof.terraform.pool.process import Process, Program


class Warm:
    """Lends processes; starts one where none is free."""

    def __init__(self, program: Program, census: Census) -> None:
        self._program = program
        self._census = census
        self._blank: Process | None = None
        self._free: list[Process] = []
        self._lent: set[Process] = set()
        self._coming: list[asyncio.Task[Process]] = []
        self._starting = asyncio.Lock()

    @property
    def free(self) -> int:
        """How many configured processes wait."""
        return len(self._free)

    async def blank(self) -> Process:
        """The process that is never configured. Raises CannotBePooled."""
        async with self._starting:
            if self._blank is not None and not self._usable(self._blank):
                dead, self._blank = self._blank, None
                await self._end(dead)
            if self._blank is None:
                self._blank = await self._start()
            return self._blank

    def prepare(self, count: int) -> None:
        """Start processes until so many wait to be configured, and do not wait for them.

        Terraform builds graphs meanwhile, for which it uses one core.
        """
        for _ in range(count - len(self._free) - len(self._coming)):
            self._coming.append(asyncio.create_task(self._start()))

    async def take(self, configuration: bytes) -> Process:
        """A process for one instance, about to be configured so. Raises CannotBePooled."""
        fitting = [one for one in self._free if one.configuration == configuration]
        for process in reversed(fitting):
            self._free.remove(process)
            if process.alive:
                break
            await self._end(process)
        else:
            process = await self._new()
        process.configuration = configuration
        self._lent.add(process)
        return process

    async def give_back(self, process: Process) -> None:
        """Take a process back; one that failed, was stopped, died or still works is ended."""
        if process not in self._lent:
            return
        self._lent.discard(process)
        if self._usable(process) and process.idle:
            self._free.append(process)
        else:
            await self._end(process)

    async def end_oldest(self) -> None:
        """End the free process that has waited longest."""
        await self._end(self._free.pop(0))

    async def close(self) -> None:
        """End every process."""
        coming, self._coming = self._coming, []
        came = await asyncio.gather(*coming, return_exceptions=True)
        prepared = [one for one in came if isinstance(one, Process)]
        mine = [*prepared, *self._free, *self._lent, *([self._blank] if self._blank else [])]
        self._free, self._lent, self._blank = [], set(), None
        await asyncio.gather(*(self._end(process) for process in mine))

    @staticmethod
    def _usable(process: Process) -> bool:
        return process.fit and process.alive

    async def _new(self) -> Process:
        """One that was prepared, or else one that starts now."""
        while self._coming:
            process = await self._coming.pop(0)
            if process.alive:
                return process
            await self._end(process)
        return await self._start()

    async def _start(self) -> Process:
        process = await Process.start(self._program)
        self._census.begun()
        return process

    async def _end(self, process: Process) -> None:
        await process.end()
        self._census.ended(process.peak_bytes)
