"""``python -m skyproof.emulator``: one emulator, in the foreground."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from skyproof.emulator.base import Base, MotoBase
from skyproof.emulator.endpoint import Endpoint
from skyproof.emulator.server import run
from skyproof.emulator.split_base import SplitBase
from skyproof.emulator.supply import Mode, SupplyError, parse
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
    parser.add_argument(
        "--base", metavar="URL", help="another emulator, for the services that are native"
    )
    parser.add_argument(
        "--services",
        type=_modes,
        default={},
        metavar="SERVICE=MODE,...",
        help="native (the base's), supplied (ours, the default) or absent",
    )
    options = parser.parse_args()
    if options.services and options.base is None:
        parser.error("--services says which services are those of --base, which is not given")
    try:
        return run(
            options.port,
            options.ready_file,
            exit_with_stdin=options.exit_with_stdin,
            strict=options.strict,
            base=_beside(options.base, options.services) if options.base else MotoBase,
            token=options.token,
        )
    except SkyproofError as error:
        sys.stderr.write(f"skyproof: {error}\n")
        return error.exit_code


def _modes(text: str) -> dict[str, Mode]:
    try:
        return parse(text)
    except SupplyError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _beside(url: str, modes: dict[str, Mode]) -> Callable[[], Base]:
    return lambda: SplitBase(Endpoint(url), modes)


if __name__ == "__main__":
    sys.exit(main())
