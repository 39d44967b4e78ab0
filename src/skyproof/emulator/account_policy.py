"""Policies about accounts, for callers from outside, of whom no more than their account is known.

A role or user that a policy names stands for its account, and a key of several values needs no set
operator: where services call, :mod:`skyproof.emulator.iam` is stricter.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from skyproof.emulator.iam import PolicyError, UnsupportedPolicyError

Statement = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """Who wants to do what to which resource.

    Attributes:
        account: the caller's account; a role or user stands for it.
        context: what conditions may ask for: the key, in lower case, to the request's values.
    """

    action: str
    resource: str
    account: str
    context: Mapping[str, list[str]] = field(default_factory=dict)


def statements(text: str) -> list[Statement]:
    """The statements of a policy.

    Raises:
        PolicyError: not JSON, no statements, or statements without an effect.
        UnsupportedPolicyError: an element or operator that :func:`allows` does not know.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PolicyError(f"it is not JSON: {error}") from error
    found = document.get("Statement") if isinstance(document, dict) else None
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not found:
        raise PolicyError("it has no Statement")
    for statement in found:
        _check(statement)
    return found


def allows(text: str, request: Request) -> bool:
    """Whether some statement allows the request and none denies it.

    Raises:
        PolicyError, UnsupportedPolicyError: as :func:`statements`.
    """
    effects = {one["Effect"] for one in statements(text) if _applies(one, request)}
    return "Allow" in effects and "Deny" not in effects


def conditions(statement: Statement) -> Iterator[tuple[str, str, list[str]]]:
    """Operator, key and wanted values of each condition, as written."""
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            yield operator, key, listed(wanted)


def listed(value: Any) -> list[str]:
    """One value or a list of them, as a list of texts."""
    values = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def matches(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern of IAM's, where ``*`` is any text and ``?`` one character."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda wanted, given: given == wanted,
    "stringequalsignorecase": lambda wanted, given: given.lower() == wanted.lower(),
    "stringlike": matches,
    "arnequals": matches,
    "arnlike": matches,
    "bool": lambda wanted, given: given.lower() == wanted.lower(),
}
_OPERATOR = re.compile(
    r"(?:(forallvalues|foranyvalue):)?"
    r"(?:(string|arn)(not)?(equals|equalsignorecase|like)|(bool))(ifexists)?"
)


def _check(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise PolicyError("a statement is not an object")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError("every statement needs Effect Allow or Deny")
    if "NotPrincipal" in statement:
        raise UnsupportedPolicyError("NotPrincipal")
    for operator, _, _ in conditions(statement):
        if operator.lower() != "null" and not _OPERATOR.fullmatch(operator.lower()):
            raise UnsupportedPolicyError(f"the condition operator {operator}")


def _applies(statement: Statement, request: Request) -> bool:
    return (
        _names(statement.get("Principal", {}), request)
        and _covers(statement, "Action", request.action.lower(), str.lower)
        and _covers(statement, "Resource", request.resource, str)
        and all(
            _holds(operator.lower(), request.context.get(key.lower(), []), wanted)
            for operator, key, wanted in conditions(statement)
        )
    )


def _names(principal: Any, request: Request) -> bool:
    if not isinstance(principal, dict):
        return bool(principal == "*")
    return any(
        one in ("*", request.account)
        or re.fullmatch(rf"arn:[\w-]+:(iam|sts)::{request.account}:.+", one)
        for one in listed(principal.get("AWS", []))
    )


def _covers(statement: Statement, element: str, wanted: str, normal: Callable[[str], str]) -> bool:
    negated = f"Not{element}" in statement
    patterns = listed(statement.get(f"Not{element}" if negated else element, []))
    return any(matches(normal(one), wanted) for one in patterns) != negated


def _holds(operator: str, given: list[str], wanted: list[str]) -> bool:
    """A set qualifier says how many of the request's values must match.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if operator == "null":
        return (not given) == (wanted == ["true"])
    parts = _OPERATOR.fullmatch(operator)
    assert parts is not None, "checked as the statements were read"
    qualifier, kind, negated, how, bool_, if_exists = parts.groups()
    if not given:
        return qualifier == "forallvalues" or bool(if_exists) or bool(negated)
    compare = _COMPARE[bool_ or kind + how]
    found = [any(compare(one, value) for one in wanted) != bool(negated) for value in given]
    return any(found) if qualifier == "foranyvalue" else all(found)
