"""PutMetricData, ListMetrics, GetMetricStatistics and GetMetricData."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from skyproof.emulator.errors import AwsError
from skyproof.emulator.services.cloudwatch.metrics import MetricId, MetricStore
from skyproof.emulator.services.cloudwatch.publishing import publish
from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def put(cloudwatch: Any, *data: dict[str, Any], namespace: str = "App") -> None:
    cloudwatch.put_metric_data(
        Namespace=namespace, MetricData=[{"MetricName": "m"} | d for d in data]
    )


def at(minutes: float, value: float, **more: Any) -> dict[str, Any]:
    return {"Timestamp": START + minutes * MINUTE, "Value": value, **more}


def statistics_of(cloudwatch: Any, *names: str, **more: Any) -> list[dict[str, Any]]:
    params: dict[str, Any] = {
        "Namespace": "App",
        "MetricName": "m",
        "StartTime": START - HOUR,
        "EndTime": START + HOUR,
        "Period": 60,
    }
    kinds = {
        "Statistics": [n for n in names if n[0] != "p"],
        "ExtendedStatistics": [n for n in names if n[0] == "p"],
    }
    params |= {kind: wanted for kind, wanted in kinds.items() if wanted}
    answer = cloudwatch.get_metric_statistics(**params | more)
    return sorted(answer["Datapoints"], key=lambda point: (point["Timestamp"], point["Unit"]))


def query(
    id: str = "a", stat: str = "Sum", period: int = 60, name: str = "m", **more: Any
) -> dict[str, Any]:
    unit = {"Unit": more.pop("Unit")} if "Unit" in more else {}
    metric = {"Namespace": "App", "MetricName": name, "Dimensions": more.pop("Dimensions", [])}
    return {
        "Id": id,
        "MetricStat": {"Metric": metric, "Period": period, "Stat": stat, **unit},
        **more,
    }


def data_of(cloudwatch: Any, *queries: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    span = {"StartTime": START - HOUR, "EndTime": START + HOUR}
    answer = cloudwatch.get_metric_data(**{"MetricDataQueries": list(queries)} | span | more)
    return list(answer["MetricDataResults"])


def test_all_ways_to_put_a_datum(cloudwatch: Any) -> None:
    sets = {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}
    put(
        cloudwatch,
        at(0, 1),
        {"Timestamp": START, "Values": [2, 3], "Counts": [1, 2]},
        {"Timestamp": START, "Values": [4]},
        {"Timestamp": START, "StatisticValues": sets},
        {"Value": 5},
    )
    (point,) = statistics_of(cloudwatch, "SampleCount", "Sum", "Minimum", "Maximum", "Average")
    assert point == {
        "Timestamp": START,
        "Unit": "None",
        "SampleCount": 8.0,
        "Sum": 48.0,
        "Minimum": 1.0,
        "Maximum": 20.0,
        "Average": 6.0,
    }


def test_data_with_an_entity(cloudwatch: Any) -> None:
    entity = {
        "Entity": {"KeyAttributes": {"Type": "Service"}},
        "MetricData": [{"MetricName": "m", "Value": 2}],
    }
    cloudwatch.put_metric_data(Namespace="App", EntityMetricData=[entity])
    assert statistics_of(cloudwatch, "Sum")[0]["Sum"] == 2.0


def test_percentiles(cloudwatch: Any) -> None:
    put(cloudwatch, *(at(0, value) for value in range(1, 101)))
    (point,) = statistics_of(cloudwatch, "p50", "p99", "Maximum")
    assert point["ExtendedStatistics"] == {"p50": 50.0, "p99": 99.0}
    assert point["Maximum"] == 100.0
    sets = {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}
    put(cloudwatch, {"Timestamp": START, "StatisticValues": sets})
    (point,) = statistics_of(cloudwatch, "p50", "Maximum")
    assert "ExtendedStatistics" not in point, "values that are unknown have no percentiles"


def test_units(cloudwatch: Any) -> None:
    """Recorded in LocalStack's snapshot ``test_handle_different_units`` of 05-01-2024."""
    put(cloudwatch, at(0, 10), at(0, 5, Unit="Count"), at(0, 1, Unit="Seconds"))
    points = statistics_of(cloudwatch, "Average")
    assert [(p["Unit"], p["Average"]) for p in points] == [
        ("Count", 5.0),
        ("None", 10.0),
        ("Seconds", 1.0),
    ]
    assert [p["Average"] for p in statistics_of(cloudwatch, "Average", Unit="Seconds")] == [1.0]
    assert statistics_of(cloudwatch, "Average", Unit="Bytes") == []


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        # The start is rounded down to a minute and the periods run from there.
        (-10.5, 60, [(-10, 1.0), (-9, 2.0), (-1, 4.0)]),
        (-11, 300, [(-11, 3.0), (-1, 4.0)]),
        (-10, 600, [(-10, 7.0)]),
        (-9, 600, [(-9, 6.0)]),
    ],
)
def test_periods(
    cloudwatch: Any, start: float, period: int, expected: list[tuple[float, float]]
) -> None:
    put(cloudwatch, at(-10, 1), at(-9, 2), at(-1, 4), at(0, 8))
    span = {"StartTime": START + start * MINUTE, "EndTime": START, "Period": period}
    points = statistics_of(cloudwatch, "Sum", **span)
    assert [(p["Timestamp"], p["Sum"]) for p in points] == [
        (START + m * MINUTE, v) for m, v in expected
    ]
    ascending = data_of(cloudwatch, query(period=period), ScanBy="TimestampAscending",
                        StartTime=span["StartTime"], EndTime=START)  # fmt: skip
    assert ascending[0]["Values"] == [value for _, value in expected]


