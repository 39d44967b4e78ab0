"""Metric streams."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

STREAM = {
    "Name": "all",
    "FirehoseArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/archive",
    "RoleArn": "arn:aws:iam::123456789012:role/path/streams",
    "OutputFormat": "json",
}
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:metric-stream/all"


def statistics_of(*names: str) -> list[dict[str, Any]]:
    metrics = [{"Namespace": "AWS/EC2", "MetricName": "CPUUtilization"}]
    return [{"IncludeMetrics": metrics, "AdditionalStatistics": list(names)}]


def test_a_new_stream_runs(cloudwatch: Any) -> None:
    """Recorded in LocalStack's snapshot ``test_create_metric_stream`` of 26-10-2023."""
    assert cloudwatch.put_metric_stream(**STREAM)["Arn"] == ARN
    stream = cloudwatch.get_metric_stream(Name="all")
    del stream["ResponseMetadata"]
    assert stream == STREAM | {
        "Arn": ARN,
        "State": "running",
        "CreationDate": START,
        "LastUpdateDate": START,
        "IncludeLinkedAccountsMetrics": False,
    }


@pytest.mark.parametrize(
    "more",
    [
        {
            "IncludeFilters": [
                {"Namespace": "AWS/EC2", "MetricNames": ["A", "B"]},
                {"Namespace": "App"},
            ]
        },
        {"ExcludeFilters": [{"Namespace": "AWS/EC2"}]},
        {
            "StatisticsConfigurations": statistics_of(
                "p99", "tm98", "PR(:300)", "TM(10%:90%)", "IQM"
            )
        },
        {
            "OutputFormat": "opentelemetry1.0",
            "StatisticsConfigurations": statistics_of("p99", "p99.9"),
        },
        {"OutputFormat": "opentelemetry0.7", "IncludeLinkedAccountsMetrics": True},
    ],
)
def test_every_field_is_kept(cloudwatch: Any, more: dict[str, Any]) -> None:
    cloudwatch.put_metric_stream(**STREAM | more)
    stream = cloudwatch.get_metric_stream(Name="all")
    assert {name: stream.get(name) for name in more} == more


def test_an_update_leaves_state_and_tags_alone(cloudwatch: Any, clock: Any) -> None:
    cloudwatch.put_metric_stream(
        **STREAM, ExcludeFilters=[{"Namespace": "X"}], Tags=[{"Key": "a", "Value": "1"}]
    )
    cloudwatch.stop_metric_streams(Names=["all"])
    clock.advance(60)
    cloudwatch.put_metric_stream(
        **STREAM, IncludeFilters=[{"Namespace": "Y"}], Tags=[{"Key": "b", "Value": "2"}]
    )
    stream = cloudwatch.get_metric_stream(Name="all")
    assert stream["State"] == "stopped"
    assert stream["IncludeFilters"] == [{"Namespace": "Y"}]
    assert "ExcludeFilters" not in stream
    assert (stream["CreationDate"], stream["LastUpdateDate"]) == (START, clock.now())
    assert cloudwatch.list_tags_for_resource(ResourceARN=ARN)["Tags"] == [
        {"Key": "a", "Value": "1"}
    ]


def test_stopping_and_starting(cloudwatch: Any, refused: Any) -> None:
    cloudwatch.put_metric_stream(**STREAM)
    cloudwatch.put_metric_stream(**STREAM | {"Name": "two"})
    cloudwatch.stop_metric_streams(Names=["all"])
    states = {e["Name"]: e["State"] for e in cloudwatch.list_metric_streams()["Entries"]}
    assert states == {"all": "stopped", "two": "running"}
    cloudwatch.start_metric_streams(Names=["all", "two"])
    assert cloudwatch.get_metric_stream(Name="all")["State"] == "running"
    with refused("InvalidParameterValue", "Metric streams do not exist: nobody"):
        cloudwatch.stop_metric_streams(Names=["all", "nobody"])
    assert cloudwatch.get_metric_stream(Name="all")["State"] == "running", "all or none"


def test_the_list_has_pages_and_only_so_much_of_each_stream(cloudwatch: Any) -> None:
    for name in "cab":
        cloudwatch.put_metric_stream(
            **STREAM | {"Name": name, "ExcludeFilters": [{"Namespace": "X"}]}
        )
    first = cloudwatch.list_metric_streams(MaxResults=2)
    last = cloudwatch.list_metric_streams(MaxResults=2, NextToken=first["NextToken"])
    assert [e["Name"] for e in first["Entries"] + last["Entries"]] == ["a", "b", "c"]
    assert sorted(first["Entries"][0]) == [
        "Arn",
        "CreationDate",
        "FirehoseArn",
        "LastUpdateDate",
        "Name",
        "OutputFormat",
        "State",
    ]


