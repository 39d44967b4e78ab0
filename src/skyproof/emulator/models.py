"""Botocore's models of services, without the texts that only readers need.

An emulator holds each model twice, moto's and its clients'. With texts, and in the dictionaries
that botocore makes, they are the greater part of its memory, which each copy of a world pays for:
a fork takes as long as there are pages.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

_ENDINGS = (".json", ".json.gz")
_TEXT = "documentation"


class Models:
    """Reads what botocore's loader looks for, in the place of its ``JSONFileLoader``.

    Files are named without their ending.
    """

    def exists(self, file_path: str) -> bool:
        return _found(file_path) is not None

    def load_file(self, file_path: str) -> Any:
        """What is in a file; ``None`` where there is none."""
        path = _found(file_path)
        if path is None:
            return None
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        return json.loads(content, object_hook=_without_text)


def _found(file_path: str) -> Path | None:
    paths = (Path(f"{file_path}{ending}") for ending in _ENDINGS)
    return next((path for path in paths if path.is_file()), None)


def _without_text(read: dict[str, Any]) -> dict[str, Any]:
    # A member may have that name: it is no text then. Botocore reads some of them, and misses them.
    if isinstance(read.get(_TEXT), str):
        read[_TEXT] = ""
    return read
