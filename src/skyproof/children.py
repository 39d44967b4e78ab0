"""Child processes that end when their standard input does, as they do when we are killed.

One that was told to stay (:func:`let_go`) goes on without us.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading

#: What a child reads before the end of its input that shall outlive it, with the seconds of
#: idleness after which it ends by itself: ``stay 3600``.
STAY = b"stay"


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


def let_go(process: subprocess.Popen[bytes], idle_seconds: int) -> None:
    """Let it go on without us, until nobody has asked it for anything for so long."""
    assert process.stdin is not None
    process.stdin.write(b"%s %d\n" % (STAY, idle_seconds))
    process.stdin.close()
    # Should it end before us, somebody must ask for its end, or its number stays taken.
    threading.Thread(target=process.wait, daemon=True).start()


def told_to_stay(said: bytes) -> int:
    """The seconds of :func:`let_go`, from all that a child read; 0 for one that shall end."""
    word, _, seconds = said.strip().partition(b" ")
    return int(seconds) if word == STAY and seconds.isdigit() else 0
