"""Dashboards, and what is said of bodies that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

METRIC = ["AWS/EC2", "CPUUtilization", "InstanceId", "i-1"]
ARN = "arn:aws:cloudwatch::123456789012:dashboard/main"


def metric(**properties: Any) -> dict[str, Any]:
    whole = {"metrics": [METRIC], "region": "us-east-1"} | properties
    return {"type": "metric", "properties": {k: v for k, v in whole.items() if v is not None}}


def body(*widgets: Any, **more: Any) -> str:
    return json.dumps({"widgets": list(widgets), **more})


GOOD = [
    metric(x=1),
    metric(
        metrics=[
            [*METRIC, {"stat": "p99", "color": "#ff0000", "yAxis": "right"}],
            [{"expression": "m1*2"}],
        ]
    ),
    metric(metrics=[["N", "m"], [".", ".", "A", "1"], ["...", "2"]]),
    metric(
        metrics=None,
        region=None,
        annotations={"alarms": ["arn:aws:cloudwatch:us-east-1:1:alarm:a"]},
    ),
    metric(
        annotations={
            "horizontal": [{"value": 5, "fill": "above"}, [{"value": 1}, {"value": 2}]],
            "vertical": [
                {"value": "2026-01-01T00:00:00Z"},
                [{"value": "2026-01-01"}, {"value": "2026-01-02"}],
            ],
        }
    ),
    metric(view="gauge", yAxis={"left": {"min": 0, "max": 100}}),
    metric(view="singleValue", sparkline=True, period=300, stat="Average", timezone="+0130"),
    {
        "type": "text",
        "x": 0,
        "y": 99,
        "width": 24,
        "height": 1000,
        "properties": {"markdown": "# hi"},
    },
    {
        "type": "log",
        "properties": {"query": "SOURCE 'a' | fields b", "region": "eu-west-1", "view": "table"},
    },
    {
        "type": "alarm",
        "properties": {"alarms": ["arn:aws:cloudwatch:us-east-1:1:alarm:a"], "states": ["ALARM"]},
    },
    {"type": "custom", "properties": {"endpoint": "arn:aws:lambda:us-east-1:1:function:f"}},
    {
        "type": "explorer",
        "properties": {
            "metrics": [{"metricName": "a", "resourceType": "AWS::EC2::Instance", "stat": "Sum"}],
            "labels": [{"key": "k", "value": "v"}],
        },
    },
    {"type": "chart", "properties": {"data": {"queries": []}}},
]


@pytest.mark.parametrize("widget", GOOD, ids=lambda w: json.dumps(w)[:60])
def test_a_good_widget_is_taken_as_it_is(cloudwatch: Any, widget: dict[str, Any]) -> None:
    text = body(widget, start="-PT3H", periodOverride="inherit")
    answer = cloudwatch.put_dashboard(DashboardName="main", DashboardBody=text)
    assert answer["DashboardValidationMessages"] == []
    assert cloudwatch.get_dashboard(DashboardName="main")["DashboardBody"] == text


SHAPE = (
    'Field "metrics" has to be an array of array of strings, '
    "with an optional metricRenderer object as last element"
)
NO_SOURCE = (
    "The metric widget should have specified a region and a data source or an alarm annotation"
)
PROPERTIES = "/widgets/0/properties"
ALLOWED = "Should be equal to one of the allowed values"


@pytest.mark.parametrize(
    ("widget", "problems"),
    [
        # Recorded: https://github.com/aws-samples/aws-eda-slurm-cluster/issues/116
        (
            {"type": "metric", "properties": {}},
            [
                (PROPERTIES, "Should have required property 'metrics'"),
                (PROPERTIES, NO_SOURCE),
                (PROPERTIES, "Should have required property 'annotations'"),
            ],
        ),
        # Recorded: https://github.com/pulumi/pulumi/issues/13059
        (
            metric(metrics=["AWS/EC2"]),
            [(f"{PROPERTIES}/metrics/0", "Should be array"), (f"{PROPERTIES}/metrics/0", SHAPE)],
        ),
        # Recorded: https://github.com/aws-solutions-library-samples/
        # guidance-for-automating-network-monitoring-and-alerting-on-aws/issues/7
        (
            {"type": "alarm", "properties": {"alarms": []}},
            [(f"{PROPERTIES}/alarms", "Should NOT have less than 1 items")],
        ),
        (metric(metrics=[[1, 2]]), [(f"{PROPERTIES}/metrics/0", SHAPE)]),
        (metric(metrics=[[{"stat": "Sum"}]]), [(f"{PROPERTIES}/metrics/0", SHAPE)]),
        (metric(metrics=[[]]), [(f"{PROPERTIES}/metrics/0", SHAPE)]),
        (
            metric(metrics=[["AWS/EC2"]]),
            [
                (
                    f"{PROPERTIES}/metrics/0",
                    "A metric is a namespace, a name and pairs of dimension names and values",
                )
            ],
        ),
        (
            metric(region=None),
            [
                (PROPERTIES, "Should have required property 'region'"),
                (PROPERTIES, NO_SOURCE),
                (PROPERTIES, "Should have required property 'annotations'"),
            ],
        ),
        (
            metric(metrics=[], annotations={}),
            [
                (f"{PROPERTIES}/metrics", "Should NOT have less than 1 items"),
                (PROPERTIES, NO_SOURCE),
            ],
        ),
        (
            metric(metrics=[[*METRIC, {"color": "red"}]]),
            [
                (
                    f"{PROPERTIES}/metrics/0/4/color",
                    'Should match pattern "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$"',
                )
            ],
        ),
        (metric(view="pancake"), [(f"{PROPERTIES}/view", ALLOWED)]),
        (metric(period="60"), [(f"{PROPERTIES}/period", "Should be integer")]),
        (metric(stacked=1), [(f"{PROPERTIES}/stacked", "Should be boolean")]),
        (metric(period=True), [(f"{PROPERTIES}/period", "Should be integer")]),
        (metric(view="gauge"), [(f"{PROPERTIES}/yAxis", "Should have required property 'left'")]),
        (
            metric(view="gauge", yAxis={"left": {"min": 0}}),
            [(f"{PROPERTIES}/yAxis/left", "Should have required property 'max'")],
        ),
        (
            metric(
                annotations={
                    "horizontal": [{"label": "x"}],
                    "vertical": [{"value": "soon"}, {"value": 1}],
                }
            ),
            [
                (f"{PROPERTIES}/annotations/horizontal/0", "Should have required property 'value'"),
                (f"{PROPERTIES}/annotations/vertical/0/value", 'Should match format "date-time"'),
                (f"{PROPERTIES}/annotations/vertical/1/value", "Should be string"),
            ],
        ),
        (
            metric(annotations={"horizontal": [[{"value": 1}, {"value": 2}, {"value": 3}]]}),
            [(f"{PROPERTIES}/annotations/horizontal/0", "Should NOT have more than 2 items")],
        ),
        ({"type": "metric", "properties": "x"}, [(PROPERTIES, "Should be object")]),
        (
            {"type": "text", "properties": {}},
            [(PROPERTIES, "Should have required property 'markdown'")],
        ),
        ({"type": "text"}, [("/widgets/0", "Should have required property 'properties'")]),
        ({"type": "pie", "properties": {}}, [("/widgets/0/type", ALLOWED)]),
        (
            {"type": "log", "properties": {}},
            [
                (PROPERTIES, "Should have required property 'query'"),
                (PROPERTIES, "Should have required property 'region'"),
            ],
        ),
        (
            metric() | {"x": 24, "y": -1, "width": 0, "height": 1001},
            [
                ("/widgets/0/x", "Should be <= 23"),
                ("/widgets/0/y", "Should be >= 0"),
                ("/widgets/0/width", "Should be >= 1"),
                ("/widgets/0/height", "Should be <= 1000"),
            ],
        ),
        ("widget", [("/widgets/0", "Should be object")]),
    ],
)
def test_what_is_said_of_a_bad_widget(
    cloudwatch: Any, widget: Any, problems: list[tuple[str, str]]
) -> None:
    found = refusal(
        lambda: cloudwatch.put_dashboard(DashboardName="main", DashboardBody=body(widget))
    )
    assert [(p["DataPath"], p["Message"]) for p in found["dashboardValidationMessages"]] == problems
    shown = json.dumps([{"dataPath": path, "message": text} for path, text in problems], indent=2)
    assert found["Error"]["Code"] == "InvalidParameterInput"
    assert found["Error"]["Message"] == (
        f"The dashboard body is invalid, there are {len(problems)} validation errors:\n{shown}"
    )
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


def refusal(call: Callable[[], object]) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call()
    return dict(caught.value.response)


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{", "", "Body is invalid JSON: "),
        ("[]", "", "Should be object"),
        ("{}", "", "Should have required property 'widgets'"),
        ('{"widgets": {}}', "/widgets", "Should be array"),
        (body(*[metric()] * 501), "/widgets", "Should NOT have more than 500 items"),
        (body(periodOverride="never"), "/periodOverride", ALLOWED),
        (
            body(variables=[{"type": "property", "id": "a"}]),
            "/variables/0",
            "Should have required property 'inputType'",
        ),
    ],
)
def test_what_is_said_of_a_bad_body(cloudwatch: Any, text: str, path: str, message: str) -> None:
    found = refusal(lambda: cloudwatch.put_dashboard(DashboardName="main", DashboardBody=text))
    (problem,) = found["dashboardValidationMessages"]
    assert problem["DataPath"] == path
    assert problem["Message"].startswith(message)


def test_a_name_has_its_letters(cloudwatch: Any) -> None:
    found = refusal(lambda: cloudwatch.put_dashboard(DashboardName="a b", DashboardBody=body()))
    assert found["Error"]["Code"] == "InvalidParameterInput"
    assert (
        "The value a b for field DashboardName contains invalid characters"
        in found["Error"]["Message"]
    )


def test_a_dashboard_is_listed_and_belongs_to_no_region(
    client: Any, cloudwatch: Any, clock: Any
) -> None:
    """Form recorded in LocalStack's snapshot ``test_dashboard_lifecycle`` of 21-11-2023."""
    text = body({"type": "text", "properties": {"markdown": "é"}})
    cloudwatch.put_dashboard(DashboardName="main", DashboardBody=text)
    clock.advance(60)
    cloudwatch.put_dashboard(DashboardName="other", DashboardBody=text)
    assert client("cloudwatch", region="eu-west-1").list_dashboards(DashboardNamePrefix="ma")[
        "DashboardEntries"
    ] == [
        {
            "DashboardName": "main",
            "DashboardArn": ARN,
            "LastModified": START,
            "Size": len(text.encode()),
        }
    ]
    assert [d["DashboardName"] for d in cloudwatch.list_dashboards()["DashboardEntries"]] == [
        "main",
        "other",
    ]
    other_account = client("cloudwatch", account="210987654321")
    assert other_account.list_dashboards()["DashboardEntries"] == []


