"""What a stack may create in a sandbox, and what is said of one that would create more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.errors import SkyproofError
from skyproof.lifecycle.ceiling import DEFAULTS, ceiling_of, check
from skyproof.settings import resolve
from skyproof.terraform import Plan


def plan(*types: str, actions: tuple[str, ...] = ("create",)) -> Plan:
    changes: list[dict[str, Any]] = [
        {
            "address": f"{kind}.this[{number}]",
            "type": kind,
            "change": {"actions": list(actions), "before": None, "after": {}},
        }
        for number, kind in enumerate(types)
    ]
    return Plan({"resource_changes": changes})


def test_what_keeps_below_the_ceilings_may_be_applied() -> None:
    check(plan("aws_sns_topic", "aws_cloudwatch_metric_alarm", "aws_kms_key"), {})
    check(plan(), {"*": 0})


@pytest.mark.parametrize(
    "kind",
    [
        "aws_db_instance", "aws_rds_cluster", "aws_nat_gateway", "aws_eks_cluster",
        "aws_shield_protection", "aws_opensearch_domain", "aws_msk_serverless_cluster",
        "aws_redshiftserverless_workgroup", "aws_sagemaker_endpoint", "aws_dx_connection",
        "aws_ec2_host", "aws_emr_cluster", "aws_instance", "aws_emrserverless_application",
    ],
)  # fmt: skip
def test_what_is_dear_is_refused_by_default(kind: str) -> None:
    with pytest.raises(SkyproofError, match=f"{kind}: 1 planned, 0 allowed"):
        check(plan(kind), {})


def test_the_refusal_names_type_count_ceiling_addresses_and_option() -> None:
    with pytest.raises(SkyproofError) as caught:
        check(plan("aws_nat_gateway", "aws_nat_gateway", "aws_sns_topic"), {})
    assert caught.value.what.splitlines()[1:] == [
        "aws_nat_gateway: 2 planned, 0 allowed (is charged by the hour, used or not): "
        "aws_nat_gateway.this[0], aws_nat_gateway.this[1]"
    ]
    assert "--skyproof-sandbox-ceiling='aws_nat_gateway=2'" in caught.value.hint


def test_what_the_refusal_says_lets_the_stack_through() -> None:
    stack = plan("aws_nat_gateway", "aws_db_instance", "aws_db_proxy", *["aws_sns_topic"] * 501)
    with pytest.raises(SkyproofError) as caught:
        check(stack, {})
    text = caught.value.hint.split("'")[1]
    assert text == "*=501,aws_db_*=2,aws_nat_gateway=1"
    check(stack, resolve({"sandbox_ceiling": text}, environ={}).sandbox_ceiling)


def test_types_under_one_pattern_count_together() -> None:
    check(plan("aws_sns_topic", "aws_sqs_queue"), {"*": 2})
    with pytest.raises(SkyproofError, match=r"aws_sns_topic, aws_sqs_queue: 2 planned, 1 allowed"):
        check(plan("aws_sns_topic", "aws_sqs_queue"), {"*": 1})


def test_a_high_ceiling_for_all_lets_no_dear_thing_in() -> None:
    with pytest.raises(SkyproofError, match="aws_db_instance: 1 planned, 0 allowed"):
        check(plan("aws_db_instance"), {"*": 1000})


@pytest.mark.parametrize(
    ("actions", "counts"),
    [
        (("create",), True),
        (("delete", "create"), True),
        (("create", "delete"), True),
        (("update",), False),
        (("delete",), False),
    ],
)
def test_only_what_is_created_counts(actions: tuple[str, ...], counts: bool) -> None:
    stack = plan("aws_instance", actions=actions)
    if counts:
        with pytest.raises(SkyproofError, match="aws_instance"):
            check(stack, {})
    else:
        check(stack, {})


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("aws_db_instance", "aws_db_*"),
        ("aws_db_subnet_group", "aws_db_*_group"),
        ("aws_sns_topic", "*"),
        ("aws_nat_gateway", "aws_nat_gateway"),
    ],
)
def test_the_most_specific_pattern_wins(kind: str, pattern: str) -> None:
    assert ceiling_of(kind, dict.fromkeys(DEFAULTS, 0)) == pattern


@given(st.sets(st.text("ab*?", min_size=1, max_size=4)), st.text("ab", min_size=1, max_size=4))
def test_the_type_itself_beats_every_pattern(patterns: set[str], kind: str) -> None:
    assert ceiling_of(kind, dict.fromkeys({*patterns, kind}, 0)) == kind


@pytest.mark.parametrize("text", ["aws_instance", "aws_instance=-1", "AWS=1", "=1", "a=1=2"])
def test_a_malformed_ceiling_is_refused(text: str) -> None:
    with pytest.raises(SkyproofError, match=r"--skyproof-sandbox-ceiling: .* is no ceiling"):
        resolve({"sandbox_ceiling": text}, environ={})
