"""Sink policies: which accounts may link to a sink, and for which types of resources.

https://docs.aws.amazon.com/OAM/latest/APIReference/API_PutSinkPolicy.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

ACTIONS = ("oam:CreateLink", "oam:UpdateLink")

#: What a condition may ask of a request: the key, in lower case, to the request's values.
Context = Mapping[str, list[str]]

_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda given, wanted: given == wanted,
    "stringequalsignorecase": lambda given, wanted: given.lower() == wanted.lower(),
    "stringlike": fnmatchcase,
    "arnequals": fnmatchcase,
    "arnlike": fnmatchcase,
}
_KEYS = frozenset({"oam:resourcetypes", "aws:principalaccount", "aws:principalorgid"})
_OPERATOR = re.compile(
    r"(?:(forallvalues|foranyvalue):)?(string|arn)(not)?"
    r"(equals|equalsignorecase|like)(ifexists)?"
)


class PolicyError(ValueError):
    """The text is not a sink policy."""


class UnsupportedPolicyError(ValueError):
    """A policy that AWS may accept and that this emulator cannot decide upon."""


@dataclass(frozen=True)
class Request:
    """What is asked of a sink, by which account, for which resource types."""

    action: str
    account: str
    sink_arn: str
    resource_types: list[str]
    organization: str | None

    @property
    def context(self) -> Context:
        organization = [self.organization] if self.organization else []
        return {
            "oam:resourcetypes": self.resource_types,
            "aws:principalaccount": [self.account],
            "aws:principalorgid": organization,
        }


def check(text: str) -> None:
    """Refuse what is no sink policy.

    Raises:
        PolicyError: not JSON, or not the shape of a policy for ``oam:CreateLink`` and
            ``oam:UpdateLink``.
        UnsupportedPolicyError: it has an element, operator or condition key that this emulator
            cannot evaluate.
    """
    for statement in _statements(text):
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise PolicyError("every statement needs Effect Allow or Deny")
        for element in ("NotPrincipal", "NotAction", "NotResource"):
            if element in statement:
                raise UnsupportedPolicyError(element)
        for element in ("Principal", "Action", "Resource"):
            if not statement.get(element):
                raise PolicyError(f"a statement has no {element}")
        for action in _listed(statement["Action"]):
            if not any(fnmatchcase(known.lower(), action.lower()) for known in ACTIONS):
                raise PolicyError(f"{action} is not an action of a sink policy")
        for operator, key, _ in _conditions(statement):
            if _OPERATOR.fullmatch(operator.lower()) is None:
                raise UnsupportedPolicyError(f"the condition operator {operator}")
            if key.lower() not in _KEYS:
                raise UnsupportedPolicyError(f"the condition key {key}")


def allows(text: str, request: Request) -> bool:
    """Whether some statement allows the request and none denies it."""
    effects = [s["Effect"] for s in _statements(text) if _applies(s, request)]
    return "Allow" in effects and "Deny" not in effects


def _statements(text: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PolicyError(f"it is not JSON: {error}") from error
    statements = document.get("Statement") if isinstance(document, dict) else None
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise PolicyError("it has no Statement")
    if not all(isinstance(statement, dict) for statement in statements):
        raise PolicyError("a statement is not an object")
    return statements


def _applies(statement: dict[str, Any], request: Request) -> bool:
    return (
        _names_account(statement["Principal"], request.account)
        and any(
            fnmatchcase(request.action.lower(), action.lower())
            for action in _listed(statement["Action"])
        )
        and any(fnmatchcase(request.sink_arn, arn) for arn in _listed(statement["Resource"]))
        and all(
            _holds(operator.lower(), request.context[key.lower()], wanted)
            for operator, key, wanted in _conditions(statement)
        )
    )


def _names_account(principal: Any, account: str) -> bool:
    """A role or user stands for its account: requests here are known by their account alone."""
    named = _listed(principal.get("AWS", [])) if isinstance(principal, dict) else [principal]
    return any(
        one in ("*", account) or re.fullmatch(rf"arn:[\w-]+:(iam|sts)::{account}:.+", one)
        for one in named
    )


def _conditions(statement: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            yield operator, key, _listed(wanted)


def _holds(operator: str, given: list[str], wanted: list[str]) -> bool:
    """IAM's operators: a set qualifier says how many of the request's values must match.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    parts = _OPERATOR.fullmatch(operator)
    assert parts is not None, "checked when the policy was put"
    qualifier, kind, negated, how, if_exists = parts.groups()
    if not given:
        return qualifier == "forallvalues" or bool(if_exists) or bool(negated)
    compare = _COMPARE[kind + how]
    matches = [any(compare(value, one) for one in wanted) != bool(negated) for value in given]
    return any(matches) if qualifier == "foranyvalue" else all(matches)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
