"""``python -m skyproof.emulator``: one emulator, in the foreground."""

import argparse
import sys
from pathlib import Path

from skyproof.emulator.server import run
from skyproof.emulator.strict import read
from skyproof.errors import SkyproofError


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m skyproof.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--ready-file", type=Path, help="written as JSON once the emulator answers")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="stop at the end of standard input"
    )
    parser.add_argument(
        "--strict", type=Path, metavar="FILE", help="judge callers from outside, as FILE says"
    )
    parser.add_argument("--token", default="", help="shown by GET /_skyproof/identity")
    options = parser.parse_args()
    try:
        strict = read(options.strict) if options.strict is not None else None
        return run(
            options.port,
            options.ready_file,
            exit_with_stdin=options.exit_with_stdin,
            strict=strict,
            token=options.token,
        )
    except SkyproofError as error:
        sys.stderr.write(f"skyproof: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
