"""Reading a pattern from left to right, with the tokens that the three languages share."""

from __future__ import annotations

import re

from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.regex import Regex

#: "There is a limit of 2 regex for each filter pattern when creating a delimited or JSON filter
#: pattern" (FilterAndPatternSyntax.html).
MAX_REGEXES = 2

_SPACES = re.compile(r"\s*")
_QUOTED_PART = re.compile(r'[^"\\]+|\\["\\]')


class Scanner:
    """A position in a pattern. Tokens may have spaces before them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._regexes = 0

    @property
    def next(self) -> str:
        """The next character that is no space; empty at the end."""
        self.skip_spaces()
        return self.text[self.at : self.at + 1]

    def takes(self, symbol: str) -> bool:
        """Step over a symbol, if it comes next."""
        self.skip_spaces()
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def expect(self, symbol: str) -> None:
        """Step over a symbol that has to come next."""
        if not self.takes(symbol):
            raise self.wanted(f"'{symbol}'")

    def take(self, token: re.Pattern[str]) -> str:
        """The token that comes next, empty where another one does."""
        self.skip_spaces()
        found = token.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def end(self) -> None:
        """Refuse whatever is left."""
        if self.next:
            raise self.wanted("the end of the pattern")

    def quoted(self) -> str:
        r"""A text in double quotes; ``\"`` and ``\\`` stand for the two characters themselves.

        The escapes are the ones that the CDK writes:
        https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_logs.FilterPattern.html
        """
        opening = self.at
        self.expect('"')
        parts: list[str] = []
        while found := _QUOTED_PART.match(self.text, self.at):
            parts.append(found[0][1:] if found[0].startswith("\\") else found[0])
            self.at = found.end()
        if self.at == len(self.text):
            raise PatternError("the quotation mark is not closed", opening)
        if self.text[self.at] == "\\":
            raise PatternError(r"only \" and \\ may follow a backslash in quotes", self.at)
        self.at += 1
        return "".join(parts)

    def regex(self) -> Regex:
        """A regular expression between percent signs."""
        opening = self.at
        self.expect("%")
        closing = self.text.find("%", self.at)
        if closing < 0:
            raise PatternError("the regular expression is not closed by '%'", opening)
        self._regexes += 1
        if self._regexes > MAX_REGEXES:
            raise PatternError(f"more than {MAX_REGEXES} regular expressions", opening)
        regex = Regex(self.text[self.at : closing], self.at)
        self.at = closing + 1
        return regex

    def wanted(self, what: str) -> PatternError:
        """The refusal of what comes next."""
        found = f"'{self.next}'" if self.next else "the end"
        return PatternError(f"{found} where {what} is expected", self.at)

    def skip_spaces(self) -> None:
        """Step to the next character that is no space."""
        spaces = _SPACES.match(self.text, self.at)
        assert spaces is not None
        self.at = spaces.end()
