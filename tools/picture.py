"""Run a command in a terminal and draw what it printed.

    python tools/picture.py docs/images/run.svg -- COMMAND...

The README's picture is a run that happened. The folder's own path is shown as `.`; of a long output
the first and last lines are kept, with the number of those left out between them.
"""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100
KEEP = (4, 36)


def run_in_terminal(command: list[str]) -> tuple[int, str]:
    """Exit code and output, colours included: programs colour what a terminal reads."""
    ours, theirs = pty.openpty()
    # A dumb terminal gets progress as lines, not as frames that are drawn over one another.
    environment = os.environ | {"COLUMNS": str(WIDTH), "TERM": "dumb", "FORCE_COLOR": "1"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        output = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    # A terminal inside the terminal ends its lines with two carriage returns.
    return process.returncode, re.sub(r"\r+\n", "\n", output.decode(errors="replace"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: Linux's way to say that the other end is closed
        return b""


def shorten(lines: list[str]) -> list[str]:
    """The first and last lines of many."""
    first, last = KEEP
    if len(lines) <= first + last:
        return lines
    return [*lines[:first], f"… {len(lines) - first - last} lines …", *lines[-last:]]


def main() -> None:
    if len(sys.argv) < 4 or sys.argv[2] != "--":
        sys.exit(__doc__)
    picture, command = Path(sys.argv[1]), sys.argv[3:]
    code, output = run_in_terminal(command)
    lines = shorten(output.replace(str(Path.cwd()), ".").rstrip("\n").split("\n"))
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(Text(f"$ {' '.join(command)}", style="bold"))
        console.print(Text.from_ansi("\n".join(lines)))
        picture.write_text(console.export_svg(title="skyproof"))
    sys.exit(code)


if __name__ == "__main__":
    main()