def test_deleting(cloudwatch: Any, refused: Any) -> None:
    cloudwatch.put_metric_stream(**STREAM)
    cloudwatch.delete_metric_stream(Name="all")
    cloudwatch.delete_metric_stream(Name="all")
    with refused("ResourceNotFoundException", "Metric stream all does not exist"):
        cloudwatch.get_metric_stream(Name="all")
    with refused("ResourceNotFoundException", f"Unknown resource: {ARN}"):
        cloudwatch.list_tags_for_resource(ResourceARN=ARN)


NOT_PRINTABLE = "{} must contain only printable ASCII characters, and not only spaces"


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (
            {"IncludeFilters": [{"Namespace": "A"}], "ExcludeFilters": [{"Namespace": "B"}]},
            "InvalidParameterCombination",
            "IncludeFilters and ExcludeFilters cannot both be specified",
        ),
        (
            {"IncludeFilters": [{"Namespace": f"N{n}"} for n in range(1001)]},
            "InvalidParameterValue",
            "IncludeFilters must not have more than 1000 namespaces and metric names",
        ),
        (
            {"ExcludeFilters": [{"Namespace": "N", "MetricNames": [f"m{n}" for n in range(1001)]}]},
            "InvalidParameterValue",
            "ExcludeFilters must not have more than 1000 namespaces and metric names",
        ),
        (
            {"IncludeFilters": [{"MetricNames": ["m"]}]},
            "MissingParameter",
            "The parameter IncludeFilters.Namespace is required.",
        ),
        (
            {"IncludeFilters": [{"Namespace": "é"}]},
            "InvalidParameterValue",
            NOT_PRINTABLE.format("IncludeFilters"),
        ),
        (
            {"ExcludeFilters": [{"Namespace": "N", "MetricNames": ["  "]}]},
            "InvalidParameterValue",
            NOT_PRINTABLE.format("ExcludeFilters"),
        ),
        ({"FirehoseArn": "archive"}, "InvalidParameterValue", "Invalid FirehoseArn: archive"),
        (
            {"FirehoseArn": STREAM["FirehoseArn"].replace("us-east-1", "us-west-2")},
            "InvalidParameterValue",
            "FirehoseArn must be in the Region of the metric stream, us-east-1",
        ),
        ({"RoleArn": "streams"}, "InvalidParameterValue", "Invalid RoleArn: streams"),
        ({"RoleArn": None}, "MissingParameter", "The parameter RoleArn is required."),
        (
            {"OutputFormat": "xml"},
            "ValidationError",
            "1 validation error detected: Value 'xml' at 'outputFormat' failed to satisfy "
            "constraint: "
            "Member must satisfy enum value set: [json, opentelemetry0.7, opentelemetry1.0]",
        ),
        (
            {"OutputFormat": "opentelemetry1.0", "StatisticsConfigurations": statistics_of("tm99")},
            "InvalidParameterValue",
            "Statistic tm99 is not supported for output format opentelemetry1.0",
        ),
        (
            {"StatisticsConfigurations": statistics_of("p101")},
            "InvalidParameterValue",
            "Statistic p101 is not supported for output format json",
        ),
        (
            {"StatisticsConfigurations": statistics_of("Sum")},
            "InvalidParameterValue",
            "Statistic Sum is not supported for output format json",
        ),
        (
            {"StatisticsConfigurations": statistics_of(*(f"p{n}" for n in range(1, 22)))},
            "InvalidParameterValue",
            "AdditionalStatistics must not have more than 20 entries",
        ),
        (
            {"StatisticsConfigurations": statistics_of()},
            "InvalidParameterValue",
            "StatisticsConfigurations need both IncludeMetrics and AdditionalStatistics",
        ),
        (
            {"StatisticsConfigurations": statistics_of("p9") * 101},
            "InvalidParameterValue",
            "StatisticsConfigurations must not have more than 100 entries",
        ),
        (
            {
                "StatisticsConfigurations": [
                    {
                        "IncludeMetrics": [
                            {"Namespace": "N", "MetricName": f"m{n}"} for n in range(101)
                        ],
                        "AdditionalStatistics": ["p9"],
                    }
                ]
            },
            "InvalidParameterValue",
            "IncludeMetrics must not have more than 100 entries",
        ),
    ],
)
def test_what_is_refused_and_how(
    cloudwatch: Any, refused: Any, more: dict[str, Any], code: str, message: str
) -> None:
    params = {name: value for name, value in (STREAM | more).items() if value is not None}
    with refused(code, message):
        cloudwatch.put_metric_stream(**params)
    assert cloudwatch.list_metric_streams()["Entries"] == []
