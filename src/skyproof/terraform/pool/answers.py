"""What a provider always answers alike is asked once.

That is its schema, and what it says to its own configuration and to a resource's before it is
configured: it has neither credentials nor an endpoint then, so there is nobody it could ask.
"""

from __future__ import annotations

from collections.abc import Hashable

from skyproof.terraform.pool import protocol
from skyproof.terraform.pool.memory import Memory
from skyproof.terraform.pool.protocol import Schema
from skyproof.terraform.pool.trimming import Mentioned
from skyproof.terraform.pool.warm import Warm


class Answers:
    """Remembered answers of all providers; those with errors are asked for anew."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._schemas: dict[Hashable, Schema] = {}

    async def schema(
        self, warm: Warm, binary: Hashable, path: str, request: bytes, mentioned: Mentioned | None
    ) -> bytes:
        """The schema, cut to the types that a command can need if it is known what those are."""
        question = (binary, path, request)
        whole = await self._remembered(question, warm, path, request)
        if mentioned is None or protocol.has_errors(protocol.method_of(path), whole):
            return whole
        if question not in self._schemas:
            self._schemas[question] = Schema.read(whole)
        schema = self._schemas[question]
        return schema.cut_to(mentioned.words) if mentioned.fits(schema.types) else whole

    async def check(self, warm: Warm, scope: Hashable, path: str, request: bytes) -> bytes:
        """What the provider says to a configuration, its own or a resource's, before it has one.

        Args:
            scope: what the answer may depend on beside the request.
        """
        return await self._remembered((scope, path, request), warm, path, request)

    async def _remembered(self, question: Hashable, warm: Warm, path: str, request: bytes) -> bytes:
        async def ask() -> bytes:
            process = await warm.blank()
            return await process.ask(path, request)

        method = protocol.method_of(path)
        return await self._memory.recall(
            question, ask, lambda answer: protocol.has_errors(method, answer)
        )
