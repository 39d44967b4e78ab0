"""The partial matches of SEARCH: how names fall into tokens, and which words find them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html#search-expression-syntax-tokenization

Two rules of the page seem to contradict each other: ``count1`` does not find CustomCount1, for "to
match a composite token, the search is case sensitive", and ``network/errors`` finds NetworkErrors2.
Both hold if case matters only inside a part of the word that is a composite in itself, between
characters that are not alphanumeric.
"""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Za-z0-9]+")
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def tokens(text: str) -> frozenset[str]:
    """The tokens of a name, in lower case: its pieces, and all of it without delimiters."""
    pieces = [piece.lower() for piece in _pieces(text)]
    return frozenset([*pieces, "".join(pieces)] if pieces else ())


def matches_partly(word: str, text: str) -> bool:
    """Whether a word is a token of a text, or a composite: pieces that follow each other in it."""
    parts = [_PIECE.findall(part) for part in _PART.findall(word)]
    wanted = [(piece, len(part) > 1) for part in parts for piece in part]
    if len(wanted) < 2:
        return any(piece.lower() in tokens(text) for piece, _ in wanted)
    pieces = _pieces(text)
    starts = range(len(pieces) - len(wanted) + 1)
    return any(all(map(_is_piece, wanted, pieces[start:])) for start in starts)


def _is_piece(wanted: tuple[str, bool], piece: str) -> bool:
    text, cased = wanted
    return text == piece if cased else text.lower() == piece.lower()


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text)
