"""A provider of the protocol's kind, for tests: started with ``-debug`` it serves bytes over gRPC.

    provider.py VERSION -debug

It knows no Terraform: what it is asked decides what it answers, so that a test sees to which
process a call went, in which folder and environment that runs and what it was configured with.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

MOST = 256 << 20
CONFIGURED: list[str] = []
ASKED: dict[str, int] = {}
STOPPED = threading.Event()


def text(number: int, value: bytes) -> bytes:
    """A field with a length, as protobuf writes it."""
    size, out = len(value), bytes([number << 3 | 2])
    while size > 0x7F:
        out += bytes([size & 0x7F | 0x80])
        size >>= 7
    return out + bytes([size]) + value


def diagnostic(severity: int) -> bytes:
    return bytes([1 << 3, severity]) + text(2, b"said")


def schema() -> bytes:
    def entry(name: str) -> bytes:
        return text(1, name.encode()) + text(2, f"schema of {name}".encode())

    resources = b"".join(text(2, entry(f"fake_{name}")) for name in ("one", "two", "three"))
    data = b"".join(text(3, entry(f"fake_{name}")) for name in ("look", "two"))
    return text(1, b"provider") + resources + data + text(7, entry("function"))


def answer(method: str, request: bytes, context: Any) -> bytes:
    ASKED[method] = ASKED.get(method, 0) + 1
    if method in ("GetSchema", "GetProviderSchema"):
        return schema()
    if method in ("PrepareProviderConfig", "ValidateProviderConfig"):
        bad = {b"error": 1, b"warning": 2}.get(request)
        count = text(1, str(ASKED[method]).encode())
        return count + (text(2, diagnostic(bad)) if bad else b"")
    if method.startswith("Validate"):
        said = text(1, diagnostic(1)) if request.endswith(b"error") else b""
        return said + text(2, str(ASKED[method]).encode())
    if method in ("Configure", "ConfigureProvider"):
        CONFIGURED.append(request.decode())
        return text(1, diagnostic(1)) if request == b"bad configuration" else b""
    if method in ("Stop", "StopProvider"):
        STOPPED.set()
        return b""
    return act(request, context)


def act(request: bytes, context: Any) -> bytes:
    """What a test orders: the second field of the request."""
    order = request[2 + request[1] :][2:].decode() if request else ""
    if order == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "fail":
        context.set_trailing_metadata((("why", "asked"), ("details-bin", b"\x00\xff")))
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too much")
    if order == "wait":
        return b"stopped" if STOPPED.wait(30) else b"waited in vain"
    if order.startswith("big "):
        return b"x" * int(order.removeprefix("big "))
    me = {
        "pid": os.getpid(),
        "guardian": os.getppid(),
        "configured": CONFIGURED,
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "metadata": {k: v for k, v in context.invocation_metadata() if k.startswith("x-")},
    }
    return json.dumps(me).encode()


class Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio is untyped
    def service(self, details: Any) -> Any:
        method = details.method.rpartition("/")[2]
        if method == "Streams":
            return grpc.stream_stream_rpc_method_handler(
                lambda requests, _context: (b"<" + one + b">" for one in requests)
            )
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: answer(method, request, context)
        )


def main() -> None:
    version = int(sys.argv[1])
    options = [("grpc.max_receive_message_length", MOST), ("grpc.max_send_message_length", MOST)]
    server = grpc.server(ThreadPoolExecutor(8), handlers=[Handlers()], options=options)
    address = str(Path(tempfile.mkdtemp()) / "provider")
    server.add_insecure_port(f"unix:{address}")
    server.start()
    reattach = {
        "Protocol": "grpc",
        "ProtocolVersion": version,
        "Pid": os.getpid(),
        "Test": True,
        "Addr": {"Network": "unix", "String": address},
    }
    sys.stderr.write('{"@level":"trace","secret":"in a log line"}\nsomething else\n')
    sys.stderr.flush()
    sys.stdout.write(
        f"Provider started.\n\n\tTF_REATTACH_PROVIDERS='{json.dumps({'x': reattach})}'\n"
    )
    sys.stdout.flush()
    while True:
        signal.pause()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    main()
