"""Which subscriptions a message passes to: filter policies over attributes or the body.

Policies are written as event patterns are, and matched the same way.
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

import json
from typing import Any

from skyproof.emulator.services.events import pattern
from skyproof.emulator.services.sns.message import Message, Subscription


def passes(subscription: Subscription, message: Message) -> bool:
    """Whether a subscription's policy lets the message through; one without takes everything."""
    if subscription.filter_policy is None:
        return True
    policy = pattern.parse(subscription.filter_policy)
    if subscription.scope == "MessageBody":
        body = _json(message.text)
        # "If … the message body is not valid JSON … the message is rejected."
        return isinstance(body, dict) and policy.matches(body)
    return policy.matches(_attributes(message))


def _attributes(message: Message) -> dict[str, Any]:
    values = {name: _value(one) for name, one in message.attributes.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(attribute: dict[str, Any]) -> Any:
    """The attribute as policies see it; binary ones they do not see."""
    kind, text = attribute["DataType"].partition(".")[0], attribute.get("StringValue", "")
    if attribute["DataType"] == "String.Array":
        return _json(text)
    if kind == "Number":
        return float(text) if "." in text or "e" in text.lower() else int(text)
    return text if kind == "String" else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
