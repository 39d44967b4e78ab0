r"""Terms: ``ERROR -"timed out"``, ``?ERROR ?WARN``, ``%4\d\d%``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#matching-terms-unstructured-log-events
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.match import Match
from skyproof.emulator.services.logs.patterns.regex import Regex
from skyproof.emulator.services.logs.patterns.scanner import Scanner

#: "Enclose exact phrases and terms that include non-alphanumeric characters in double quotation
#: marks"; an earlier edition says "other than alphanumeric or underscore".
_BARE = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Terms:
    """All of the required terms, any of the optional ones, none of the excluded ones."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def match(self, message: str) -> Match | None:
        found = (
            all(_is_in(term, message) for term in self.required)
            and not any(_is_in(term, message) for term in self.excluded)
            and (not self.optional or any(_is_in(term, message) for term in self.optional))
        )
        return Match() if found else None


@dataclass(frozen=True)
class StandaloneRegex:
    """A regular expression, anywhere in the message."""

    regex: Regex

    def match(self, message: str) -> Match | None:
        return Match() if self.regex.search(message) else None


def parse(text: str) -> Terms | StandaloneRegex:
    """Read a pattern of terms, or of one regular expression.

    Raises:
        PatternError: an unquoted term with other characters than letters, digits and underscores,
            quotation marks that are not closed, a regular expression that has company.
    """
    scanner = Scanner(text)
    if scanner.next == "%":
        regex = scanner.regex()
        if scanner.next:
            raise _alone(scanner)
        return StandaloneRegex(regex)
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    while scanner.next:
        prefix = next((sign for sign in ("?", "-") if scanner.takes(sign)), "")
        terms[prefix].append(_term(scanner))
    # "If you combine "?" with other filter patterns, all question mark terms will be ignored."
    combined = terms[""] or terms["-"]
    return Terms(
        required=tuple(terms[""]),
        optional=() if combined else tuple(terms["?"]),
        excluded=tuple(terms["-"]),
    )


def _term(scanner: Scanner) -> str:
    if scanner.next == "%":
        raise _alone(scanner)
    quoted = scanner.next == '"'
    term = scanner.quoted() if quoted else scanner.take(_BARE)
    if not quoted and not term:
        raise scanner.wanted("a term (letters, digits, underscores; or any in quotation marks)")
    following = scanner.text[scanner.at : scanner.at + 1]
    if following and not following.isspace():
        raise PatternError(
            f"'{following}' in a term: with other characters than letters, digits and underscores "
            "it has to be in double quotation marks",
            scanner.at,
        )
    return term


def _alone(scanner: Scanner) -> PatternError:
    # "Regular expressions can be used to create standalone filter patterns, or can be incorporated
    # with JSON and space-delimited filter patterns": what terms beside one mean is not documented.
    return PatternError("a regular expression and terms in one pattern", scanner.at)


def _is_in(term: str, message: str) -> bool:
    """Anywhere, also in a word. The documented ``" "`` is in all messages, also without a space."""
    return not term.strip() or term in message
