"""A stack's variables as the command line names them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from skyproof.errors import SkyproofError

HOW = """Write --var name=value, the value as JSON: --var 'zones=["a","b"]', --var count=3."""


def variables_of(given: Iterable[str], files: Iterable[Path]) -> dict[str, Any]:
    """The variables of ``--var`` and ``--var-file``, the later and the former stronger.

    Raises:
        SkyproofError: one of them cannot be read; the message names it.
    """
    found: dict[str, Any] = {}
    for file in files:
        found |= _of_file(file)
    return found | dict(_of_text(one) for one in given)


def _of_file(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise SkyproofError(f"--var-file {file} cannot be read: {error}", "It is JSON.") from error
    if not isinstance(read, dict):
        raise SkyproofError(
            f"--var-file {file} holds no JSON object.", 'Write one: {"name": "orders"}.'
        )
    return read


def _of_text(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SkyproofError(f"--var {text!r} names no value.", HOW)
    try:
        return name, json.loads(value)
    except ValueError as error:
        if value.lstrip()[:1] in ("[", "{", '"'):
            raise SkyproofError(f"--var {text!r} is no JSON: {error}", HOW) from error
    return name, value  # a word without its quotes, as Terraform's own -var takes it
