"""Whether a service or a role may do what it asks of another service.

Only calls that services of this world make in their own name or under a role pass through here:
whether an alarm may publish to a topic, a topic send to a queue, Firehose write to a bucket. What
would be refused on AWS is refused here, with the statement that decided. Callers from outside are
not judged.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from skyproof.emulator import iam
from skyproof.emulator.acting import Principal
from skyproof.emulator.asking import Asked, asked_by
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params


def check(call: Call, principal: Principal, params: Params) -> None:
    """Refuse what neither the resource's policy nor the role's allows.

    Raises:
        AwsError: AccessDenied, KMSAccessDenied or AuthorizationError, as the service calls it.
    """
    asked = asked_by(call, params)
    if asked is None:
        return
    _require(call, principal, asked)
    if asked.key is not None:
        _require_key(call, principal, asked.key, asked.uses)


def _require(call: Call, principal: Principal, asked: Asked) -> None:
    request = _request(principal, asked.action, asked.resource, asked.context)
    own = [] if principal.is_service else policies_of_role(call, principal)
    theirs = [asked.policy] if asked.policy else []
    decision = _decide(call, principal, (*own, *theirs), request)
    if decision.effect != "allow":
        raise AwsError(
            _CODES.get(call.target.service, "AccessDenied"),
            f"{principal.name} is not authorized to perform: {asked.action} on resource: "
            f"{asked.resource} ({decision.reason})",
            status=403,
        )


def _require_key(call: Call, principal: Principal, key: str, uses: tuple[str, ...]) -> None:
    arn, policy = _key(call, key)
    # A service reaches a key through itself in the key's region.
    via = f"{call.target.service}.{arn.split(':')[3]}.amazonaws.com"
    own = [] if principal.is_service else policies_of_role(call, principal)
    for action in uses:
        request = _request(principal, action, arn, {"kms:ViaService": via})
        decision = _decide(call, principal, (*own, policy), request)
        if decision.effect != "allow":
            raise AwsError(
                "KMSAccessDenied",
                f"{principal.name} is not authorized to perform: {action} on resource: {arn} "
                f"({decision.reason})",
                status=403,
            )


def _decide(
    call: Call, principal: Principal, policies: tuple[str, ...], request: iam.Request
) -> iam.Decision:
    # That a policy names the account leaves it to the account's own policies: a key's default
    # policy alone lets no role use the key.
    return iam.decided(policies, request, account_suffices=principal.account != call.account)


def _request(
    principal: Principal,
    action: str,
    resource: str,
    more: Mapping[str, str] | None = None,
) -> iam.Request:
    context = {
        "aws:SourceArn": principal.source_arn,
        "aws:SourceAccount": principal.account if principal.is_service else "",
        "aws:PrincipalAccount": "" if principal.is_service else principal.account,
        "aws:SecureTransport": "true",
        **(more or {}),
    }
    known = {key: value for key, value in context.items() if value}
    account = "" if principal.is_service else principal.account
    return iam.Request(action, resource, principal.name, account, known)


def policies_of_role(call: Call, principal: Principal) -> list[str]:
    """The role's inline and attached policies, as JSON."""
    return call.world.memo.get("iam", principal.name, lambda: _read_role(call, principal))


def _read_role(call: Call, principal: Principal) -> list[str]:
    client = call.client("iam", account=principal.account)
    name = principal.name.rpartition("/")[2]
    found: list[str] = []
    try:
        for inline in client.list_role_policies(RoleName=name)["PolicyNames"]:
            answer = client.get_role_policy(RoleName=name, PolicyName=inline)
            found.append(_text(answer["PolicyDocument"]))
        for attached in client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            answer = client.get_policy_version(PolicyArn=arn, VersionId=version)
            found.append(_text(answer["PolicyVersion"]["Document"]))
    except ClientError as error:
        raise AwsError(
            "AccessDenied", f"{principal.name} cannot be assumed: {error}", status=403
        ) from error
    return found


def may_assume(call: Call, role: str, service: str, source_arn: str) -> None:
    """Refuse a service that the role's trust policy does not let assume it.

    Raises:
        AwsError: AccessDenied.
    """
    trust = call.world.memo.get("iam", ("trust", role), lambda: _read_trust(call, role))
    principal = Principal(service, call.account, source_arn)
    request = _request(principal, "sts:AssumeRole", role)
    decision = iam.decided((trust,), request)
    if decision.effect != "allow":
        raise AwsError(
            "AccessDenied",
            f"{service} is not authorized to assume {role} ({decision.reason})",
            status=403,
        )


def _read_trust(call: Call, role: str) -> str:
    client = call.client("iam", account=role.split(":")[4])
    try:
        answer = client.get_role(RoleName=role.rpartition("/")[2])
    except ClientError as error:
        raise AwsError("AccessDenied", f"{role} cannot be assumed: {error}", status=403) from error
    return _text(answer["Role"]["AssumeRolePolicyDocument"])


def _text(document: Any) -> str:
    return unquote(document) if isinstance(document, str) else json.dumps(document)


def _key(call: Call, key: str) -> tuple[str, str]:
    """ARN and policy of a key. A key of AWS's own lets only callers of the account use it."""
    where = (call.account, call.region, key)
    return call.world.memo.get("kms", where, lambda: _read_key(call, key))


def _read_key(call: Call, key: str) -> tuple[str, str]:
    # A key may lie in another region or account than what it seals, and is then named by its ARN.
    where = key.split(":") if key.startswith("arn:") else ("", "", "", call.region, call.account)
    client = call.world.client("kms", where[3], where[4])
    try:
        arn = client.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        policy = client.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    except ClientError as error:
        raise AwsError("KMSNotFound", f"the key {key} cannot be used: {error}") from error
    return str(arn), str(policy)


_CODES = {
    "firehose": "AccessDeniedException",
    "kinesis": "AccessDeniedException",
    "lambda": "AccessDeniedException",
    "logs": "AccessDeniedException",
    "sns": "AuthorizationError",
    "stepfunctions": "AccessDeniedException",
}
