"""Waits for the end of its standard input and then runs the command that it was started with.

A script of its own, for ``python -I -S``: containers outlive whoever started them, so that somebody
has to take them down when that one is killed.
"""

import os
import subprocess
import sys


def main() -> int:
    while os.read(0, 4096):
        pass
    return subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
