"""Property selectors: ``$.user.id``, ``$.users[0].email``, ``$.['cluster.name']``, ``$.tags[*]``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from skyproof.emulator.services.logs.patterns.errors import PatternError
from skyproof.emulator.services.logs.patterns.scanner import Scanner

#: "You can only use up to one wildcard selector in a property selector".
MAX_WILDCARDS = 1

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z0-9_-]+)
      | \.?\[(?P<quote>['"])(?P<key>[^'"]*)(?P=quote)\]
      | \[(?P<index>[0-9]{1,9})\]
      | (?P<wildcard>\.\*|\[\*\])""",
    re.VERBOSE,
)


class Wildcard(Enum):
    """Every field of an object, or every element of an array."""

    FIELD = ".*"
    ELEMENT = "[*]"


_Step = str | int | Wildcard


@dataclass(frozen=True)
class Selector:
    """The way from the root of a document to one or, with a wildcard, more of its nodes."""

    steps: tuple[_Step, ...]

    @property
    def wildcards(self) -> int:
        """How many of the steps are wildcards."""
        return sum(isinstance(step, Wildcard) for step in self.steps)

    def select(self, document: object) -> list[object]:
        """The nodes of a document as ``json.loads`` makes it, none where the way ends early."""
        nodes = [document]
        for step in self.steps:
            nodes = [child for node in nodes for child in _children(node, step)]
        return nodes


def read_selector(scanner: Scanner) -> Selector:
    """The selector that comes next.

    Raises:
        PatternError: there is none, or it has too many wildcards.
    """
    scanner.skip_spaces()
    opening = scanner.at
    if not scanner.takes("$"):
        raise scanner.wanted("a property selector such as $.name")
    steps: list[_Step] = []
    while found := _STEP.match(scanner.text, scanner.at):
        steps.append(_step(found))
        scanner.at = found.end()
    if not steps:
        raise scanner.wanted("a property: .name or ['name']")
    if isinstance(steps[0], int) or steps[0] is Wildcard.ELEMENT:
        # "Place arrays after property selectors": the root is an object.
        raise PatternError("an array element has to follow a property", opening + 1)
    selector = Selector(tuple(steps))
    if selector.wildcards > MAX_WILDCARDS:
        raise PatternError(f"more than {MAX_WILDCARDS} wildcard in a property selector", opening)
    return selector


def parse_selector(text: str) -> Selector:
    """A selector that is the whole text.

    Raises:
        PatternError: it is malformed.
    """
    scanner = Scanner(text)
    selector = read_selector(scanner)
    scanner.end()
    return selector


def _step(found: re.Match[str]) -> _Step:
    if found["name"] is not None:
        return found["name"]
    if found["key"] is not None:
        return found["key"]
    if found["index"] is not None:
        return int(found["index"])
    return Wildcard(found["wildcard"])


def _children(node: object, step: _Step) -> Iterable[object]:
    match node, step:
        case dict(), str() if step in node:
            return [node[step]]
        case list(), int() if step < len(node):
            return [node[step]]
        case dict(), Wildcard.FIELD:
            return node.values()
        case list(), Wildcard.ELEMENT:
            return node
        case _:
            return []