def test_an_update_replaces_the_body_and_keeps_the_tags(cloudwatch: Any) -> None:
    cloudwatch.put_dashboard(
        DashboardName="main", DashboardBody=body(), Tags=[{"Key": "a", "Value": "1"}]
    )
    cloudwatch.put_dashboard(
        DashboardName="main", DashboardBody=body(start="-PT1H"), Tags=[{"Key": "b", "Value": "2"}]
    )
    assert cloudwatch.get_dashboard(DashboardName="main")["DashboardBody"] == body(start="-PT1H")
    assert cloudwatch.list_tags_for_resource(ResourceARN=ARN)["Tags"] == [
        {"Key": "a", "Value": "1"}
    ]


def test_deleting_deletes_what_it_can(cloudwatch: Any, refused: Any) -> None:
    for name in ("a", "b"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body())
    with refused("ResourceNotFound", "Dashboard(s) [x] do not exist"):
        cloudwatch.delete_dashboards(DashboardNames=["a", "x"])
    assert [d["DashboardName"] for d in cloudwatch.list_dashboards()["DashboardEntries"]] == ["b"]
    cloudwatch.delete_dashboards(DashboardNames=["b"])
    with refused("ResourceNotFound", "Dashboard b does not exist"):
        cloudwatch.get_dashboard(DashboardName="b")
    with refused("InvalidParameterValue", "Need at least 1 dashboard"):
        cloudwatch.delete_dashboards(DashboardNames=[])
