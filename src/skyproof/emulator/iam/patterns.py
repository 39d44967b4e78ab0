"""Texts in policies: with wildcards, and with variables that the request fills in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from skyproof.emulator.iam.errors import PolicyError

#: The request's condition keys, in lower case, and their values.
Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Wild:
    """``*`` (many) or ``?``, which stands for any character except ``stop``."""

    many: bool
    stop: str = ""


#: Single characters and wildcards.
Pattern = tuple[str | Wild, ...]

_WILDCARDS = {"*": Wild(many=True), "?": Wild(many=False)}
_ARN_PARTS = 6


@dataclass(frozen=True)
class _Piece:
    """Text of a policy; wildcards count only in what is not literal."""

    text: str
    literal: bool


@dataclass(frozen=True)
class _Variable:
    key: str
    default: str | None


_VARIABLE = re.compile(
    r"\$\{(?:(?P<sign>[*?$])|(?P<key>[^,'{}]+)(?:,\s*'(?P<default>[^']*)'\s*)?)}"
)


@dataclass(frozen=True)
class Template:
    """A text of a policy, read once and filled in for each request.

    A variable whose key the request lacks, or has several values of, has no value. Nothing equals
    such a text then, and nothing is like it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    """

    written: str
    parts: tuple[_Piece | _Variable, ...]

    @classmethod
    def read(cls, written: str, *, variables: bool) -> Template:
        """Only policies of version 2012-10-17 have variables.

        Raises:
            PolicyError: a variable without end or name.
        """
        parts = tuple(_parts(written)) if variables else (_Piece(written, literal=False),)
        return cls(written, parts)

    @cached_property
    def is_constant(self) -> bool:
        return not any(isinstance(part, _Variable) for part in self.parts)

    @cached_property
    def constant(self) -> Pattern | None:
        """The pattern of a text without variables, which is the same for every request."""
        return self.pattern({})

    @cached_property
    def constant_of_resource(self) -> Pattern | None:
        """The same, of a resource."""
        return None if self.constant is None else within_segments(self.constant)

    def text(self, context: Context) -> str | None:
        """The text as it stands, for operators without wildcards; ``None``: it has no value."""
        pieces = self._pieces(context)
        return None if pieces is None else "".join(piece.text for piece in pieces)

    def pattern(self, context: Context) -> Pattern | None:
        """The text with its wildcards, none of which can come from a variable's value."""
        pieces = self._pieces(context)
        return None if pieces is None else tuple(_characters(pieces))

    def _pieces(self, context: Context) -> list[_Piece] | None:
        pieces = [
            _filled(part, context) if isinstance(part, _Variable) else part for part in self.parts
        ]
        present = [piece for piece in pieces if piece is not None]
        return present if len(present) == len(pieces) else None


def matches(pattern: Pattern, text: str) -> bool:
    """Whether a text fits.

    Up to the first wildcard there is one way to read the pattern. From there all are followed at
    once, so that the time taken is at most the pattern's length times the text's, whatever the
    wildcards.
    """
    literal = _literal(pattern)
    if not text.startswith(literal):
        return False
    start = len(literal)
    if len(pattern) == start + 1 and isinstance(last := pattern[start], Wild) and last.many:
        return not last.stop or last.stop not in text[start:]
    places = _opened(pattern, {start})
    for character in text[start:]:
        places = _opened(pattern, _reached(pattern, places, character))
        if not places:
            return False
    return len(pattern) in places


@lru_cache(maxsize=4096)
def _literal(pattern: Pattern) -> str:
    """What comes before the first wildcard."""
    literal = []
    for part in pattern:
        if isinstance(part, Wild):
            break
        literal.append(part)
    return "".join(literal)


def within_segments(pattern: Pattern) -> Pattern:
    """The pattern of a resource: wildcards stay between colons, but for ``*`` before a colon.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
    """
    following = (*pattern[1:], ":")
    return tuple(
        replace(part, stop=":")
        if isinstance(part, Wild) and not (part.many and then == ":")
        else part
        for part, then in zip(pattern, following, strict=False)
    )


def arn_matches(pattern: Pattern, text: str) -> bool:
    """Whether an ARN fits; each of the six components is looked at on its own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    wanted, given = _arn_parts(pattern), text.split(":", _ARN_PARTS - 1)
    return len(wanted) == len(given) == _ARN_PARTS and all(map(matches, wanted, given))


def _parts(written: str) -> Iterator[_Piece | _Variable]:
    start = 0
    while (found := written.find("${", start)) >= 0:
        variable = _VARIABLE.match(written, found)
        if variable is None:
            raise PolicyError(f"{written} has a variable that cannot be read")
        yield _Piece(written[start:found], literal=False)
        sign, key, default = variable.group("sign", "key", "default")
        yield _Piece(sign, literal=True) if sign else _Variable(key.strip().lower(), default)
        start = variable.end()
    yield _Piece(written[start:], literal=False)


def _filled(variable: _Variable, context: Context) -> _Piece | None:
    values = context.get(variable.key, ())
    value = values[0] if len(values) == 1 else variable.default
    return None if value is None else _Piece(value, literal=True)


def _characters(pieces: Iterable[_Piece]) -> Iterator[str | Wild]:
    for piece in pieces:
        for character in piece.text:
            yield character if piece.literal else _WILDCARDS.get(character, character)


def _opened(pattern: Pattern, places: set[int]) -> set[int]:
    """The places, and those beyond each ``*``, which may stand for nothing."""
    opened = set(places)
    for place in places:
        beyond = place
        while beyond < len(pattern) and isinstance(part := pattern[beyond], Wild) and part.many:
            beyond += 1
            opened.add(beyond)
    return opened


def _reached(pattern: Pattern, places: set[int], character: str) -> set[int]:
    reached = set()
    for place in places - {len(pattern)}:
        part = pattern[place]
        if isinstance(part, Wild):
            if character != part.stop:
                reached.add(place if part.many else place + 1)
        elif character == part:
            reached.add(place + 1)
    return reached


def _arn_parts(pattern: Pattern) -> list[Pattern]:
    parts: list[Pattern] = [()]
    for part in pattern:
        if part == ":" and len(parts) < _ARN_PARTS:
            parts.append(())
        else:
            parts[-1] += (part,)
    return parts
