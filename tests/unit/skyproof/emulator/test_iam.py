"""Decisions: which statement applies, and which one wins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.iam import (
    PolicyError,
    Request,
    UnsupportedPolicyError,
    decide,
    decided,
    statements,
)

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/writer"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
BY_ROLE = Request("sqs:SendMessage", QUEUE, ROLE, ACCOUNT, {})
BY_TOPIC = Request(
    "sqs:SendMessage",
    QUEUE,
    "sns.amazonaws.com",
    "",
    {"aws:SourceArn": TOPIC, "aws:SourceAccount": ACCOUNT},
)


def policy(*found: Mapping[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(found)}


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"} | elements


def deny(**elements: Any) -> dict[str, Any]:
    return allow(**elements) | {"Effect": "Deny"}


def instead(name: str, value: Any) -> dict[str, Any]:
    """A statement with ``Not…`` in place of the element."""
    return {key: one for key, one in allow().items() if key != name} | {f"Not{name}": value}


def effect(request: Request, *found: Mapping[str, Any]) -> str:
    return decide([policy(*found)], request).effect


def test_nothing_is_allowed_without_policies() -> None:
    decision = decide([], BY_ROLE)
    assert (decision.effect, decision.reason) == (
        "none",
        "there is no statement that allows anything",
    )


def test_one_statement_may_stand_without_a_list_in_a_text() -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": allow()})
    assert decide([text], BY_ROLE).effect == "allow"


def test_a_question_is_the_same_whatever_the_order_of_its_context() -> None:
    text = json.dumps(policy(allow(Principal="*")))
    other_way_round = replace(BY_TOPIC, context=dict(reversed([*BY_TOPIC.context.items()])))
    first = decided((text,), BY_TOPIC)
    assert decided((text,), other_way_round) is first, "decided again"
    of_other_topic = replace(BY_TOPIC, context={"aws:SourceArn": f"{TOPIC}-2"})
    assert decided((text,), of_other_topic) is not first, "taken for the first"


def test_a_denial_in_another_policy_wins() -> None:
    found = decide([policy(allow()), policy(deny(Sid="NoJobs", Resource=QUEUE))], BY_ROLE)
    assert (found.effect, found.reason) == ("deny", "statement NoJobs of policy 2 denies it")


@pytest.mark.parametrize(
    ("action", "fits"),
    [
        ("*", True),
        ("sqs:*", True),
        ("SQS:sendmessage", True),
        ("sqs:Send*", True),
        ("sqs:?endMessage", True),
        (["sqs:ReceiveMessage", "sqs:SendMessage"], True),
        ("sqs:SendMessageBatch", False),
        ("sqs:Send?", False),
        ("sns:*", False),
    ],
)
def test_actions_have_wildcards_and_ignore_case(action: Any, fits: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html."""
    assert (effect(BY_ROLE, allow(Action=action)) == "allow") is fits
    assert (effect(BY_ROLE, instead("Action", action)) == "allow") is not fits