def test_high_resolution(cloudwatch: Any) -> None:
    put(cloudwatch, at(0.1, 1, StorageResolution=1), at(0.3, 2, StorageResolution=1), at(0.4, 4))
    points = statistics_of(cloudwatch, "Sum", Period=10, StartTime=START, EndTime=START + MINUTE)
    # The last datum is of standard resolution and belongs to the whole minute.
    assert [(p["Timestamp"].second, p["Sum"]) for p in points] == [(0, 5.0), (10, 2.0)]


@pytest.mark.parametrize(
    ("age", "shift"),
    [(timedelta(days=14), 60), (timedelta(days=16), 300), (timedelta(days=64), 3600)],
)
def test_an_old_start_is_rounded_more(
    cloudwatch: Any, clock: Any, age: timedelta, shift: int
) -> None:
    put(cloudwatch, at(0, 1))
    clock.advance(age.total_seconds())
    late = START + timedelta(seconds=shift - 1)
    assert (
        len(statistics_of(cloudwatch, "Sum", Period=3600, StartTime=late, EndTime=START + HOUR))
        == 1
    )
    late = START + timedelta(seconds=shift)
    assert (
        statistics_of(cloudwatch, "Sum", Period=3600, StartTime=late, EndTime=START + 2 * HOUR)
        == []
    )


def test_metric_data_as_aws_gives_them(cloudwatch: Any) -> None:
    put(cloudwatch, at(-2, 1), at(-1, 2), at(0, 0))
    assert data_of(cloudwatch, query()) == [
        {
            "Id": "a",
            "Label": "m",
            "Timestamps": [START, START - MINUTE, START - 2 * MINUTE],
            "Values": [0.0, 2.0, 1.0],
            "StatusCode": "Complete",
        }
    ]
    assert data_of(cloudwatch, query(), ScanBy="TimestampAscending")[0]["Values"] == [
        1.0,
        2.0,
        0.0,
    ]
    assert data_of(cloudwatch, query(), query("b", ReturnData=False))[0]["Id"] == "a"
    assert len(data_of(cloudwatch, query(), query("b", ReturnData=False))) == 1
    assert data_of(cloudwatch, query(Dimensions=[{"Name": "A", "Value": "1"}]))[0]["Values"] == []


