from __future__ import annotations

import json
from typing import Any

import pytest

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.cloudformation import template as templates

TOPIC = {"Type": "AWS::SNS::Topic"}


def read(**sections: Any) -> templates.Template:
    return templates.read(json.dumps({"Resources": {"T": TOPIC}} | sections))


def resolve(value: Any) -> Any:
    return templates.resolve(value, lambda name: f"<{name}>", lambda n, a: f"<{n}.{a}>")


def test_json_and_yaml_read_alike() -> None:
    yaml = "AWSTemplateFormatVersion: 2010-09-09\nResources:\n  T:\n    Type: AWS::SNS::Topic\n"
    assert templates.read(yaml).resources == read().resources


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref T", {"Ref": "T"}),
        ("!GetAtt T.Arn", {"Fn::GetAtt": ["T", "Arn"]}),
        ("!Sub '${T}-x'", {"Fn::Sub": "${T}-x"}),
        ("!Join [',', [a, b]]", {"Fn::Join": [",", ["a", "b"]]}),
        ("!Sub {a: b}", {"Fn::Sub": {"a": "b"}}),
    ],
)
def test_the_short_tags_of_yaml_are_the_long_functions(short: str, long: dict[str, Any]) -> None:
    body = f"Resources: {{T: {{Type: AWS::SNS::Topic, Properties: {{P: {short}}}}}}}"
    assert templates.read(body).resources["T"]["Properties"]["P"] == long


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "Template format error: JSON not well-formed"),
        ("a: [", "Template format error: YAML not well-formed"),
        ("[]", "unsupported structure"),
        ("{}", "At least one Resources member must be defined"),
        ('{"Resources": {"T": {}}}', "[/Resources/T] Every Resources object"),
        ('{"Resources": {"T": 1}}', "[/Resources/T] Every Resources object"),
        ('{"Resources": {}, "Conditions": {}}', "['Conditions']"),
        ("#" * 51_201, "longer than 51200"),
    ],
)
def test_a_template_of_the_wrong_form_is_refused(body: str, message: str) -> None:
    with pytest.raises(AwsError) as caught:
        templates.read(body)
    assert message in caught.value.message


def test_parameters_take_what_is_given_before_their_default() -> None:
    template = read(Parameters={"A": {"Default": 1}, "B": {"Default": "b"}})
    assert templates.parameter_values(template, {"A": "2"}) == {"A": "2", "B": "b"}


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ({}, {"X": "1"}, "Parameters: [X] do not exist in the template"),
        ({"A": {}}, {}, "Parameters: [A] must have values"),
        ({"A": {"AllowedValues": ["x", "y"]}}, {"A": "z"}, "must be one of AllowedValues: [x, y]"),
    ],
)
def test_wrong_parameters_are_refused(
    declared: dict[str, Any], given: dict[str, str], message: str
) -> None:
    with pytest.raises(AwsError) as caught:
        templates.parameter_values(read(Parameters=declared), given)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "A"}, "<A>"),
        ({"Fn::GetAtt": ["A", "Arn"]}, "<A.Arn>"),
        ({"Fn::GetAtt": "A.Arn"}, "<A.Arn>"),
        ({"Fn::Sub": "x-${A}-${B.Arn}-${!C}"}, "x-<A>-<B.Arn>-${C}"),
        ({"Fn::Sub": ["${own}", {"own": {"Ref": "A"}}]}, "<A>"),
        ({"Fn::Join": ["-", ["a", {"Ref": "A"}]]}, "a-<A>"),
        ({"Fn::Select": ["1", ["a", "b"]]}, "b"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::Base64": "a"}, "YQ=="),
        ([{"Ref": "AWS::NoValue"}, "kept"], ["kept"]),
        ({"gone": {"Ref": "AWS::NoValue"}, "kept": 1}, {"kept": 1}),
        (7, 7),
    ],
)
def test_functions_are_carried_out(value: Any, expected: Any) -> None:
    assert resolve(value) == expected


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(AwsError, match="Fn::ImportValue"):
        resolve({"Fn::ImportValue": "x"})


def test_resources_come_after_what_they_need() -> None:
    template = read(
        Resources={
            "A": TOPIC | {"Properties": {"P": {"Fn::Sub": ["${B}", {"x": {"Ref": "C"}}]}}},
            "B": TOPIC | {"DependsOn": ["C"]},
            "C": TOPIC | {"DependsOn": "D"},
            "D": TOPIC | {"Properties": {"P": [{"Ref": "Given"}, {"Ref": "AWS::Region"}]}},
        }
    )
    assert templates.order(template, {"Given"}) == ["D", "C", "B", "A"]


def test_a_reference_that_leads_nowhere_is_refused() -> None:
    template = read(Outputs={"O": {"Value": {"Fn::GetAtt": "Lost.Arn"}}})
    with pytest.raises(AwsError, match=r"Unresolved resource dependencies \[Lost\]"):
        templates.order(template, set())


def test_a_circle_is_refused() -> None:
    template = read(Resources={"A": TOPIC | {"DependsOn": "B"}, "B": TOPIC | {"DependsOn": "A"}})
    with pytest.raises(AwsError, match=r"Circular dependency between resources: \[A, B\]"):
        templates.order(template, set())
