"""Sink policies: which accounts may link to a sink, and for which types of resources.

https://docs.aws.amazon.com/OAM/latest/APIReference/API_PutSinkPolicy.html
"""

from __future__ import annotations

from skyproof.emulator import account_policy
from skyproof.emulator.iam import PolicyError, UnsupportedPolicyError

ACTIONS = ("oam:CreateLink", "oam:UpdateLink")

_KEYS = frozenset({"oam:resourcetypes", "aws:principalaccount", "aws:principalorgid"})


def check(text: str) -> None:
    """Refuse what is no sink policy.

    Raises:
        PolicyError: not the shape of a policy for ``oam:CreateLink`` and ``oam:UpdateLink``.
        UnsupportedPolicyError: it has an element, operator or condition key that this emulator
            cannot evaluate.
    """
    for statement in account_policy.statements(text):
        for element in ("Principal", "Action", "Resource"):
            if not statement.get(element):
                raise PolicyError(f"a statement has no {element}")
        for action in account_policy.listed(statement["Action"]):
            if not any(account_policy.matches(action.lower(), known.lower()) for known in ACTIONS):
                raise PolicyError(f"{action} is not an action of a sink policy")
        for _, key, _ in account_policy.conditions(statement):
            if key.lower() not in _KEYS:
                raise UnsupportedPolicyError(f"the condition key {key}")


def allows(
    text: str,
    *,
    action: str,
    account: str,
    sink_arn: str,
    resource_types: list[str],
    organization: str | None,
) -> bool:
    """Whether a sink's policy lets an account share these types of resources with it."""
    context = {
        "oam:resourcetypes": resource_types,
        "aws:principalaccount": [account],
        "aws:principalorgid": [organization] if organization else [],
    }
    request = account_policy.Request(action, sink_arn, account=account, context=context)
    return account_policy.allows(text, request)
