"""Start-up, first answer and memory of the emulator against bare ``moto_server``, on this machine.

    python benchmarks/emulator_start.py [--runs 5]

Prints medians. Exits 1 when the emulator's first answer takes more than 1.5 times moto's, or when
it holds 150 MB or more at rest.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

MOST_RATIO = 1.5
MOST_MEGABYTES = 150
COMMANDS = {
    "moto_server": ["-m", "moto.server", "-H", "127.0.0.1", "-p"],
    "skyproof emulator": ["-m", "skyproof.emulator", "--port"],
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def server(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, *command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def first_answer(port: int) -> None:
    """Call until the server answers."""
    sts = boto3.client(
        "sts",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    while True:
        try:
            sts.get_caller_identity()
        except BotoCoreError:
            time.sleep(0.005)
        else:
            return


def resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds to the first answer and megabytes resident after it."""
    port = free_port()
    started = time.perf_counter()
    with server(command, port) as process:
        first_answer(port)
        return time.perf_counter() - started, resident_megabytes(process.pid)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    first_answer_warm_up = boto3.client("sts", region_name="us-east-1")
    del first_answer_warm_up  # boto3's own loading belongs to neither
    medians: dict[str, float] = {}
    memory: dict[str, float] = {}
    for name, command in COMMANDS.items():
        measured = [measure(command) for _ in range(runs)]
        medians[name] = statistics.median(seconds for seconds, _ in measured)
        memory[name] = statistics.median(megabytes for _, megabytes in measured)
        print(f"{name:20} first answer {medians[name]:.2f} s   resident {memory[name]:.0f} MB")
    ours, base = medians["skyproof emulator"], medians["moto_server"]
    print(f"ratio {ours / base:.2f} (at most {MOST_RATIO})")
    held = ours <= MOST_RATIO * base and memory["skyproof emulator"] < MOST_MEGABYTES
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