@pytest.mark.parametrize(
    ("resource", "fits"),
    [
        ("*", True),
        (QUEUE, True),
        ("arn:aws:sqs:*", True),
        (f"arn:aws:sqs:*:{ACCOUNT}:jobs", True),
        (f"arn:aws:sqs:us-*-1:{ACCOUNT}:j?bs", True),
        ([TOPIC, QUEUE], True),
        (QUEUE.upper(), False),
        ("arn:aws:sqs:us-*jobs", False),
        (f"arn:aws:sqs:us-east-1?{ACCOUNT}:jobs", False),
        ("arn:aws:sqs:${aws:Absent}*", False),
    ],
)
def test_wildcards_in_resources_stay_in_their_segment_but_for_a_last_one(
    resource: Any, fits: bool
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html."""
    assert (effect(BY_ROLE, allow(Resource=resource)) == "allow") is fits
    assert (effect(BY_ROLE, instead("Resource", resource)) == "allow") is not fits


def test_an_asterisk_replaces_slashes_too() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html."""
    pattern = "arn:aws:s3:::amzn-s3-demo-bucket/*/test/*"
    for key in ("1/test/object.jpg", "1/2/test/object.jpg", "1/2/test/3/object.jpg", "1//test/"):
        request = replace(BY_ROLE, resource=f"arn:aws:s3:::amzn-s3-demo-bucket/{key}")
        assert effect(request, allow(Resource=pattern)) == "allow"
    request = replace(BY_ROLE, resource="arn:aws:s3:::amzn-s3-demo-bucket/1-test/object.jpg")
    assert effect(request, allow(Resource=pattern)) == "none"


def test_a_variable_in_a_resource_is_filled_in_by_the_request() -> None:
    found = allow(Resource="arn:aws:sqs:*:${aws:sourceaccount}:jobs")
    assert effect(BY_TOPIC, found) == "allow"


def test_the_older_version_has_no_variables() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html."""
    found = allow(Resource="arn:aws:sqs:*:${aws:SourceAccount}:jobs")
    for document in (policy(found, version="2008-10-17"), {"Statement": [found]}):
        assert decide([document], BY_TOPIC).effect == "none"


@pytest.mark.parametrize(
    ("principal", "by_role", "by_topic"),
    [
        ("*", True, True),
        ({"AWS": "*"}, True, True),
        ({"AWS": ACCOUNT}, True, False),
        ({"AWS": ROOT}, True, False),
        ({"AWS": ROLE}, True, False),
        ({"AWS": ["444455556666", ROLE]}, True, False),
        ({"AWS": f"{ROLE}s"}, False, False),
        ({"AWS": "arn:aws:iam::444455556666:root"}, False, False),
        ({"AWS": "AROAEXAMPLEROLEID123"}, False, False),
        ({"Service": "sns.amazonaws.com"}, False, True),
        ({"Service": ["s3.amazonaws.com", "sns.amazonaws.com"], "AWS": ROLE}, True, True),
        ({"Service": "sns.us-east-1.amazonaws.com"}, False, False),
        ({"Federated": "cognito-identity.amazonaws.com"}, False, False),
    ],
)
def test_principals_are_roles_accounts_services_or_everyone(
    principal: Any, by_role: bool, by_topic: bool
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html."""
    found = allow(Principal=principal)
    assert (effect(BY_ROLE, found) == "allow") is by_role
    assert (effect(BY_TOPIC, found) == "allow") is by_topic


def test_an_account_that_asks_itself_is_not_one_of_its_roles() -> None:
    request = replace(BY_ROLE, principal=ROOT)
    assert effect(request, allow(Principal={"AWS": ACCOUNT})) == "allow"
    assert effect(request, allow(Principal={"AWS": ROLE})) == "none"


@pytest.mark.parametrize(
    ("principal", "found"),
    [(ROOT, "none"), (ACCOUNT, "none"), (ROLE, "allow"), ("*", "allow")],
)
def test_a_resource_may_leave_it_to_an_account(principal: str, found: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts."""
    policies = [policy(allow(Principal={"AWS": principal}))]
    assert decide(policies, BY_ROLE, account_suffices=False).effect == found
    own = policy(allow(Action="sqs:SendMessage"))
    assert decide([*policies, own], BY_ROLE, account_suffices=False).effect == "allow"
    by_account = replace(BY_ROLE, principal=ROOT)
    wanted = "none" if principal == ROLE else "allow"
    assert decide(policies, by_account, account_suffices=False).effect == wanted


def test_an_account_is_denied_with_all_of_its_roles() -> None:
    policies = [policy(allow(), deny(Principal={"AWS": ACCOUNT}))]
    assert decide(policies, BY_ROLE, account_suffices=False).effect == "deny"


@pytest.mark.parametrize(
    ("named", "found"),
    [([ROLE, ROOT], "allow"), ([ROOT], "deny"), ([f"{ROLE}s", ROOT], "deny")],
)
def test_a_role_is_spared_a_denial_only_where_it_is_named_itself(
    named: list[str], found: str
) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html."""
    assert effect(BY_ROLE, allow(), deny(NotPrincipal={"AWS": named})) == found


@pytest.mark.parametrize(
    ("named", "found"), [(ROLE, "none"), (ROOT, "none"), (ROLE + "s", "allow")]
)
def test_an_account_and_its_roles_are_left_out_of_what_others_may(named: str, found: str) -> None:
    assert effect(BY_ROLE, allow(NotPrincipal={"AWS": named})) == found


def test_a_trust_policy_is_about_the_role_that_it_is_attached_to() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policies-json."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    request = Request(
        "sts:AssumeRole", ROLE, "firehose.amazonaws.com", "", {"aws:sourceaccount": ACCOUNT}
    )
    assert effect(request, trust) == "allow"
    assert effect(replace(request, context={}), trust) == "none"


FOR_TOPIC = {
    "Sid": "FromTopic",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Resource": QUEUE,
    "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"action": "sqs:GetQueueUrl"}, "Action wants sqs:send* and got sqs:GetQueueUrl"),
        ({"resource": TOPIC}, f"Resource wants {QUEUE} and got {TOPIC}"),
        ({"principal": ROLE}, f"Principal wants sns.amazonaws.com and got {ROLE}"),
        (
            {"context": {"aws:SourceArn": QUEUE}},
            f"condition ArnEquals of aws:SourceArn wants {TOPIC} and got {QUEUE}",
        ),
        ({"context": {}}, f"condition ArnEquals of aws:SourceArn wants {TOPIC} and got nothing"),
    ],
)
def test_the_reason_names_the_first_thing_that_does_not_fit(
    change: dict[str, Any], why: str
) -> None:
    policies = [policy(allow(**FOR_TOPIC, Action="sqs:send*"))]
    decision = decide(policies, replace(BY_TOPIC, **change))
    assert decision.effect == "none"
    assert decision.reason == f"nothing allows it; nearest is statement FromTopic: {why}"