@pytest.mark.parametrize(
    ("queries", "labels"),
    [
        # Recorded in LocalStack's snapshots ``test_label_generation`` of 15-12-2023.
        ([query("a", "Sum", 60), query("b", "Minimum", 30)], ["m Sum 60", "m Minimum 30"]),
        ([query("a", "Sum", 60), query("b", "Minimum", 60)], ["m Sum", "m Minimum"]),
        ([query("a", "Sum", 60), query("b", "Sum", 30)], ["m 60", "m 30"]),
        ([query("a"), query("b", Unit="Bytes")], ["m", "m"]),
        ([query("a", name="x"), query("b", name="y")], ["x", "y"]),
        ([query("a", Label="mine"), query("b", "Average")], ["mine", "m Average"]),
    ],
)
def test_labels(cloudwatch: Any, queries: list[dict[str, Any]], labels: list[str]) -> None:
    assert [result["Label"] for result in data_of(cloudwatch, *queries)] == labels


def test_several_units_are_remarked_upon(cloudwatch: Any) -> None:
    """Recorded in LocalStack's snapshot ``…different_units_no_unit_in_query`` of 15-12-2023."""
    put(cloudwatch, at(0, 60_000, Unit="Milliseconds"), at(0, 60, Unit="Seconds"))
    (result,) = data_of(cloudwatch, query())
    assert result["Values"] == [60_000.0]
    assert result["Messages"] == [
        {"Code": "MultipleUnits", "Value": "Multiple units returned: '[Milliseconds, Seconds]'"}
    ]
    (result,) = data_of(cloudwatch, query(Unit="Seconds"))
    assert (result["Values"], result.get("Messages", [])) == ([60.0], [])


def test_pages_of_points(cloudwatch: Any) -> None:
    put(
        cloudwatch,
        *(at(-m, m) for m in range(4)),
        *(at(-m, m) | {"MetricName": "n"} for m in range(2)),
    )
    params = {
        "MetricDataQueries": [query("a"), query("b", name="n"), query("c", name="none")],
        "StartTime": START - HOUR,
        "EndTime": START + HOUR,
        "MaxDatapoints": 3,
    }
    first = cloudwatch.get_metric_data(**params)
    second = cloudwatch.get_metric_data(**params, NextToken=first["NextToken"])
    assert "NextToken" not in second
    got = [
        [(r["Id"], r["Values"], r["StatusCode"]) for r in p["MetricDataResults"]]
        for p in (first, second)
    ]
    assert got == [
        [("a", [0.0, 1.0, 2.0], "PartialData"), ("b", [], "PartialData"), ("c", [], "Complete")],
        [("a", [3.0], "Complete"), ("b", [0.0, 1.0], "Complete"), ("c", [], "Complete")],
    ]


def test_a_statistic_without_a_value_gives_no_point(cloudwatch: Any) -> None:
    put(cloudwatch, at(0, -1))
    assert data_of(cloudwatch, query(stat="p50"))[0]["Values"] == []


def test_listing(cloudwatch: Any, clock: Any) -> None:
    api, stage = {"Name": "Api", "Value": "x"}, {"Name": "Stage", "Value": "prod"}
    put(
        cloudwatch,
        {"Value": 1},
        {"Value": 1, "Dimensions": [stage]},
        {"Value": 1, "Dimensions": [stage, api]},
    )
    put(cloudwatch, {"Value": 1, "MetricName": "n"}, namespace="Other")

    def found(**filters: Any) -> list[str]:
        metrics = cloudwatch.list_metrics(**filters)["Metrics"]
        return [
            f"{m['Namespace']}.{m['MetricName']}.{'+'.join(d['Name'] for d in m['Dimensions'])}"
            for m in metrics
        ]

    assert found() == ["App.m.", "App.m.Api+Stage", "App.m.Stage", "Other.n."]
    assert found(Namespace="Other") == ["Other.n."]
    assert found(MetricName="m", Dimensions=[{"Name": "Stage"}]) == [
        "App.m.Api+Stage",
        "App.m.Stage",
    ]
    assert found(Dimensions=[api, {"Name": "Stage"}]) == ["App.m.Api+Stage"]
    assert found(Dimensions=[{"Name": "Api", "Value": "y"}]) == []
    clock.advance(4 * 3600)
    assert found(RecentlyActive="PT3H") == []
    assert len(found()) == 4
    clock.advance(14 * 24 * 3600)
    assert found() == [], "metrics without data for two weeks are not listed"


