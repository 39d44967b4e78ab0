"""Plans, states and outputs keep every instance and module."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.terraform.views import MASKED, Change, Outputs, Plan, State, _without_nothing


def resource(address: str, mode: str = "managed", **values: Any) -> dict[str, Any]:
    return {"address": address, "type": address.partition(".")[0], "mode": mode, "values": values}


ROOT = {
    "resources": [resource("aws_sqs_queue.all[0]", n=0), resource("aws_sqs_queue.all[1]", n=1)],
    "child_modules": [
        {
            "resources": [resource('module.a["x"].aws_sns_topic.this', name="x")],
            "child_modules": [
                {"resources": [resource('module.a["x"].module.b.data.aws_region.r', "data")]}
            ],
        }
    ],
}


def change(address: str, *actions: str, **extra: Any) -> dict[str, Any]:
    type_ = address.partition(".")[0]
    return {"address": address, "type": type_, "change": {"actions": list(actions), **extra}}


def test_a_plan_has_every_instance_of_every_module() -> None:
    assert Plan({"planned_values": {"root_module": ROOT}}).resources == {
        "aws_sqs_queue.all[0]": {"n": 0},
        "aws_sqs_queue.all[1]": {"n": 1},
        'module.a["x"].aws_sns_topic.this': {"name": "x"},
        'module.a["x"].module.b.data.aws_region.r': {},
    }


def test_a_state_tells_what_is_managed_from_what_is_read() -> None:
    state = State({"values": {"root_module": ROOT}})
    assert len(state.resources) == 4
    assert sorted(state.managed) == [
        "aws_sqs_queue.all[0]",
        "aws_sqs_queue.all[1]",
        'module.a["x"].aws_sns_topic.this',
    ]
    assert len(state) == 3


@pytest.mark.parametrize("raw", [{}, {"values": None}, {"values": {}}])
def test_an_empty_state_is_no_error(raw: dict[str, Any]) -> None:
    assert State(raw).resources == {}
    assert len(State(raw)) == 0


def test_only_what_would_be_done_is_a_change() -> None:
    plan = Plan(
        {
            "resource_changes": [
                change("a.same", "no-op"),
                change("data.read", "read"),
                change("a.new", "create", before=None, after={"name": "x"}),
                change("a.other", "delete", "create", before={"n": 1}, after={"n": 2}),
                change("a.old", "delete", before={"n": 1}, after=None),
            ]
        }
    )
    assert {address: one.actions for address, one in plan.changes.items()} == {
        "a.new": ("create",),
        "a.other": ("delete", "create"),
        "a.old": ("delete",),
    }
    assert str(plan) == "create a.new\ndelete/create a.other (n)\ndelete a.old"
    assert plan.is_empty is False


def test_a_change_of_an_output_alone_is_not_empty() -> None:
    plan = Plan({"output_changes": {"a": {"actions": ["update"]}, "b": {"actions": ["no-op"]}}})
    assert plan.output_changes == ["a"]
    assert plan.is_empty is False
    assert str(plan) == "change output a"


def test_an_empty_plan_says_so() -> None:
    plan = Plan({"resource_changes": [change("a.same", "no-op")]})
    assert plan.is_empty is True
    assert repr(plan) == "no changes"


def test_variables_are_told() -> None:
    assert Plan({"variables": {"name": {"value": "x"}, "other": {}}}).variables == {
        "name": "x",
        "other": None,
    }


def test_drift_is_what_the_plan_would_set_right() -> None:
    plan = Plan(
        {
            "resource_drift": [
                change("a.deleted", "delete", before={"n": 1}, after=None),
                change("a.changed", "update", before={"n": 1}, after={"n": 2}),
                change("a.harmless", "update", before={"tags": None}, after={"tags": {}}),
            ],
            "resource_changes": [
                change("a.deleted", "create", before=None, after={"n": 1}),
                change("a.changed", "update", before={"n": 2}, after={"n": 1}),
                change("a.harmless", "no-op"),
                change("a.wanted", "create", before=None, after={}),
            ],
        }
    )
    assert {address: one.actions for address, one in plan.drift.items()} == {
        "a.deleted": ("delete",),
        "a.changed": ("update",),
    }


def test_what_is_known_only_later_differs() -> None:
    one = Change("a.b", ("update",), {"arn": "x", "n": 1}, {"n": 1}, {"arn": True})
    assert one.differing == ["arn"]
    assert str(one) == "update a.b (arn)"


@pytest.mark.parametrize("nothing", [None, "", [], {}, [None, ""], {"a": {"b": []}}])
def test_null_and_empty_are_one(nothing: Any) -> None:
    assert _without_nothing(nothing) is None
    assert Change("a", ("update",), {"x": nothing}, {}, {}).differing == []


@pytest.mark.parametrize("something", [0, False, [0], {"a": False}, "x"])
def test_zero_and_false_are_values(something: Any) -> None:
    assert _without_nothing(something) == something


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@given(values)
def test_taking_nothing_away_twice_is_taking_it_once(value: Any) -> None:
    once = _without_nothing(value)
    assert _without_nothing(once) == once


def test_outputs_are_a_mapping_that_masks_secrets() -> None:
    outputs = Outputs({"url": {"value": "u"}, "key": {"value": "k", "sensitive": True}})
    assert (outputs["url"], outputs["key"], len(outputs), list(outputs)) == (
        "u",
        "k",
        2,
        ["url", "key"],
    )
    assert repr(outputs) == f"{{'url': 'u', 'key': '{MASKED}'}}"


def test_a_missing_output_names_those_that_there_are() -> None:
    with pytest.raises(KeyError, match="no output 'arn'; there are: url, key"):
        _ = Outputs({"url": {"value": 1}, "key": {"value": 2}})["arn"]
