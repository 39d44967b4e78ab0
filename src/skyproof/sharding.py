"""A part of a suite, for machines that share it: whole files, dealt out by their names.

Files stay whole, because what a file prepares (a stack) would else be prepared by each machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from skyproof.errors import SkyproofError

SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")


@dataclass(frozen=True)
class Shard:
    """One part of so many."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str, source: str) -> Shard:
        """Read ``2/3``. Raises SkyproofError when it is none."""
        found = SHARD.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise SkyproofError(
                f"{source}: {text!r} is no part of a suite.", "The second of three parts is 2/3."
            )
        return cls(int(found[1]), int(found[2]))

    def of_files(self, files: Iterable[str]) -> frozenset[str]:
        """The files of this part; every file is in exactly one of the parts."""
        return frozenset(sorted(set(files))[self.number - 1 :: self.of])
