"""One provider instance of Terraform's: a connection, and the process that serves it."""

from __future__ import annotations

import asyncio

from skyproof.terraform.pool.process import Process
from skyproof.terraform.pool.warm import Warm


class Instance:
    """Has no process until it needs one, and then the same until it is over."""

    def __init__(self, warm: Warm) -> None:
        self._warm = warm
        self._process: Process | None = None
        self._taking = asyncio.Lock()

    async def process(self, configuration: bytes | None = None) -> Process:
        """The process of this instance, now told to be configured so, if it is."""
        async with self._taking:
            if self._process is None:
                self._process = await self._warm.take(configuration)
            if configuration is not None:
                self._process.configuration = configuration
            return self._process

    @property
    def has_process(self) -> bool:
        return self._process is not None

    async def over(self) -> None:
        """The connection is closed: the process is free again."""
        async with self._taking:
            process, self._process = self._process, None
        if process is not None:
            await self._warm.give_back(process)
