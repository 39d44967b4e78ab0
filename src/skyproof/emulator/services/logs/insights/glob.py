"""The glob patterns of ``parse``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Glob:
    """Texts with a ``*`` between each two: it stands for as little as possible, and is extracted.

    Attributes:
        names: of the fields, one for each ``*``.
    """

    pattern: str
    names: tuple[str, ...]

    def groups(self, text: str) -> dict[str, str] | None:
        """The field's values, None where the pattern is nowhere in the text.

        A ``*`` that ends the pattern takes the rest of the text.
        """
        before, *literals = self.pattern.split("*")
        at = text.find(before)
        if at < 0:
            return None
        at += len(before)
        found: dict[str, str] = {}
        for name, literal in zip(self.names, literals, strict=True):
            is_last = len(found) == len(literals) - 1
            end = len(text) if is_last and not literal else text.find(literal, at)
            if end < 0:
                return None
            found[name] = text[at:end]
            at = end + len(literal)
        return found
