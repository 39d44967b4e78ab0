"""Statements of policies, read from JSON.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from skyproof.emulator.iam import conditions, principals
from skyproof.emulator.iam.conditions import Condition
from skyproof.emulator.iam.errors import PolicyError
from skyproof.emulator.iam.patterns import Template
from skyproof.emulator.iam.principals import Principals

_VERSIONS = ("2008-10-17", "2012-10-17")
_OF_POLICY = {"Version", "Id", "Statement"}
_OF_STATEMENT = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"}
_OF_STATEMENT |= {"Resource", "NotResource", "Condition"}


@dataclass(frozen=True)
class Listed:
    """The values of ``Action`` or ``Resource``; ``negated`` when it was written as ``Not…``."""

    values: tuple[Template, ...]
    negated: bool


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        sid: empty without one.
        actions: in lower case, since actions ignore case.
        principals: ``None`` in a policy of an identity, which is for whom it is attached to.
        negated: whether the principals were written as ``NotPrincipal``.
    """

    sid: str
    effect: Literal["Allow", "Deny"]
    actions: Listed
    resources: Listed
    principals: Principals | None
    negated: bool
    conditions: tuple[Condition, ...]


def statements(policy: Mapping[str, Any] | str) -> tuple[Statement, ...]:
    """The statements of a policy, as JSON or decoded.

    Raises:
        PolicyError: it is no policy.
        UnsupportedPolicyError: it has an element that is not decided upon here.
    """
    return _read_text(policy) if isinstance(policy, str) else _read(policy)


@lru_cache(maxsize=1024)
def _read_text(text: str) -> tuple[Statement, ...]:
    try:
        return _read(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise PolicyError(f"the policy is not JSON: {error}") from error


def _read(policy: Any) -> tuple[Statement, ...]:
    document = _object("the policy", policy, _OF_POLICY)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    version = document.get("Version", _VERSIONS[0])
    if version not in _VERSIONS:
        raise PolicyError(f"{version!r} is not a version of the policy language")
    found = document.get("Statement")
    found = [found] if isinstance(found, Mapping) else found
    if not isinstance(found, list):
        raise PolicyError("the policy has no Statement")
    return tuple(_statement(one, variables=version == _VERSIONS[1]) for one in found)


def _statement(found: Any, *, variables: bool) -> Statement:
    element = _object("a statement", found, _OF_STATEMENT)
    effect = element.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"Effect is Allow or Deny, not {effect!r}")
    named, negated = _either(element, "Principal")
    about = None if named is None else principals.read(named)
    return Statement(
        sid=str(element.get("Sid", "")),
        effect=effect,
        actions=_actions(element),
        resources=_resources(element, about, variables),
        principals=about,
        negated=negated,
        conditions=conditions.read(element.get("Condition", {}), variables=variables),
    )


def _object(name: str, found: Any, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise PolicyError(f"{name} is not an object")
    for element in found:
        if element not in known:
            raise PolicyError(f"{name} has the unknown element {element}")
    return found


def _either(element: Mapping[str, Any], name: str) -> tuple[Any, bool]:
    """An element's value, and whether that is what it does not apply to."""
    negated = f"Not{name}" in element
    if negated and name in element:
        raise PolicyError(f"a statement has both {name} and Not{name}")
    return element.get(f"Not{name}" if negated else name), negated


def _actions(element: Mapping[str, Any]) -> Listed:
    value, negated = _either(element, "Action")
    actions = _texts("Action", value)
    for action in actions:
        if action != "*" and ":" not in action:
            raise PolicyError(f"{action!r} is not an action of a service")
    return _listed([action.lower() for action in actions], negated, variables=False)


def _resources(element: Mapping[str, Any], about: Principals | None, variables: bool) -> Listed:
    """Without one, a policy of a resource is about what it is attached to, as a role's trust is.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policies-json
    """
    value, negated = _either(element, "Resource")
    attached = value is None and about is not None
    return _listed(["*"] if attached else _texts("Resource", value), negated, variables=variables)


def _listed(texts: list[str], negated: bool, *, variables: bool) -> Listed:
    return Listed(tuple(Template.read(one, variables=variables) for one in texts), negated)


def _texts(name: str, value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise PolicyError(f"{value!r} is not a value of {name}")
    return texts
