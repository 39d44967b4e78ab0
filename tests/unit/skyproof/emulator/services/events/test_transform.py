"""InputPath and InputTransformer.

Tables are from https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.events.transform import (
    NotInEventError,
    TransformError,
    pick,
    render,
)

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2015-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING"},
}
PATHS = {
    "timestamp": "$.time",
    "instance": "$.detail.instance-id",
    "state": "$.detail.state",
    "resource": "$.resources[0]",
    "resources": "$.resources",
    "detail": "$.detail",
    "nothing": "$.detail.nothing",
}
RULE_ARN = "arn:aws:events:us-east-2:123456789012:rule/example"
NOW = datetime(2015, 11, 11, 22, 29, 55, 123456, tzinfo=timezone(timedelta(hours=1)))


def rendered(template: str, paths: dict[str, str] = PATHS, event: Any = EVENT) -> str:
    return render(paths, template, event, RULE_ARN, "example", NOW)


@pytest.mark.parametrize(
    ("template", "output"),
    [
        (  # Simple string
            '"instance <instance> is in <state>"',
            '"instance i-0123456789 is in RUNNING"',
        ),
        (  # String with escaped quotes
            r'"instance \"<instance>\" is in <state>"',
            r'"instance \"i-0123456789\" is in RUNNING"',
        ),
        (  # Including reserved variables in a string
            '"<aws.events.rule-name> triggered"',
            '"example triggered"',
        ),
    ],
)
def test_the_documented_texts_keep_their_quotes(template: str, output: str) -> None:
    assert rendered(template) == output


@pytest.mark.parametrize(
    ("template", "output"),
    [
        (  # Simple JSON
            '{\n  "instance" : <instance>,\n  "state": <state>\n}',
            {"instance": "i-0123456789", "state": "RUNNING"},
        ),
        (  # JSON with strings and variables
            '{\n "instance" : <instance>,\n "state": "<state>",\n'
            ' "instanceStatus": "instance \\"<instance>\\" is in <state>"\n}',
            {
                "instance": "i-0123456789",
                "state": "RUNNING",
                "instanceStatus": 'instance "i-0123456789" is in RUNNING',
            },
        ),
        (  # JSON with a mix of variables and static information
            '{\n  "instance" : <instance>,\n  "state": [ 9, <state>, true ],\n'
            '  "Transformed" : "Yes"\n}\n',
            {"instance": "i-0123456789", "state": [9, "RUNNING", True], "Transformed": "Yes"},
        ),
        (  # Including reserved variables in JSON
            '{\n  "instance" : <instance>,\n  "ruleArn" : <aws.events.rule-arn>,\n'
            '  "ruleName" : <aws.events.rule-name>,\n'
            '  "originalEvent" : <aws.events.event.json>\n}',
            {
                "instance": "i-0123456789",
                "ruleArn": RULE_ARN,
                "ruleName": "example",
                "originalEvent": EVENT,
            },
        ),
        (
            '[<detail>, "<resource>", <resources>]',
            [EVENT["detail"], EVENT["resources"][0], EVENT["resources"]],
        ),
    ],
)
def test_the_documented_json_is_filled_and_minified(template: str, output: Any) -> None:
    assert rendered(template) == json.dumps(output, separators=(",", ":"))


def test_a_template_may_be_one_variable() -> None:
    assert rendered("<detail>") == '{"instance-id":"i-0123456789","state":"RUNNING"}'


def test_several_lines_of_text_stay_lines() -> None:
    assert rendered('"<state>"\n"at <timestamp>"') == '"RUNNING"\n"at 2015-11-11T21:29:54Z"'


def test_white_space_in_texts_stays() -> None:
    assert rendered('{"a" : "b  <state>  c"}') == '{"a":"b  RUNNING  c"}'


def test_the_original_event_comes_without_detail_and_with_a_name_in_camel_case() -> None:
    expected = {
        "detailType" if name == "detail-type" else name: value
        for name, value in EVENT.items()
        if name != "detail"
    }
    assert json.loads(rendered('{"event": <aws.events.event>}')) == {"event": expected}


def test_the_ingestion_time_is_iso_8601_in_utc() -> None:
    assert rendered('"<aws.events.event.ingestion-time>"') == '"2015-11-11T21:29:55Z"'


@pytest.mark.parametrize(
    ("template", "output"),
    [('"it is <nothing>"', '"it is "'), ('{"it": <nothing>}', '{"it":""}')],
)
def test_what_is_not_in_the_event_is_empty(template: str, output: str) -> None:
    assert rendered(template) == output


@pytest.mark.parametrize(
    ("value", "bare", "quoted"),
    [
        (5, "5", '"5"'),
        (1.5, "1.5", '"1.5"'),
        (True, "true", '"true"'),
        (None, "null", '"null"'),
        ("ü", '"ü"', '"ü"'),
        ('say "x"', r'"say \"x\""', '"say "x""'),  # "EventBridge doesn't escape values"
        ({"a": [1]}, '{"a":[1]}', '"{"a":[1]}"'),  # nor objects in quotes
    ],
)
def test_a_value_is_json_outside_quotes_and_bare_inside(value: Any, bare: str, quoted: str) -> None:
    event = {"detail": value}
    assert rendered('{"x":<detail>}', {"detail": "$.detail"}, event) == f'{{"x":{bare}}}'
    assert rendered('{"x":"<detail>"}', {"detail": "$.detail"}, event) == f'{{"x":{quoted}}}'


def test_values_are_not_templates() -> None:
    assert rendered('"<x>"', {"x": "$.a"}, {"a": "<aws.events.rule-name>"}) == (
        '"<aws.events.rule-name>"'
    )


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('"Event <notdefinedkey>"', "InputTemplate contains invalid placeholder notdefinedkey."),
        ("<instance> is in <state>", "neither JSON nor text in quotes"),
        ("instance", "neither JSON nor text in quotes"),
        ('"instance', "a quote that is not closed"),
        ('{"a": "b}', "a quote that is not closed"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(template: str, said: str) -> None:
    with pytest.raises(TransformError, match=said):
        rendered(template)


@pytest.mark.parametrize("name", ["aws.events.rule-name", "AWS.x"])
def test_reserved_names_cannot_be_given(name: str) -> None:
    with pytest.raises(TransformError, match="reserved"):
        rendered('"x"', {name: "$.id"})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_value_outside_quotes_gives_json(value: Any) -> None:
    text = rendered('{ "x": <x>, "y": [ <x> ] }', {"x": "$.detail"}, {"detail": value})
    assert json.loads(text) == {"x": value, "y": [value]}


PICKED: dict[str, Any] = {
    "detail": {"a-b": {"c_d": [{"e": 1}, [2, 3]]}, "x/y": None, "9": "nine"},
    "detail-type": "t",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", PICKED),
        ("$.detail-type", "t"),
        ("$.detail.a-b.c_d[0].e", 1),
        ("$.detail.a-b.c_d[1][1]", 3),
        ("$.detail.x/y", None),
        ("$.detail.9", "nine"),
    ],
)
def test_a_path_leads_to_a_value(path: str, value: Any) -> None:
    assert pick(path, PICKED) == value


@pytest.mark.parametrize(
    "path", ["$.other", "$.detail.a-b.c_d[2]", "$.detail[0]", "$.detail-type.x", "$.detail.x/y.z"]
)
def test_a_path_may_lead_nowhere(path: str) -> None:
    with pytest.raises(NotInEventError, match="is not in the event"):
        pick(path, PICKED)


@pytest.mark.parametrize("path", ["", "detail", "$.", "$..a", "$.a[-1]", "$.a['b']", "$.a b"])
def test_other_syntax_is_refused(path: str) -> None:
    with pytest.raises(TransformError, match="names after dots"):
        pick(path, PICKED)


def test_wildcards_are_said_not_to_be_emulated() -> None:
    with pytest.raises(TransformError, match="wildcards are not emulated"):
        pick("$.resources[*]", PICKED)


def test_a_time_in_utc_stays_as_it_is() -> None:
    now = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    text = render({}, '"<aws.events.event.ingestion-time>"', {}, "", "", now)
    assert text == '"2020-01-02T03:04:05Z"'
