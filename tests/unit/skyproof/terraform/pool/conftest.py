"""A pool over providers that are small programs, and a client in Terraform's place."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.pool.client import REATTACH
from skyproof.terraform.workspace import Workspace
from tests.unit.skyproof.terraform.pool import provider
from tests.unit.skyproof.terraform.pool.provider import text

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "AWS_REGION": "eu-west-1", "EMPTY": ""}
FAKE = "registry.terraform.io/acme/fake"
MakeWorkspace = Callable[..., Workspace]


def runs(version: int = 5) -> str:
    """A program that is the provider of provider.py."""
    return f'#!/bin/sh\nexec "{sys.executable}" -I "{provider.__file__}" {version} "$@"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> MakeWorkspace:
    """``workspace(fake=runs())``: an initialised folder with these providers, by type."""

    def make(name: str = "stack", configuration: str = "", **programs: str) -> Workspace:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "main.tf").write_text(configuration)
        lock = ""
        for kind, program in (programs or {"fake": runs()}).items():
            address = f"registry.terraform.io/acme/{kind}"
            lock += f'provider "{address}" {{\n  version = "1.2.3"\n}}\n'
            place = folder / ".terraform" / "providers" / address / "1.2.3" / "linux_amd64"
            place.mkdir(parents=True)
            binary = place / f"terraform-provider-{kind}_v1.2.3"
            binary.write_text(program)
            binary.chmod(0o755)
        (folder / ".terraform.lock.hcl").write_text(lock)
        return Workspace(tmp_path / "source", folder, folder, folder / "terraform.log")

    return make


@pytest.fixture
def told() -> list[str]:
    """What the pool said."""
    return []


@pytest.fixture(scope="module")
def pool() -> Iterator[ProviderPool]:
    """A pool for tests that look at no more than their own folder's processes."""
    made = ProviderPool(tell=pytest.fail)
    yield made
    made.close()


@pytest.fixture
def own_pool(told: list[str]) -> Iterator[ProviderPool]:
    """A pool from its beginning to its end."""
    made = ProviderPool(tell=told.append)
    yield made
    made.close()


class Instance:
    """One provider instance, as Terraform has it: one connection."""

    def __init__(self, target: str, version: int) -> None:
        options = [
            ("grpc.max_receive_message_length", provider.MOST),
            ("grpc.max_send_message_length", provider.MOST),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        self._channel = grpc.insecure_channel(target, options=options)
        self._service = f"/tfplugin{version}.Provider/"
        # Terraform's plugin client does this first.
        self._stdio = self._channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b"")

    def call(self, method: str, request: bytes = b"", **options: Any) -> bytes:
        answer: bytes = self._channel.unary_unary(self._service + method)(request, **options)
        return answer

    def future(self, method: str, request: bytes = b"") -> Any:
        return self._channel.unary_unary(self._service + method).future(request)

    def streams(self, *requests: bytes) -> list[bytes]:
        return list(self._channel.stream_stream(self._service + "Streams")(iter(requests)))

    def read(self, order: str = "", kind: str = "fake_one", **options: Any) -> Any:
        """Have the process that serves this instance tell of itself, or do what it is told."""
        request = text(1, kind.encode()) + text(2, order.encode())
        answer = self.call("ReadResource", request, **options)
        return json.loads(answer) if answer.startswith(b"{") else answer

    def close(self) -> None:
        self._channel.close()


class Terraform:
    """What a command sees of the pool."""

    def __init__(self, where: dict[str, str]) -> None:
        self.reattach = json.loads(where.get(REATTACH, "{}"))
        self._made: list[Instance] = []

    def instance(self, address: str = FAKE) -> Instance:
        told = self.reattach[address]
        made = Instance(told["Addr"]["String"], told["ProtocolVersion"])
        self._made.append(made)
        return made

    def configured(self, configuration: bytes, address: str = FAKE) -> Instance:
        made = self.instance(address)
        v6 = self.reattach[address]["ProtocolVersion"] == 6
        made.call("ConfigureProvider" if v6 else "Configure", configuration)
        return made

    def close(self) -> None:
        for one in self._made:
            one.close()


@contextmanager
def command(
    pool: ProviderPool,
    workspace: Workspace,
    *arguments: str,
    environment: dict[str, str] | None = None,
) -> Iterator[Terraform]:
    """One command of Terraform's."""
    with pool.serving(
        arguments or ("plan",), workspace, ENVIRONMENT if environment is None else environment
    ) as where:
        terraform = Terraform(where)
        try:
            yield terraform
        finally:
            terraform.close()
