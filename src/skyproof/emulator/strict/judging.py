"""Whether a caller from outside may do what it asks, by its own policies and the resource's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from skyproof.emulator import iam
from skyproof.emulator.service import Call
from skyproof.emulator.strict.callers import Caller
from skyproof.emulator.strict.grants import Grants
from skyproof.emulator.strict.refusals import refusal

Context = Mapping[str, str | tuple[str, ...]]
_IDENTITY = "identity-based policy"
_RESOURCE = "resource-based policy"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What a caller asks leave for.

    Attributes:
        resource: the ARN; ``None`` where it cannot be told, and the action alone is judged.
        policy: the resource's own policy, if it has one.
        alone_suffices: whether that policy may grant what the caller's own do not.
    """

    action: str
    resource: str | None
    context: Context = field(default_factory=dict)
    policy: str | None = None
    alone_suffices: bool = True


@dataclass(frozen=True)
class _Refused:
    """Which kind of policy refuses, and what in it."""

    kind: str
    effect: Literal["deny", "none"]
    why: str


def check(call: Call, caller: Caller, grants: Grants, question: Question) -> None:
    """Refuse what no policy allows, or what one denies.

    Raises:
        AwsError: as the service calls it, in AWS's words.
    """
    refused = None if caller.is_root else _refused(caller, grants, question)
    if refused is None:
        return
    log.info("%s may not %s: %s", caller.arn, question.action, refused.why)
    raise refusal("denied", call.target.service, _message(caller, question, refused))


def _refused(caller: Caller, grants: Grants, question: Question) -> _Refused | None:
    """The first kind of policy that refuses; a denial comes before what nobody allows."""
    layers = {_IDENTITY: grants.policies}
    if grants.boundary is not None:
        layers["permissions boundary"] = (grants.boundary,)
    if caller.session_policy:
        layers["session policy"] = (caller.session_policy,)
    decided = {kind: _decide(found, caller, question) for kind, found in layers.items()}
    of_resource = None
    if question.policy is not None:
        of_resource = _decide((question.policy,), caller, question)
    found = decided | ({_RESOURCE: of_resource} if of_resource is not None else {})
    for kind, decision in found.items():
        if decision.effect == "deny":
            return _Refused(kind, "deny", decision.reason)
    if of_resource is not None and of_resource.effect == "allow" and question.alone_suffices:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
        decided.pop(_IDENTITY)
    for kind, decision in decided.items():
        if decision.effect == "none":
            return _Refused(kind, "none", decision.reason)
    return None


def _decide(policies: tuple[str, ...], caller: Caller, question: Question) -> iam.Decision:
    if question.resource is None:
        policies = tuple(_on_any_resource(policy) for policy in policies)
    request = iam.Request(
        question.action,
        question.resource or "*",
        caller.identity,
        caller.account,
        {key: value for key, value in question.context.items() if value},
    )
    # That a resource names the account leaves it to the account's own policies.
    return iam.decided(policies, request, account_suffices=False)


@lru_cache(maxsize=1024)
def _on_any_resource(policy: str) -> str:
    """A policy in which what is allowed is allowed whatever the resource and its tags may be."""
    document = json.loads(policy)
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    document["Statement"] = [_widened(one) for one in statements]
    return json.dumps(document)


def _widened(statement: dict[str, Any]) -> dict[str, Any]:
    if statement["Effect"] != "Allow":
        return statement
    kept = {k: v for k, v in statement.items() if k not in ("Resource", "NotResource")}
    conditions = {
        operator: {key: value for key, value in keys.items() if ":ResourceTag/" not in key}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return {**kept, "Resource": "*", "Condition": conditions}


def _message(caller: Caller, question: Question, refused: _Refused) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    start = f"User: {caller.arn} is not authorized to perform: {question.action}"
    if question.resource is not None:
        start += f" on resource: {question.resource}"
    if refused.effect == "deny":
        return f"{start} with an explicit deny in {_a(refused.kind)}"
    return f"{start} because no {refused.kind} allows the {question.action} action"


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
