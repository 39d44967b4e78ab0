"""The decision about a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache, partial
from typing import Any, Literal

from skyproof.emulator.iam.patterns import (
    Context,
    Pattern,
    Template,
    matches,
    within_segments,
)
from skyproof.emulator.iam.principals import account_of
from skyproof.emulator.iam.statement import Listed, Statement, statements


@dataclass(frozen=True)
class Request:
    """Who wants to do what to which resource.

    Attributes:
        action: e.g. ``sqs:SendMessage``.
        resource: its ARN.
        principal: a service (``sns.amazonaws.com``), or the ARN of a role, a user or an account's
            root, which stands for the account.
        account: the principal's account; empty for a service.
        context: condition keys, whose case does not matter, and their values. A key without
            values is absent.
    """

    action: str
    resource: str
    principal: str
    account: str
    context: Mapping[str, str | tuple[str, ...]]

    def __hash__(self) -> int:
        context = frozenset(self.context.items())  # a mapping has no hash of its own
        return hash((self.action, self.resource, self.principal, self.account, context))


@dataclass(frozen=True)
class Decision:
    """What the policies say.

    Attributes:
        effect: ``none`` if nothing allows the request, which AWS refuses like ``deny``.
        reason: the statement that decided; for ``none`` the one that came nearest, and the first
            thing in it that does not fit.
    """

    effect: Literal["allow", "deny", "none"]
    reason: str


class _Part(IntEnum):
    """The parts of a statement in the order in which they are looked at."""

    ACTION = 0
    RESOURCE = 1
    PRINCIPAL = 2
    CONDITION = 3
    ACCOUNT = 4


@dataclass(frozen=True)
class _Misfit:
    part: _Part
    why: Callable[[], str]


def decide(
    policies: Iterable[Mapping[str, Any] | str],
    request: Request,
    *,
    account_suffices: bool = True,
) -> Decision:
    """Decide by policies of the resource and of the principal alike; one that denies wins.

    One statement that allows is enough, which is the rule within one account. Where both sides
    must allow it (between accounts), decide twice: once by the policies of each side.

    Args:
        policies: JSON, or decoded.
        request: what is asked for.
        account_suffices: whether a resource that allows an account allows its roles and users.
            In truth it leaves that to the account: pass False where the policies are those of
            the role too, so that one of its own must allow the request.
            https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts

    Raises:
        PolicyError: malformed policies.
        UnsupportedPolicyError: policies that AWS may accept and that are not decided upon here.
    """
    context = _context(request)
    judged = [
        (name, statement, next(_misfits(statement, request, context, account_suffices), None))
        for name, statement in _named(policies)
    ]
    fitting = [(name, statement.effect) for name, statement, misfit in judged if misfit is None]
    for effect, decided in (("Deny", _denied), ("Allow", _allowed)):
        for name, found in fitting:
            if found == effect:
                return decided(name)
    return _nearest(
        (name, misfit)
        for name, statement, misfit in judged
        if misfit is not None and statement.effect == "Allow"
    )


@lru_cache(maxsize=4096)
def decided(
    policies: tuple[str, ...], request: Request, *, account_suffices: bool = True
) -> Decision:
    """As :func:`decide`, once for each question: a busy world asks some ten a minute, at 0.7 ms.

    Args:
        request: its context must not change any more.
    """
    return decide(policies, request, account_suffices=account_suffices)


def _denied(name: str) -> Decision:
    return Decision("deny", f"{name} denies it")


def _allowed(name: str) -> Decision:
    return Decision("allow", f"{name} allows it")


def _nearest(candidates: Iterable[tuple[str, _Misfit]]) -> Decision:
    found = max(candidates, key=lambda candidate: candidate[1].part, default=None)
    if found is None:
        return Decision("none", "there is no statement that allows anything")
    name, misfit = found
    return Decision("none", f"nothing allows it; nearest is {name}: {misfit.why()}")


def _context(request: Request) -> Context:
    return {
        key.lower(): (value,) if isinstance(value, str) else tuple(value)
        for key, value in request.context.items()
    }


def _named(policies: Iterable[Mapping[str, Any] | str]) -> Iterator[tuple[str, Statement]]:
    found = [statements(policy) for policy in policies]
    for number, of_policy in enumerate(found, 1):
        where = f" of policy {number}" if len(found) > 1 else ""
        for index, statement in enumerate(of_policy, 1):
            yield f"statement {statement.sid or index}{where}", statement


def _misfits(
    statement: Statement, request: Request, context: Context, account_suffices: bool
) -> Iterator[_Misfit]:
    if not _covers(statement.actions, request.action.lower(), context):
        yield _Misfit(
            _Part.ACTION, partial(_difference, "Action", statement.actions, request.action)
        )
    if not _covers(statement.resources, request.resource, context, of_resource=True):
        yield _Misfit(
            _Part.RESOURCE, partial(_difference, "Resource", statement.resources, request.resource)
        )
    if not _is_for(statement, request):
        yield _Misfit(_Part.PRINCIPAL, partial(_other_principal, statement, request))
    for condition in statement.conditions:
        if not condition.holds(context):
            yield _Misfit(_Part.CONDITION, partial(condition.mismatch, context))
    if not account_suffices and _leaves_it_to_account(statement, request):
        yield _Misfit(_Part.ACCOUNT, partial(_left_to_account, request))


def _covers(listed: Listed, text: str, context: Context, *, of_resource: bool = False) -> bool:
    patterns = (_pattern(value, context, of_resource) for value in listed.values)
    found = any(pattern is not None and matches(pattern, text) for pattern in patterns)
    return found != listed.negated


def _pattern(value: Template, context: Context, of_resource: bool) -> Pattern | None:
    if value.is_constant:
        return value.constant_of_resource if of_resource else value.constant
    pattern = value.pattern(context)
    return within_segments(pattern) if of_resource and pattern is not None else pattern


def _is_for(statement: Statement, request: Request) -> bool:
    """Whether the statement is about the principal.

    ``NotPrincipal`` is read narrowly, as AWS describes it: to deny everyone but a role, the role
    itself must be named, and an account does not speak for it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    named = statement.principals
    if named is None:
        return True
    if not statement.negated:
        return named.cover(request.principal, request.account)
    if statement.effect == "Deny":
        return not named.name(request.principal)
    return not named.cover(request.principal, request.account)


def _leaves_it_to_account(statement: Statement, request: Request) -> bool:
    named = statement.principals
    if named is None or statement.negated or statement.effect == "Deny":
        return False
    return account_of(request.principal) is None and not named.name(request.principal)


def _difference(element: str, listed: Listed, given: str) -> str:
    wanted = ", ".join(value.written for value in listed.values)
    return f"{'Not' if listed.negated else ''}{element} wants {wanted} and got {given}"


def _left_to_account(request: Request) -> str:
    return f"it leaves it to the account {request.account}, which grants it to no such principal"


def _other_principal(statement: Statement, request: Request) -> str:
    named = statement.principals
    wanted = ", ".join(named.written) if named else ""
    element = "NotPrincipal" if statement.negated else "Principal"
    return f"{element} wants {wanted} and got {request.principal}"
