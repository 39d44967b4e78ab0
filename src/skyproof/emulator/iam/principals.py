"""Whom a statement is about.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.iam.errors import PolicyError, UnsupportedPolicyError

_ACCOUNT = re.compile(r"(?:[0-9]{12}|arn:[^:]+:iam::(?P<account>[0-9]{12}):root)")
_ARN = re.compile(r"arn:[^:*?]+:(?:iam|sts)::[0-9]{12}:[^*?]+")
#: What AWS puts in place of a role or user that was deleted; it stands for nobody.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}")


@dataclass(frozen=True)
class Principals:
    """The value of ``Principal`` or ``NotPrincipal``.

    ``"*"`` and ``{"AWS": "*"}`` are the same: everyone, services too.
    """

    written: tuple[str, ...]
    everyone: bool
    names: frozenset[str]
    accounts: frozenset[str]

    def name(self, principal: str) -> bool:
        """Whether the principal itself is named, by its own ARN or as everyone."""
        return self.everyone or principal in self.names or account_of(principal) in self.accounts

    def cover(self, principal: str, account: str) -> bool:
        """Whether the principal is named, or the account that it belongs to."""
        return self.name(principal) or account in self.accounts


def account_of(principal: str) -> str | None:
    """The account, if the principal is an account id or an account's root."""
    found = _ACCOUNT.fullmatch(principal)
    return None if found is None else found["account"] or principal


def read(element: Any) -> Principals:
    """Read the element.

    Raises:
        PolicyError: a kind of principal that AWS does not know, or a name with a wildcard.
        UnsupportedPolicyError: a canonical user.
    """
    named = {"AWS": "*"} if element == "*" else element
    if not isinstance(named, dict) or not named:
        raise PolicyError(f"{element!r} is not a principal")
    kinds = {kind: _texts(kind, value) for kind, value in named.items()}
    aws = set(kinds.get("AWS", ()))
    accounts = {one: account_of(one) for one in aws}
    names = {one for one, account in accounts.items() if account is None} - {"*"}
    return Principals(
        written=tuple(one for texts in kinds.values() for one in texts),
        everyone="*" in aws,
        names=frozenset(names.union(kinds.get("Service", ()))),
        accounts=frozenset(account for account in accounts.values() if account is not None),
    )


def _texts(kind: str, value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if kind == "CanonicalUser":
        raise UnsupportedPolicyError("the principal CanonicalUser")
    if kind not in ("AWS", "Service", "Federated"):
        raise PolicyError(f"{kind} is not a kind of principal")
    for text in texts:
        if not isinstance(text, str) or not _well_formed(kind, text):
            raise PolicyError(f"{text!r} is not a principal of the kind {kind}")
    return texts


def _well_formed(kind: str, text: str) -> bool:
    """Wildcards are for everyone only, never a part of a name."""
    if kind != "AWS":
        return bool(text) and "*" not in text and "?" not in text
    forms = (_ACCOUNT, _ARN, _UNIQUE_ID)
    return text == "*" or any(form.fullmatch(text) for form in forms)
