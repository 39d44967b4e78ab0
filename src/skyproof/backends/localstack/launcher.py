"""Runs LocalStack in LocalStack's own Python, until whoever started it is gone.

A script of its own, not a module: it imports nothing of skyproof. Its standard input closes when
the one who started it stops it or dies, by SIGKILL too. Nothing is worth saving then: LocalStack's
state is in memory, so it and what it started (its session is its own) end at once. The folder that
is its argument, in which it wrote, goes first: whoever was killed cannot remove it.
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def main() -> None:
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    runpy.run_module("localstack.runtime.main", run_name="__main__")


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
