"""A gRPC server in a provider's place, for one Terraform command.

It answers what a provider always answers alike, and passes everything else on, untouched, to the
process of the instance that asks. Over TCP each of Terraform's provider instances is one
connection, so the peer's address tells them apart. With ``Test`` in TF_REATTACH_PROVIDERS Terraform
closes no connection before it exits, so an apply has more of them open than there are aliases.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc

from skyproof.terraform.pool import protocol
from skyproof.terraform.pool.answers import Answers
from skyproof.terraform.pool.calls import Calls
from skyproof.terraform.pool.process import CHANNEL_OPTIONS, CannotBePooled, Died, Process
from skyproof.terraform.pool.trimming import Mentioned
from skyproof.terraform.pool.warm import Warm

HOST = "127.0.0.1"
# go-plugin's own streams, open as long as a connection; with -debug a provider sends nothing there.
# https://github.com/hashicorp/go-plugin/tree/main/internal/plugin
STDIO = "/plugin.GRPCStdio/StreamStdio"
BROKER = "/plugin.GRPCBroker/StartStream"
# "Shut down" is meant for the process of the instance; here that process stays.
SHUTDOWN = "/plugin.GRPCController/Shutdown"
EMPTY = b""


@dataclass
class Passthrough:
    """Serves one provider to one command.

    Attributes:
        binary: names the program's schema.
        scope: what an answer may depend on beside the request while nothing is configured.
        mentioned: what the schema is cut to, or ``None`` for the whole of it.
    """

    warm: Warm
    answers: Answers
    calls: Calls
    binary: Hashable
    scope: Hashable
    mentioned: Mentioned | None
    _lent: dict[str, Process] = field(default_factory=dict)
    _server: Any = None

    async def open(self) -> int:
        """Listen; the free port that it took."""
        self._server = grpc.aio.server(options=(*CHANNEL_OPTIONS, ("grpc.so_reuseport", 0)))
        self._server.add_generic_rpc_handlers((_Handlers(self),))
        port = int(self._server.add_insecure_port(f"{HOST}:0"))
        await self._server.start()
        return port

    async def close(self) -> None:
        """The command is over, and so is every instance of it."""
        await self._server.stop(None)
        for peer in list(self._lent):
            await self._over(peer)

    def handler(self, path: str) -> Any:
        """What serves a gRPC path."""
        if path == STDIO:
            return grpc.stream_stream_rpc_method_handler(self._until_over)
        if path == BROKER:
            return grpc.stream_stream_rpc_method_handler(_hold)
        if path == SHUTDOWN:
            return grpc.unary_unary_rpc_method_handler(_empty)
        if protocol.method_of(path) in protocol.UNARY:
            return grpc.unary_unary_rpc_method_handler(_told(partial(self._unary, path)))
        return grpc.stream_stream_rpc_method_handler(_told(partial(self._stream, path)))

    async def _until_over(self, requests: Any, context: Any) -> None:
        try:
            await _hold(requests, context)
        finally:
            await asyncio.shield(self._over(context.peer()))

    async def _over(self, peer: str) -> None:
        """An instance is over: its process, if it has one, is free again."""
        process = self._lent.pop(peer, None)
        if process is not None:
            await self.warm.give_back(process)

    async def _unary(self, path: str, request: bytes, context: Any) -> bytes:
        method = protocol.method_of(path)
        if method in protocol.SCHEMA:
            return await self.answers.schema(self.warm, self.binary, path, request, self.mentioned)
        if method in protocol.CHECK_CONFIGURATION:
            return await self.answers.check(self.warm, self.scope, path, request)
        if method in protocol.CONFIGURE:
            return await self._configure(path, request, context)
        if method in protocol.STOP:
            return await self._stop(path, request, context)
        with self.calls.timed(method, request):
            # Terraform validates each block first with no provider configured, in every command.
            if method in protocol.VALIDATE and context.peer() not in self._lent:
                return await self.answers.check(self.warm, self.scope, path, request)
            process = await self._process(context)
            return await process.pass_on(path, request, context)

    async def _process(self, context: Any) -> Process:
        """The process of the instance that asks, or the common one if it is not configured."""
        return self._lent.get(context.peer()) or await self.warm.blank()

    async def _configure(self, path: str, request: bytes, context: Any) -> bytes:
        peer = context.peer()
        if peer not in self._lent:
            self._lent[peer] = await self.warm.take(request)
        process = self._lent[peer]
        process.configuration = request
        answer = await process.pass_on(path, request, context)
        if protocol.has_errors(protocol.method_of(path), answer):
            process.fit = False
        return answer

    async def _stop(self, path: str, request: bytes, context: Any) -> bytes:
        process = self._lent.get(context.peer())
        if process is None:
            return EMPTY  # what is not configured does nothing that could be stopped
        process.fit = False
        return await process.pass_on(path, request, context)

    async def _stream(self, path: str, _requests: Any, context: Any) -> None:
        process = await self._process(context)
        await process.stream(path, context)


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio is untyped
    def __init__(self, passthrough: Passthrough) -> None:
        self._passthrough = passthrough

    def service(self, handler_call_details: Any) -> Any:
        return self._passthrough.handler(handler_call_details.method)


async def _hold(_requests: Any, _context: Any) -> None:
    """Keep a stream open until its connection closes."""
    await asyncio.Event().wait()


async def _empty(_request: bytes, _context: Any) -> bytes:
    return EMPTY


def _told(serve: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Awaitable[Any]]:
    """What a process fails with is what Terraform is told."""

    async def told(requests: Any, context: Any) -> Any:
        try:
            return await serve(requests, context)
        except grpc.aio.AioRpcError as error:
            metadata = tuple(error.trailing_metadata() or ())
            return await context.abort(error.code(), error.details() or "", metadata)
        except Died:
            # As go-plugin, which cancels the calls to a process of its own that it saw die.
            return await context.abort(grpc.StatusCode.CANCELLED, "context canceled")
        except CannotBePooled as error:
            return await context.abort(grpc.StatusCode.UNAVAILABLE, str(error))

    return told