def test_listing_tells_the_owners_when_asked(cloudwatch: Any, refused: Any) -> None:
    put(cloudwatch, {"Value": 1})
    assert cloudwatch.list_metrics(IncludeLinkedAccounts=True)["OwningAccounts"] == ["123456789012"]
    assert "OwningAccounts" not in cloudwatch.list_metrics()
    assert cloudwatch.list_metrics(OwningAccount="1")["Metrics"] == []


def test_another_account_s_metrics_are_refused_without_a_link(
    cloudwatch: Any, refused: Any
) -> None:
    text = "Account 1 does not share metrics of App with account 123456789012"
    with refused(
        "ValidationError", text.replace("App", query()["MetricStat"]["Metric"]["Namespace"])
    ):
        data_of(cloudwatch, query(AccountId="1"))


def test_listing_pages(cloudwatch: Any) -> None:
    for start in range(0, 501, 50):
        names = [f"m{n:03}" for n in range(start, min(start + 50, 501))]
        put(cloudwatch, *({"MetricName": name, "Value": 1} for name in names))
    pages = list(cloudwatch.get_paginator("list_metrics").paginate())
    assert [len(page["Metrics"]) for page in pages] == [500, 1]


DATUM = "MetricData.member.1"


@pytest.mark.parametrize(
    ("datum", "code", "message"),
    [
        ({}, "MissingParameter", f"The parameter {DATUM}.Value is required."),
        (
            {"Value": 1, "Values": [1]},
            "InvalidParameterCombination",
            f"The parameters {DATUM}.Value and {DATUM}.Values are mutually exclusive "
            "and you have specified both.",
        ),
        (
            {"Values": [1, 2], "Counts": [1]},
            "InvalidParameterValue",
            f"The parameters {DATUM}.Values and {DATUM}.Counts must be of the same size.",
        ),
        (
            {"Values": [1], "Counts": [-1]},
            "InvalidParameterValue",
            f"The value nan for parameter {DATUM}.Counts is invalid.",
        ),
        (
            {"Values": list(range(151))},
            "InvalidParameterValue",
            f"The collection {DATUM}.Values must not have a size greater than 150.",
        ),
        (
            {"Value": 2.0**361},
            "InvalidParameterValue",
            f"The value {2.0**361:g} for parameter {DATUM}.Value is invalid.",
        ),
        (
            {"StatisticValues": {"SampleCount": 1, "Sum": 1, "Minimum": -(2.0**361), "Maximum": 1}},
            "InvalidParameterValue",
            f"The value {-(2.0**361):g} for parameter {DATUM}.StatisticValues.Minimum is invalid.",
        ),
        (
            {"Value": 1, "StorageResolution": 5},
            "InvalidParameterValue",
            f"The value 5 for parameter {DATUM}.StorageResolution is invalid.",
        ),
        (
            {"Value": 1, "Timestamp": START - timedelta(days=14, seconds=1)},
            "InvalidParameterValue",
            f"The parameter {DATUM}.Timestamp must specify a time within the past two weeks.",
        ),
        (
            {"Value": 1, "Timestamp": START + timedelta(hours=2, seconds=1)},
            "InvalidParameterValue",
            f"The parameter {DATUM}.Timestamp must specify a time within the past two weeks.",
        ),
        (
            {"Value": 1, "Dimensions": [{"Name": "A", "Value": "1"}] * 2},
            "InvalidParameterValue",
            f"{DATUM}.Dimensions must not contain the same name twice.",
        ),
        (
            {"Value": 1, "Dimensions": [{"Name": f"d{n}", "Value": "1"} for n in range(31)]},
            "ValidationError",
            None,
        ),
    ],
)
def test_a_datum_that_is_refused(
    cloudwatch: Any, refused: Any, datum: dict[str, Any], code: str, message: str | None
) -> None:
    if message is None:
        with pytest.raises(cloudwatch.exceptions.ClientError, match=code):
            put(cloudwatch, datum)
    else:
        with refused(code, message):
            put(cloudwatch, datum)
    assert cloudwatch.list_metrics()["Metrics"] == []


