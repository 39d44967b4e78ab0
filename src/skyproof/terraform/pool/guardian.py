"""Runs one provider and ends it when whoever started this is gone: its standard input closes then.

A script of its own, not a module: it starts with ``python -I -S`` in 25 ms and imports nothing of
skyproof. A pipe tells of every end, SIGKILL included, on Linux and on macOS alike.

Its first line of input says what to run: ``{"command": [...], "environment": {...}}``, for Python
would add LC_CTYPE to an environment that it inherits. When the provider has ended, the last line of
output is its peak resident memory in bytes.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading

# A provider removes its socket when it is interrupted; measured 10 ms.
GRACE_SECONDS = 2.0
PEAK = "skyproof: peak bytes "
# Providers log every call, with what it carries, at the lowest level (10 MB in nine commands of a
# small stack); Terraform reads that and drops it. What is left is what a crash says.
LOG_LINE = b'{"@'
STDIN, STDOUT, STDERR = 0, 1, 2


def main() -> int:
    order = json.loads(_line())
    try:
        process = subprocess.Popen(
            order["command"],
            env=order["environment"],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        os.write(STDOUT, f"{error}\n".encode())
        return 1
    threading.Thread(target=_end_with_stdin, args=(process.pid,), daemon=True).start()
    assert process.stderr is not None
    for line in process.stderr:
        if not line.startswith(LOG_LINE):
            os.write(STDERR, line)
    # Not through subprocess's wait: only wait4 tells the peak of this one child.
    _, status, usage = os.wait4(process.pid, 0)
    in_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    with contextlib.suppress(OSError):  # nobody listens after a SIGKILL
        os.write(STDOUT, f"\n{PEAK}{in_bytes}\n".encode())
    # At once: a thread still reads.
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _line() -> bytes:
    """One line by os.read: what a buffered reader reads ahead would be lost to the thread."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(STDIN, 65536)
        if not part:
            sys.exit(1)
        line += part
    return line


def _end_with_stdin(pid: int) -> None:
    while os.read(STDIN, 4096):
        pass
    gone = threading.Event()
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        gone.wait(GRACE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
