"""The pool's own process: opens a pass-through for each command, and ends with its standard input.

It listens for orders on a Unix socket, one line of JSON each way and connection.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from skyproof.terraform.pool.answers import Answers
from skyproof.terraform.pool.calls import Calls
from skyproof.terraform.pool.census import Census
from skyproof.terraform.pool.passthrough import Passthrough
from skyproof.terraform.pool.process import CannotBePooled, Program, program
from skyproof.terraform.pool.trimming import Mentioned
from skyproof.terraform.pool.warm import Warm

MOST_LINE = 64 << 20
# Configured processes that wait; each holds 60 MB of its own (hashicorp/aws 5.100).
MOST_FREE = 16
READY = "ready"
# Each copy of a stack has its own file with the same content.
PATHS_OF_ONE_COPY = frozenset({"TF_CLI_CONFIG_FILE"})


class Pool:
    """Every program that was started, and the pass-throughs that are open."""

    def __init__(self) -> None:
        self._answers = Answers()
        self._calls = Calls()
        self._warm: dict[Program, Warm] = {}
        self._doors: dict[int, Passthrough] = {}
        self._census = Census()

    async def do(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one order."""
        match order["do"]:
            case "open":
                return await self._open(order)
            case "close":
                await self._close(order["doors"])
            case "forget":
                await self._forget(Path(order["folder"]))
            case "end":
                await self.end()
            case "tell":
                pass
        return self._told()

    async def end(self) -> None:
        """End every process."""
        await self._close(list(self._doors))
        warm, self._warm = self._warm, {}
        await asyncio.gather(*(one.close() for one in warm.values()))

    async def _open(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """A pass-through for each provider that can be pooled, and why the others cannot."""
        answers = await asyncio.gather(
            *(self._open_one(order, name, binary) for name, binary in order["binaries"].items()),
            return_exceptions=True,
        )
        opened, refused = {}, {}
        for name, answer in zip(order["binaries"], answers, strict=True):
            if isinstance(answer, CannotBePooled):
                refused[name] = str(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                opened[name] = answer
        return {"opened": opened, "refused": refused}

    async def _open_one(self, order: Mapping[str, Any], name: str, binary: str) -> dict[str, Any]:
        environment, folder = order["environment"], Path(order["folder"])
        what = program(Path(binary), folder, environment, Path(order["log"]))
        warm = self._warm.setdefault(what, Warm(what, self._census))
        process = await warm.blank()
        warm.prepare(order["instances"].get(name.rpartition("/")[2], 0))
        where = {k: v for k, v in environment.items() if k not in PATHS_OF_ONE_COPY}
        door = Passthrough(
            warm,
            self._answers,
            self._calls,
            binary,
            (binary, order["source"], *sorted(where.items())),
            _mentioned(order, name),
        )
        port = await door.open()
        self._doors[port] = door
        return {"port": port, "version": process.version}

    async def _close(self, doors: Sequence[int]) -> None:
        for door in doors:
            await self._doors.pop(door).close()
        # Oldest program first: its stack is done, or waits.
        waiting = sum(warm.free for warm in self._warm.values())
        for warm in self._warm.values():
            while warm.free and waiting > MOST_FREE:
                await warm.end_oldest()
                waiting -= 1

    async def _forget(self, folder: Path) -> None:
        for what in [one for one in self._warm if one.folder.is_relative_to(folder)]:
            await self._warm.pop(what).close()

    def _told(self) -> dict[str, Any]:
        census = self._census
        return {
            "usage": (census.started, census.most, census.peak_bytes),
            "timings": self._calls.told(),
        }


def _mentioned(order: Mapping[str, Any], address: str) -> Mentioned | None:
    told = order["mentioned"]
    if told is None:
        return None
    others = {one.rpartition("/")[2] for one in order["providers"] if one != address}
    return Mentioned(frozenset(told["words"]), frozenset(told["declared"]), frozenset(others))


async def serve(socket: str) -> None:
    """Take orders until standard input ends."""
    pool = Pool()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await pool.do(json.loads(await reader.readline()))
        except Exception as error:  # noqa: BLE001 (whoever ordered it decides)
            answer = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    server = await asyncio.start_unix_server(take, socket, limit=MOST_LINE)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    await _end_of_stdin()
    server.close()
    await pool.end()


async def _end_of_stdin() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        pass


def main() -> int:
    """``python -m skyproof.terraform.pool.server SOCKET``."""
    # The run decides when the pool ends. Handled, not ignored: children would inherit that.
    signal.signal(signal.SIGINT, lambda *_: None)
    asyncio.run(serve(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
