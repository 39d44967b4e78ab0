r"""The rule expressions of composite alarms: a parser, and the small tree that it makes.

Grammar (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html)::

    rule      = all { "OR" all }
    all       = term { "AND" term }
    term      = "NOT" term | "(" rule ")" | "TRUE" | "FALSE" | state "(" alarm ")" | at_least
    at_least  = "AT_LEAST" "(" amount "," [ "NOT" ] state "," "(" alarm { "," alarm } ")" ")"
    amount    = a number of alarms, or a number and "%"
    state     = "ALARM" | "OK" | "INSUFFICIENT_DATA"
    alarm     = a name or ARN: bare without spaces, round brackets and commas, or in double
                quotes, with \" and \\ for the two characters themselves

NOT binds before AND, AND before OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

MAX_LENGTH = 10_240
MAX_CHILDREN = 100
MAX_ELEMENTS = 500


class State(StrEnum):
    """The three states of an alarm."""

    ALARM = "ALARM"
    OK = "OK"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class RuleError(ValueError):
    """A rule that does not parse or is too large; the text is AWS's."""


#: Answers the present state of an alarm, named as the rule names it.
StateOf = Callable[[str], State]


@dataclass(frozen=True)
class Constant:
    """``TRUE`` or ``FALSE``."""

    value: bool


@dataclass(frozen=True)
class Is:
    """One alarm is in a state; ``alarm`` is its name or ARN, as written."""

    state: State
    alarm: str


@dataclass(frozen=True)
class Not:
    """The opposite."""

    term: Rule


@dataclass(frozen=True)
class And:
    """All of two or more."""

    terms: tuple[Rule, ...]


@dataclass(frozen=True)
class Or:
    """Any of two or more."""

    terms: tuple[Rule, ...]


@dataclass(frozen=True)
class AtLeast:
    """So many (or so many per cent) of the alarms are, or with ``negated`` are not, in a state."""

    threshold: int
    percent: bool
    negated: bool
    state: State
    alarms: tuple[str, ...]

    @property
    def needed(self) -> int:
        """How many alarms it takes; a fraction of an alarm counts as a whole one."""
        return ceil(self.threshold * len(self.alarms) / 100) if self.percent else self.threshold


Rule = Constant | Is | Not | And | Or | AtLeast


def parse(text: str) -> Rule:
    """Read a rule.

    Raises:
        RuleError: with the offending token and its position, counted in characters from 0.
    """
    if len(text) > MAX_LENGTH:
        raise RuleError(
            f"AlarmRule must not be longer than {MAX_LENGTH} characters; it has {len(text)}"
        )
    parser = _Parser(text)
    rule = parser.rule()
    parser.end()
    count = len(children(rule))
    if count > MAX_CHILDREN:
        raise RuleError(
            f"AlarmRule must not contain more than {MAX_CHILDREN} alarms; it has {count}"
        )
    if parser.elements > MAX_ELEMENTS:
        raise RuleError(
            f"AlarmRule must not contain more than {MAX_ELEMENTS} elements; "
            f"it has {parser.elements}"
        )
    return rule


def unparse(rule: Rule) -> str:
    """The rule as text: names quoted, brackets only where precedence asks for them."""
    match rule:
        case Constant(value):
            return "TRUE" if value else "FALSE"
        case Is(state, alarm):
            return f"{state}({_quoted(alarm)})"
        case Not(term):
            return f"NOT {_bracketed(term, And, Or)}"
        case And(terms):
            return " AND ".join(_bracketed(term, And, Or) for term in terms)
        case Or(terms):
            return " OR ".join(_bracketed(term, Or) for term in terms)
        case AtLeast(threshold, percent, negated, state, alarms):
            names = ", ".join(map(_quoted, alarms))
            amount = f"{threshold}{'%' if percent else ''}"
            return f"AT_LEAST({amount}, {'NOT ' if negated else ''}{state}, ({names}))"


def children(rule: Rule) -> tuple[str, ...]:
    """The alarms that a rule names, each once, in order of appearance."""
    return tuple(dict.fromkeys(_mentioned(rule)))


def holds(rule: Rule, state_of: StateOf) -> bool:
    """Whether the rule is true while its alarms are in the states that ``state_of`` tells."""
    match rule:
        case Constant(value):
            return value
        case Is(state, alarm):
            return state_of(alarm) == state
        case Not(term):
            return not holds(term, state_of)
        case And(terms):
            return all(holds(term, state_of) for term in terms)
        case Or(terms):
            return any(holds(term, state_of) for term in terms)
        case AtLeast(_, _, negated, state, alarms):
            return sum((state_of(a) == state) != negated for a in alarms) >= rule.needed


