"""All that a request asks leave for: its operation, and each role that it hands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator.asking import Asked, asked_by
from skyproof.emulator.memo import only_reads
from skyproof.emulator.service import Call, Params
from skyproof.emulator.strict import context
from skyproof.emulator.strict.actions import FREE, action
from skyproof.emulator.strict.callers import Caller
from skyproof.emulator.strict.grants import Grants
from skyproof.emulator.strict.judging import Question
from skyproof.emulator.strict.resources import resources

#: Services whose parameters name roles without handing them to anybody.
_OF_ROLES = frozenset(("iam", "sts"))
#: To whom a role goes, where it is not ``service.amazonaws.com`` under the service's own name.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PassedToService
_PASSED_TO = {
    ("cloudwatch", "PutMetricStream"): "streams.metrics.cloudwatch.amazonaws.com",
    ("ecs", "RegisterTaskDefinition"): "ecs-tasks.amazonaws.com",
    ("stepfunctions", "CreateStateMachine"): "states.amazonaws.com",
    ("stepfunctions", "UpdateStateMachine"): "states.amazonaws.com",
    ("synthetics", "CreateCanary"): "lambda.amazonaws.com",
    ("synthetics", "UpdateCanary"): "lambda.amazonaws.com",
}


def questions(
    call: Call, params: Params, caller: Caller, grants: Grants, method: str
) -> Iterator[Question]:
    """Whether the caller may do the operation to each of its resources, and pass the roles."""
    if (call.target.service, call.operation) in FREE:
        return
    known = context.context(call, params, caller)
    policies = (*grants.policies, grants.boundary or "", caller.session_policy)
    if _speak_of(policies, "aws:currenttime", "aws:epochtime"):
        known |= context.of_time(call)
    for question in _of_operation(call, params, method):
        more = known | dict(question.context)
        if question.resource is not None and _speak_of(policies, ":resourcetag/"):
            more |= context.of_resource(call, question.resource)
        yield replace(question, context=more)
    if call.target.service not in _OF_ROLES and not only_reads(call.operation):
        passed_to = _PASSED_TO.get((call.target.service, call.operation))
        to = passed_to or f"{call.target.service}.amazonaws.com"
        for role in sorted(set(roles_in(params))):
            yield Question("iam:PassRole", role, known | {"iam:PassedToService": to})


def roles_in(value: Any, member: str = "") -> Iterator[str]:
    """The ARNs of roles that members named for a role hold, at any depth."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from roles_in(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from roles_in(one, member)
    elif member.lower().removesuffix("arn").endswith("role") and ":role/" in str(value):
        yield str(value)


def _of_operation(call: Call, params: Params, method: str) -> Iterator[Question]:
    name = action(call.target.service, call.operation, params, method)
    if (asked := _asked(call, params)) is not None:
        yield Question(name, asked.resource, asked.context, asked.policy)
        return
    policy = _policy_of_bucket(call, params)
    for resource in resources(call, params) or (None,):
        yield Question(name, resource, policy=policy)


def _asked(call: Call, params: Params) -> Asked | None:
    """What services are asked of one another, callers from outside are asked too."""
    try:
        return asked_by(call, params)
    except (ClientError, KeyError):
        return None  # what is not there has no policy, and is refused by its own service


def _policy_of_bucket(call: Call, params: Params) -> str | None:
    if call.target.service != "s3" or "Bucket" not in params:
        return None

    def read() -> str | None:
        try:
            return str(call.client("s3").get_bucket_policy(Bucket=params["Bucket"])["Policy"])
        except ClientError:
            return None

    return call.world.memo.get("s3", ("policy", params["Bucket"]), read)


def _speak_of(policies: tuple[str, ...], *keys: str) -> bool:
    return any(key in policy.lower() for policy in policies for key in keys)
