"""STS for callers from outside: sessions of roles whose trust they have, which really end.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skyproof.emulator import iam
from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.service import Call, Params
from skyproof.emulator.strict import grants
from skyproof.emulator.strict.callers import Caller, Callers, session_of
from skyproof.emulator.strict.context import context
from skyproof.emulator.strict.judging import Question, check

DEFAULT_SECONDS, SHORTEST = 3600, 900
#: "Role chaining limits your session to a maximum of one hour."
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
LONGEST_CHAINED = 3600
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
DEFAULT_TOKEN_SECONDS = 43_200
#: In the place of a function's name, by which AWS calls its sessions.
FUNCTION = "function"


class Sessions:
    """The operations of STS that give credentials or tell whose they are."""

    def __init__(self, callers: Callers, longest: float | None) -> None:
        self._callers, self._longest = callers, longest
        self._of_functions: dict[str, Caller] = {}
        self._operations: dict[str, Callable[[Call, Params, Caller], dict[str, Any]]] = {
            "AssumeRole": self._assume_role,
            "GetCallerIdentity": self._get_caller_identity,
            "GetSessionToken": self._get_session_token,
        }

    @staticmethod
    def answers(service: str, operation: str) -> bool:
        """Whether an operation is one that gives credentials, or tells whose they are."""
        own = ("GetCallerIdentity", "GetFederationToken", "GetSessionToken")
        return service == "sts" and (operation in own or operation.startswith("AssumeRole"))

    def answer(self, call: Call, params: Params, caller: Caller) -> dict[str, Any]:
        """What STS answers.

        Raises:
            AwsError: refused, or an operation whose credentials nobody here would know again.
        """
        operation = self._operations.get(call.operation)
        if operation is None:
            known = ", ".join(self._operations)
            raise OperationNotImplementedError("sts", call.operation, f"strict STS knows {known}")
        return operation(call, params, caller)

    def of_function(self, account: str, role: str) -> dict[str, str]:
        """The keys of functions that run under a role, which Lambda renews before they expire."""
        del account
        if role not in self._of_functions:
            arn = session_of(role, FUNCTION)
            self._of_functions[role] = self._callers.admit(arn, role)
        session = self._of_functions[role]
        return {
            "AWS_ACCESS_KEY_ID": session.access_key,
            "AWS_SECRET_ACCESS_KEY": session.secret,
            "AWS_SESSION_TOKEN": session.token,
        }

    def _assume_role(self, call: Call, params: Params, caller: Caller) -> dict[str, Any]:
        role, name = params["RoleArn"], params["RoleSessionName"]
        self._require_trust(call, params, caller)
        found = _role(call, role)
        seconds = params.get("DurationSeconds", DEFAULT_SECONDS)
        _check_duration(seconds, found["MaxSessionDuration"], chained=caller.identity != caller.arn)
        session = self._callers.admit(
            *(session_of(role, name), role),
            seconds=self._at_most(seconds),
            session_policy=params.get("Policy", ""),
        )
        user = {"AssumedRoleId": f"{found['RoleId']}:{name}", "Arn": session.arn}
        return {"Credentials": _credentials(session), "AssumedRoleUser": user}

    def _require_trust(self, call: Call, params: Params, caller: Caller) -> None:
        """The role's trust must name the caller, or its account, which must then grant it too.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
        """
        role = params["RoleArn"]
        trust = grants.trust(call.world, role)
        known = context(call, params, caller) | {
            "sts:ExternalId": params.get("ExternalId", ""),
            "sts:RoleSessionName": params["RoleSessionName"],
        }
        request = iam.Request("sts:AssumeRole", role, caller.identity, caller.account, known)
        if trust is None or iam.decide([trust], request).effect != "allow":
            raise AwsError(
                "AccessDenied",
                f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: "
                f"{role}",
                status=403,
            )
        is_at_home = caller.account == role.split(":")[4]
        question = Question("sts:AssumeRole", role, known, trust, alone_suffices=is_at_home)
        check(call, caller, grants.of(call.world, caller), question)

    def _get_caller_identity(self, call: Call, params: Params, caller: Caller) -> dict[str, Any]:
        del params
        return {"UserId": _user_id(call, caller), "Account": caller.account, "Arn": caller.arn}

    def _get_session_token(self, call: Call, params: Params, caller: Caller) -> dict[str, Any]:
        del call
        if caller.is_session:
            message = "Cannot call GetSessionToken with session credentials"
            raise AwsError("AccessDenied", message, status=403)
        seconds = self._at_most(params.get("DurationSeconds", DEFAULT_TOKEN_SECONDS))
        session = self._callers.admit(caller.arn, caller.identity, seconds=seconds)
        return {"Credentials": _credentials(session)}

    def _at_most(self, seconds: float) -> float:
        return seconds if self._longest is None else min(seconds, self._longest)


def _check_duration(seconds: int, longest: int, *, chained: bool) -> None:
    if seconds < SHORTEST:
        why = f"Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must "
        why += f"have value greater than or equal to {SHORTEST}"
        raise AwsError("ValidationError", f"1 validation error detected: {why}")
    if chained and seconds > LONGEST_CHAINED:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
        )
    if seconds > longest:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )


def _credentials(session: Caller) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret,
        "SessionToken": session.token,
        "Expiration": session.expires,
    }


def _role(call: Call, role: str) -> dict[str, Any]:
    client = call.client("iam", account=role.split(":")[4])
    found: dict[str, Any] = client.get_role(RoleName=role.rpartition("/")[2])["Role"]
    return found


def _user_id(call: Call, caller: Caller) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable"""
    if caller.is_root:
        return caller.account
    if ":role/" in caller.identity:
        session = caller.arn.rpartition("/")[2]
        return f"{_role(call, caller.identity)['RoleId']}:{session}"
    client = call.client("iam", account=caller.account)
    return str(client.get_user(UserName=caller.arn.rpartition("/")[2])["User"]["UserId"])