def test_the_reason_names_the_statement_that_came_nearest() -> None:
    found = (allow(Action="sns:*"), allow(**FOR_TOPIC), allow(Resource=TOPIC))
    decision = decide([policy(*found)], replace(BY_TOPIC, context={}))
    assert "nearest is statement FromTopic: condition" in decision.reason


def test_the_reason_says_who_must_allow_it_still() -> None:
    decision = decide([policy(allow(Principal={"AWS": ROOT}))], BY_ROLE, account_suffices=False)
    assert decision.reason == (
        "nothing allows it; nearest is statement 1: it leaves it to the account "
        f"{ACCOUNT}, which grants it to no such principal"
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not an object"),
        ({}, "no Statement"),
        ({"Statement": "all"}, "no Statement"),
        ({"Statement": ["all"]}, "not an object"),
        ({"Statement": [], "Version": "2020-01-01"}, "version"),
        ({"Statement": [], "Statements": []}, "unknown element Statements"),
        (policy(allow(Actions="sqs:*")), "unknown element Actions"),
        (policy(allow(Effect="allow")), "Effect"),
        (policy({"Effect": "Allow", "Resource": "*"}), "Action"),
        (policy({"Effect": "Allow", "Action": "sqs:*"}), "Resource"),
        (policy(allow(NotAction="sqs:*")), "both"),
        (policy(allow(Action="SendMessage")), "not an action"),
        (policy(allow(Action=[])), "Action"),
        (policy(allow(Resource=[1])), "Resource"),
        (policy(allow(Resource="arn:aws:sqs:${aws:SourceAccount")), "variable"),
        (policy(allow(Resource="${}")), "variable"),
        (policy(allow(Principal="everyone")), "principal"),
        (policy(allow(Principal={})), "principal"),
        (policy(allow(Principal={"Aws": ACCOUNT})), "not a kind of principal"),
        (policy(allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"})), "principal"),
        (policy(allow(Principal={"AWS": "1234"})), "principal"),
        (policy(allow(Principal={"Service": "*"})), "principal"),
    ],
)
def test_what_is_no_policy_is_refused(document: Any, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        decide([document], BY_ROLE)


def test_canonical_users_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedPolicyError, match="CanonicalUser"):
        effect(BY_ROLE, allow(Principal={"CanonicalUser": "79a59d"}))


def test_statements_can_be_looked_at() -> None:
    (found,) = statements(policy(allow(**FOR_TOPIC)))
    assert [value.written for value in found.actions.values] == ["sqs:*"]
    assert found.principals is not None
    assert found.principals.written == ("sns.amazonaws.com",)
    (condition,) = found.conditions
    assert (condition.operator, condition.key) == ("ArnEquals", "aws:SourceArn")
    assert [value.written for value in condition.wanted] == [TOPIC]


STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["*", "sqs:SendMessage", "sqs:S*", "sns:*"]),
        "Resource": st.sampled_from(["*", QUEUE, TOPIC, "arn:aws:sqs:*:${aws:SourceAccount}:*"]),
    },
    optional={
        "Principal": st.sampled_from(["*", {"AWS": ROLE}, {"AWS": ROOT}, {"AWS": "1" * 12}]),
        "Condition": st.sampled_from(
            [
                {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
                {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}},
                {"Null": {"aws:SourceAccount": "true"}},
            ]
        ),
    },
)
REQUESTS = st.builds(
    Request,
    action=st.sampled_from(["sqs:SendMessage", "sns:Publish"]),
    resource=st.sampled_from([QUEUE, TOPIC]),
    principal=st.sampled_from([ROLE, ROOT]),
    account=st.just(ACCOUNT),
    context=st.sampled_from([{}, {"aws:SourceAccount": ACCOUNT}, {"aws:SourceAccount": "2"}]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENTS, max_size=4), STATEMENTS, REQUESTS, st.integers(0, 4))
def test_a_statement_that_denies_always_wins(
    others: list[dict[str, Any]], one: dict[str, Any], request: Request, place: int
) -> None:
    applies = effect(request, one | {"Effect": "Allow"}) == "allow"
    others.insert(place, one | {"Effect": "Deny"})
    found = effect(request, *others)
    if applies:
        assert found == "deny"
    alone = {effect(request, other) for other in others}
    assert found == next(one for one in ("deny", "allow", "none") if one in alone)


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENTS, max_size=5), REQUESTS, st.data())
def test_the_order_of_statements_and_their_policies_never_matter(
    found: list[dict[str, Any]], request: Request, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(found))
    place = data.draw(st.integers(0, len(found)))
    parted = [policy(*shuffled[:place]), policy(*shuffled[place:])]
    assert decide(parted, request).effect == effect(request, *found)
