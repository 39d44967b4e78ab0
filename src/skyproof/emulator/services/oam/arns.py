"""Identifiers: OAM takes the ARNs of sinks and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skyproof.emulator.errors import AwsError

Kind = Literal["sink", "link"]


@dataclass(frozen=True)
class Identifier:
    """An ARN of OAM's, ``arn:aws:oam:REGION:ACCOUNT:sink/ID``, taken apart."""

    arn: str
    region: str
    account: str
    kind: str


def identifier(text: str, *kinds: Kind) -> Identifier:
    """Read the ARN of a sink or a link.

    Raises:
        AwsError: InvalidParameterException, for anything else.
    """
    parts = text.split(":")
    kind, _, id_ = parts[5].partition("/") if len(parts) == 6 else ("", "", "")
    if parts[0] != "arn" or parts[2:3] != ["oam"] or kind not in kinds or not id_:
        raise AwsError(
            "InvalidParameterException", f"{text} is not the ARN of a {' or a '.join(kinds)}"
        )
    return Identifier(text, parts[3], parts[4], kind)
