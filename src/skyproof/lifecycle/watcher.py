"""Waits for the end of a run's process, and has the run finished if it ended without a word.

A script of its own, not a module: it starts with ``python -I -S`` in 25 ms, imports nothing of
skyproof and sleeps in one read. A pipe tells of every end, SIGKILL included, on Linux and on macOS
alike.

Its input is JSON, one order a line: ``{"command": [...], "environment": {...}, "grace": seconds}``
first, then ``{"working": pid}`` and ``{"rested": pid}`` round each Terraform command, and
``{"done": true}`` when nothing is left to finish. At the end of the input without that last word it
interrupts the commands that still work, waits for the grace time, and becomes the given command.
"""

import contextlib
import json
import os
import signal
import sys
import time

# Terraform ends what it has begun, writes its state and ends its providers.
INTERRUPT_SECONDS = 60.0
LOOK_SECONDS = 0.1


def main() -> int:
    first = sys.stdin.readline()
    if not first:
        return 1
    order = json.loads(first)
    working: set[int] = set()
    for line in sys.stdin:
        with contextlib.suppress(ValueError):  # cut short by the end of the run
            word = json.loads(line)
            if word.get("done"):
                return 0
            working |= {word["working"]} if "working" in word else set()
            working -= {word.get("rested")}
    _end_all(working)
    time.sleep(order["grace"])
    os.execve(order["command"][0], order["command"], order["environment"])


def _end_all(groups: set[int]) -> None:
    """Interrupt Terraform once, as Ctrl-C does, and kill what is left of its group later."""
    for leader in groups:
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGINT)
    deadline = time.monotonic() + INTERRUPT_SECONDS
    while any(map(_lives, groups)) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    for leader in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
