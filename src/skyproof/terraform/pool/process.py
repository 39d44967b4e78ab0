"""One provider process, started with ``-debug`` under its guardian."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import grpc

from skyproof.terraform.pool import garbage, guardian, protocol

START_SECONDS = 60.0
END_SECONDS = 10.0
# https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
REATTACH = re.compile(rb"TF_REATTACH_PROVIDERS='(.*)'")
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", protocol.MOST_BYTES),
    ("grpc.max_send_message_length", protocol.MOST_BYTES),
    ("grpc.max_metadata_size", 1 << 20),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
)

# Metadata that gRPC sets by itself on each leg.
OWN_METADATA = ("user-agent", "grpc-", "content-type", "te")


class Died(Exception):
    """A provider had died before it was called."""


class CannotBePooled(Exception):
    """A provider does not start as the pool needs it; the message says why."""


# A provider writes each of these logs at the lowest level unless told otherwise, and Terraform
# drops them: a seventh of hashicorp/aws's work in a plan.
# https://developer.hashicorp.com/terraform/plugin/log/managing
LOGS = tuple(f"TF_LOG_SDK{part}" for part in ("", "_PROTO", "_FRAMEWORK", "_MUX", "_HELPER_SCHEMA"))


@dataclass(frozen=True)
class Program:
    """What is started, where, and with which environment: the same as Terraform would.

    Attributes:
        folder: Terraform's working directory; providers resolve relative paths against theirs.
        log: takes what the provider writes.
    """

    binary: Path
    folder: Path
    environment: tuple[tuple[str, str], ...]
    log: Path


class Process:
    """A provider that runs.

    Attributes:
        version: of the protocol that it speaks.
        configuration: the Configure request that it was given last, or ``None``.
        fit: whether it may serve another instance: no call failed, was left or stopped.
        peak_bytes: its peak resident memory, known once it has ended.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, version: int, target: str, log: IO[bytes]
    ) -> None:
        self.version = version
        self.configuration: bytes | None = None
        self.fit = True
        self.peak_bytes = 0
        self._process = process
        self._log = log
        self._draining = asyncio.create_task(self._drain())
        self._channel = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
        self._methods: dict[str, Any] = {}
        self._calls = 0

    @classmethod
    async def start(cls, program: Program) -> Process:
        """Start a provider and wait until it listens. Raises CannotBePooled."""
        log = program.log.open("ab")
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", guardian.__file__),
                cwd=program.folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=1 << 20,
                start_new_session=True,
            )
        except OSError as error:
            log.close()
            raise CannotBePooled(f"it does not start: {error.strerror}") from error
        try:
            _give_order(process, program)
            async with asyncio.timeout(START_SECONDS):
                version, target = await _reattach(process)
        except BaseException as error:
            await _end(process)
            log.close()
            if isinstance(error, TimeoutError):
                raise CannotBePooled(f"it did not start in {START_SECONDS:g} s") from error
            raise
        return cls(process, version, target, log)

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def idle(self) -> bool:
        return self._calls == 0

    async def ask(self, path: str, request: bytes) -> bytes:
        """Ask on the pool's own behalf: one request, one answer."""
        with self._judged():
            answer: bytes = await self._method(path)(request)
        return answer

    async def pass_on(self, path: str, request: bytes, context: Any) -> bytes:
        """Pass on a call with one request and one answer, its metadata included."""
        with self._judged():
            call = self._method(path)(request, metadata=_metadata(context))
            answer: bytes = await call
            await context.send_initial_metadata(await call.initial_metadata())
        context.set_trailing_metadata(await call.trailing_metadata())
        return answer

    async def stream(self, path: str, context: Any) -> None:
        """Pass on the messages of a call in both ways until it is over."""
        with self._judged():
            method = self._channel.stream_stream(path)
            call = method(_requests(context), metadata=_metadata(context))
            await context.send_initial_metadata(await call.initial_metadata())
            async for answer in call:
                await context.write(answer)
        context.set_trailing_metadata(await call.trailing_metadata())

    def _method(self, path: str) -> Any:
        if path not in self._methods:
            self._methods[path] = self._channel.unary_unary(path)
        return self._methods[path]

    @contextlib.contextmanager
    def _judged(self) -> Iterator[None]:
        """Around a call. A process that fails, or is left, is not fit for another instance."""
        if not self.alive:
            raise Died
        self._calls += 1
        try:
            yield
        except BaseException:
            self.fit = False
            raise
        finally:
            self._calls -= 1

    async def end(self) -> None:
        """End it and learn its peak."""
        await _end(self._process)
        await self._draining
        await self._channel.close()
        self._log.close()

    async def _drain(self) -> None:
        assert self._process.stdout is not None
        peak = guardian.PEAK.encode()
        async for line in self._process.stdout:
            if line.startswith(peak):
                self.peak_bytes = int(line.removeprefix(peak))
            elif line.strip():
                self._log.write(line)
                self._log.flush()


def _metadata(context: Any) -> list[tuple[str, str | bytes]]:
    return [
        (key, value)
        for key, value in context.invocation_metadata() or ()
        if not key.startswith(OWN_METADATA)
    ]


async def _requests(context: Any) -> AsyncIterator[bytes]:
    while (request := await context.read()) is not grpc.aio.EOF:
        yield request


def _give_order(process: asyncio.subprocess.Process, program: Program) -> None:
    assert process.stdin is not None
    order = {
        "command": [str(program.binary), "-debug"],
        "environment": dict(program.environment),
    }
    process.stdin.write(json.dumps(order).encode() + b"\n")


async def _reattach(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """The protocol's version and the target that a provider says it can be reached at."""
    assert process.stdout is not None
    said = b""
    async for line in process.stdout:
        if found := REATTACH.search(line):
            return _target(json.loads(found[1]))
        if line.strip() and not line.startswith(guardian.PEAK.encode()):
            said = line.strip()
    told = said.decode(errors="replace")[:200] or "it said nothing"
    raise CannotBePooled(f"it does not start with -debug: {told}")


def _target(told: Mapping[str, Mapping[str, object]]) -> tuple[int, str]:
    # Named as the provider names itself, which is not always how the stack names it.
    (config,) = told.values()
    # SDKs before go-plugin 1.4 tell no version and speak 5, as Terraform itself assumes.
    version = config.get("ProtocolVersion") or protocol.VERSIONS[0]
    if config.get("Protocol") != "grpc" or version not in protocol.VERSIONS:
        raise CannotBePooled(f"it speaks {config.get('Protocol')} {version}, not grpc 5 or 6")
    address = config["Addr"]
    assert isinstance(address, dict)
    assert isinstance(version, int)
    unix = address["Network"] == "unix"
    return version, f"unix:{address['String']}" if unix else str(address["String"])


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close the guardian's input, and kill it if even that does not end it."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def program(binary: Path, folder: Path, environment: Mapping[str, str], log: Path) -> Program:
    """A program as Terraform would start it, but for its logs, its garbage and AWS_CA_BUNDLE.

    With a CA bundle hashicorp/aws 5.100 refuses to be configured twice ("unable to add custom
    RootCAs").
    """
    kept = {name: value for name, value in environment.items() if name != "AWS_CA_BUNDLE"}
    provider = binary.name.removeprefix("terraform-provider-").partition("_")[0]
    own = f"TF_LOG_PROVIDER_{provider.replace('-', '_').upper()}"
    silent = dict.fromkeys((*LOGS, own), "OFF")
    given = kept | silent | garbage.for_provider(kept)
    return Program(binary, folder, tuple(sorted(given.items())), log)
