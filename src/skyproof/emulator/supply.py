"""Who answers for each service when another emulator stands beneath: it, we, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast, get_args

Mode = Literal["native", "supplied", "absent"]
MODES: tuple[str, ...] = get_args(Mode)


class SupplyError(ValueError):
    """The text names no service or no mode; the message says which part."""


def parse(text: str) -> dict[str, Mode]:
    """Read ``"sqs=native,cloudwatch=supplied"``: service → mode, by botocore's names.

    ``native`` is forwarded to the other emulator, ``supplied`` is ours with moto beneath, and
    ``absent`` is answered 501.

    Raises:
        SupplyError: a part is not ``service=mode``.
    """
    modes: dict[str, Mode] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        service, _, mode = (side.strip() for side in part.partition("="))
        if not service or mode not in MODES:
            raise SupplyError(f"{part!r} is not SERVICE=MODE, with a mode of {', '.join(MODES)}")
        modes[service] = cast(Mode, mode)
    return modes


def spell(modes: Mapping[str, Mode]) -> str:
    """The text that :func:`parse` reads."""
    return ",".join(f"{service}={mode}" for service, mode in sorted(modes.items()))