def test_all_data_are_refused_with_one_and_all_that_is_wrong_is_told(
    cloudwatch: Any, refused: Any
) -> None:
    """Recorded: https://github.com/aws-robotics/cloudwatchmetrics-ros1/issues/46"""
    old = at(-60 * 24 * 15, 1)
    text = (
        "The parameter MetricData.member.{}.Timestamp must specify a time "
        "within the past two weeks."
    )
    with refused("InvalidParameterValue", f"{text.format(2)}\n{text.format(3)}"):
        put(cloudwatch, at(0, 1), old, old)
    assert cloudwatch.list_metrics()["Metrics"] == []


def test_the_size_of_a_request() -> None:
    store = MetricStore()
    datum = {"MetricName": "m", "Value": 1.0}
    with pytest.raises(AwsError, match=r"MissingParameter: The parameter MetricData is required\."):
        publish(store, "App", [], START)
    with pytest.raises(AwsError, match=r"InvalidParameterValue: .* a size greater than 1000\."):
        publish(store, "App", [datum] * 1001, START)
    assert store.series == {}
    publish(store, "App", [datum] * 1000, START)
    assert list(store.series) == [MetricId("App", "m")]


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (
            {},
            "InvalidParameterCombination",
            "Must specify either Statistics or ExtendedStatistics",
        ),
        (
            {"ExtendedStatistics": ["Mean"]},
            "InvalidParameterValue",
            "The value Mean for parameter ExtendedStatistics is not supported.",
        ),
        (
            {"Statistics": ["Sum"], "Period": 45},
            "InvalidParameterValue",
            "Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ),
        (
            {"Statistics": ["Sum"], "EndTime": START - HOUR},
            "InvalidParameterValue",
            "The parameter StartTime must be less than the parameter EndTime.",
        ),
        (
            {"Statistics": ["Sum"], "Period": 1},
            "InvalidParameterCombination",
            "You have requested up to 7200 datapoints, which exceeds the limit of 1440. You may "
            "reduce the "
            "datapoints requested by increasing Period, or decreasing the time range.",
        ),
    ],
)
def test_statistics_that_are_refused(
    cloudwatch: Any, refused: Any, more: dict[str, Any], code: str, message: str
) -> None:
    with refused(code, message):
        statistics_of(cloudwatch, **more)


@pytest.mark.parametrize(
    ("queries", "code", "message"),
    [
        (
            [{"Id": "e", "Expression": "m1*2"}],
            "ValidationError",
            "Error in expression 'e': Id 'm1' not found",
        ),
        (
            [],
            "ValidationError",
            "The collection MetricDataQueries must have a size between 1 and 500.",
        ),
        (
            [query(), query()],
            "ValidationError",
            "The values for parameter id in MetricDataQueries are not unique: a",
        ),
        (
            [{"Id": "a"}],
            "ValidationError",
            "Exactly one of MetricDataQueries.member.1.MetricStat and Expression must be set.",
        ),
        (
            [query(stat="Mean")],
            "ValidationError",
            "The value Mean for parameter MetricDataQueries.member.1.MetricStat.Stat is not "
            "supported.",
        ),
        (
            [
                {
                    "Id": "a",
                    "MetricStat": {"Metric": {"Namespace": "N"}, "Period": 60, "Stat": "Sum"},
                }
            ],
            "ValidationError",
            "The parameter MetricDataQueries.member.1.MetricStat.Metric.MetricName is required.",
        ),
    ],
)
def test_queries_that_are_refused(
    cloudwatch: Any, refused: Any, queries: list[dict[str, Any]], code: str, message: str
) -> None:
    with refused(code, message):
        data_of(cloudwatch, *queries)


@pytest.mark.parametrize("size", [0, 100_801])
def test_the_size_of_a_page(cloudwatch: Any, refused: Any, size: int) -> None:
    with refused("ValidationError", "MaxDatapoints must be between 1 and 100800."):
        data_of(cloudwatch, query(), MaxDatapoints=size)


def test_times_come_back_in_utc(cloudwatch: Any) -> None:
    put(cloudwatch, {"Value": 1, "Timestamp": datetime.fromisoformat("2026-01-05T13:00:00+01:00")})
    assert data_of(cloudwatch, query())[0]["Timestamps"] == [START]