def _mentioned(rule: Rule) -> Iterator[str]:
    match rule:
        case Is(_, alarm):
            yield alarm
        case Not(term):
            yield from _mentioned(term)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _mentioned(term)
        case AtLeast(_, _, _, _, alarms):
            yield from alarms


def _quoted(alarm: str) -> str:
    return '"' + alarm.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bracketed(rule: Rule, *looser: type) -> str:
    return f"({unparse(rule)})" if isinstance(rule, looser) else unparse(rule)


@dataclass(frozen=True)
class _Token:
    text: str
    at: int


_TOKEN = re.compile(r'[(),]|"(?:[^"\\]|\\.)*"|[^\s(),"]+|"', re.DOTALL)
_AMOUNT = re.compile(r"(\d+)(%?)")
_TERM = "'(', 'NOT', AT_LEAST, TRUE or FALSE, ALARM, OK, or INSUFFICIENT_DATA"
_STATES = "ALARM, OK, or INSUFFICIENT_DATA"


class _Parser:
    """Recursive descent, one method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._tokens = [_Token(m[0], m.start()) for m in _TOKEN.finditer(text)]
        self._tokens.append(_Token("", len(text)))
        self._next = 0
        self.elements = 0

    def rule(self) -> Rule:
        terms = [self._all()]
        while self._takes("OR"):
            terms.append(self._all())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def end(self) -> None:
        if self._token.text:
            raise self._unsupported("'AND', 'OR', or end of rule")

    def _all(self) -> Rule:
        terms = [self._term()]
        while self._takes("AND"):
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _term(self) -> Rule:
        if self._takes("NOT"):
            return Not(self._term())
        if self._takes("("):
            self.elements += 2
            rule = self.rule()
            self._expect(")", "'AND', 'OR', or ')'")
            return rule
        if self._takes("AT_LEAST"):
            return self._at_least()
        # Only these two are documented in other cases as well ("change the AlarmRule … to false").
        if self._token.text.upper() in ("TRUE", "FALSE"):
            self.elements += 1
            return Constant(self._take().text.upper() == "TRUE")
        state = self._state(_TERM)
        self._expect("(")
        alarm = self._alarm()
        self._expect(")")
        return Is(state, alarm)

    def _at_least(self) -> Rule:
        self._expect("(")
        threshold, percent = self._amount()
        self._expect(",")
        negated = self._takes("NOT")
        state = self._state(_STATES if negated else f"'NOT', {_STATES}")
        self._expect(",")
        self._expect("(")
        alarms = [self._alarm()]
        while self._takes(","):
            alarms.append(self._alarm())
        closing = self._token
        self._expect(")", "',' or ')'")
        self._expect(")")
        if not percent and threshold > len(alarms):
            raise RuleError(
                f"Error in AlarmRule [AT_LEAST asks for {threshold} of {len(alarms)} alarms "
                f"at char {closing.at}]"
            )
        return AtLeast(threshold, percent, negated, state, tuple(alarms))

    def _amount(self) -> tuple[int, bool]:
        allowed = "a number of alarms from 1, or a percentage from 1% to 100%"
        found = _AMOUNT.fullmatch(self._token.text)
        if found is None or not 1 <= int(found[1]) <= (100 if found[2] else MAX_CHILDREN):
            raise self._unsupported(allowed)
        self._take()
        return int(found[1]), bool(found[2])

    def _state(self, allowed: str) -> State:
        if self._token.text not in State.__members__:
            raise self._unsupported(allowed)
        return State(self._take().text)

    def _alarm(self) -> str:
        token = self._token
        if token.text in ("", "(", ")", ",", '"', '""'):
            raise self._unsupported("an alarm name or ARN")
        self.elements += 1
        self._take()
        if token.text.startswith('"'):
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        return token.text

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _takes(self, text: str) -> bool:
        if self._token.text != text:
            return False
        self._take()
        return True

    def _expect(self, text: str, allowed: str | None = None) -> None:
        if not self._takes(text):
            raise self._unsupported(allowed or f"'{text}'")

    def _unsupported(self, allowed: str) -> RuleError:
        # Form and words as recorded in https://github.com/aws/aws-cdk/issues/13953
        what = self._token.text or "<EOF>"
        return RuleError(
            f"Error in AlarmRule [Unsupported token '{what}' at char {self._token.at}, must be: "
            f"{allowed}]"
        )
