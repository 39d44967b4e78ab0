from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from skyproof.emulator import Emulator
from tests.unit.skyproof.emulator.conftest import MONDAY


def boto(endpoint: str, service: str, account: str = "123456789012") -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )


@retry(stop=stop_after_delay(20), wait=wait_fixed(0.02), retry=retry_if_exception_type(OSError))
def ready(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text())
    return read


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    file = tmp_path / "ready.json"
    command = [sys.executable, "-m", "skyproof.emulator", "--port", "0", "--ready-file", str(file)]
    started = subprocess.Popen([*command, "--exit-with-stdin"], stdin=subprocess.PIPE)
    yield started, file
    started.kill()
    started.wait()
    assert started.stdin is not None
    started.stdin.close()


def test_it_serves_boto3_over_a_socket() -> None:
    with Emulator() as emulator:
        assert boto(emulator.endpoint, "sts").get_caller_identity()["Account"] == "123456789012"


def test_it_listens_on_loopback_only() -> None:
    with Emulator() as emulator:
        host = emulator.endpoint.removeprefix("http://").partition(":")[0]
        assert host == "127.0.0.1"


def test_the_port_is_free_again_after_a_stop() -> None:
    with Emulator() as emulator:
        port = int(emulator.endpoint.rpartition(":")[2])
    socket.create_server(("127.0.0.1", port)).close()


def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 20_000
    with Emulator() as emulator:
        s3 = boto(emulator.endpoint, "s3")
        s3.create_bucket(Bucket="large")
        s3.put_object(Bucket="large", Key="folder/a b+c", Body=body)
        assert s3.get_object(Bucket="large", Key="folder/a b+c")["Body"].read() == body


def test_a_connection_is_kept_though_the_worlds_time_leaps() -> None:
    with Emulator() as emulator:
        host, port = emulator.endpoint.removeprefix("http://").split(":")
        pool = urllib3.HTTPConnectionPool(host, int(port), maxsize=1)
        emulator.world.clock.set(MONDAY, "manual")
        pool.request("GET", "/_skyproof/health")
        emulator.world.clock.advance(timedelta(days=450).total_seconds())
        pool.request("GET", "/_skyproof/health")
        assert pool.num_connections == 1
        # What cheroot compares ages with, every half a second.
        assert emulator._server.timeout > timedelta(days=450).total_seconds()
        pool.close()


def test_a_program_ends_though_it_never_stops_its_emulator() -> None:
    source = "from skyproof.emulator import Emulator; Emulator().start()"
    done = subprocess.run([sys.executable, "-c", source], timeout=30, check=False)
    assert done.returncode == 0


def test_the_process_says_where_it_is_once_it_answers(
    process: tuple[subprocess.Popen[bytes], Path],
) -> None:
    started, file = process
    said = ready(file)
    assert said["pid"] == started.pid
    answer = urllib3.request("GET", f"{said['endpoint']}/_skyproof/health")
    assert answer.json()["status"] == "running"


def test_the_process_ends_with_its_parents_pipe(
    process: tuple[subprocess.Popen[bytes], Path],
) -> None:
    started, file = process
    ready(file)
    assert started.stdin is not None
    started.stdin.close()
    assert started.wait(10) == 0
    assert not file.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_process_ends_orderly_on_a_signal(
    process: tuple[subprocess.Popen[bytes], Path], number: signal.Signals
) -> None:
    started, file = process
    ready(file)
    os.kill(started.pid, number)
    assert started.wait(10) == 0


def test_a_taken_port_is_one_clear_line_and_exit_code_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "skyproof.emulator", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert f"port {port}" in done.stderr
    assert "--port 0" in done.stderr
