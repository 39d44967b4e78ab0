"""Where tables are printed."""

from __future__ import annotations

import sys

from rich.console import Console

WIDTH = 200


def console() -> Console:
    """Standard output; in a file or a pipe, with room for long lines."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH)
