"""Child processes that end when their standard input does, as they do when we are killed."""

from __future__ import annotations

import contextlib
import subprocess


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Close its input and wait for its end; kill it when that takes longer."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
