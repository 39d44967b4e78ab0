"""PutMetricAlarm: what is kept and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.skyproof.emulator.services.cloudwatch.conftest import START, metric_alarm

TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


def query(
    id: str, *, expression: str | None = None, period: int = 60, **more: Any
) -> dict[str, Any]:
    if expression is not None:
        return {"Id": id, "Expression": expression, **more}
    metric = {
        "Namespace": "App",
        "MetricName": id,
        "Dimensions": [{"Name": "Stage", "Value": "prod"}],
    }
    stat = {"Metric": metric, "Period": period, "Stat": "Sum", "Unit": "Count"}
    return {"Id": id, "MetricStat": stat, "ReturnData": False, **more}


def math_alarm(*queries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    gone = dict.fromkeys(("MetricName", "Namespace", "Statistic", "Period"))
    return metric_alarm(**(gone | {"Metrics": list(queries)} | changes))


def band_alarm(*queries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    band = {
        "ThresholdMetricId": "band",
        "Threshold": None,
        "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    }
    return math_alarm(*queries, **(band | changes))


BAND = query("band", expression="ANOMALY_DETECTION_BAND(m1, 2)", ReturnData=True)
WATCHED = query("m1", ReturnData=True)


def only_alarm(cloudwatch: Any) -> dict[str, Any]:
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    return dict(alarm)


def test_a_new_alarm_is_as_aws_makes_it(cloudwatch: Any) -> None:
    """Recorded in LocalStack's snapshot ``test_describe_minimal_metric_alarm`` of 25-10-2023."""
    params = metric_alarm()
    cloudwatch.put_metric_alarm(**params)
    assert only_alarm(cloudwatch) == params | {
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu",
        "ActionsEnabled": True,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "AlarmConfigurationUpdatedTimestamp": START,
        "StateUpdatedTimestamp": START,
        "StateTransitionedTimestamp": START,
    }


FULL: dict[str, Any] = {
    "AlarmDescription": "[critical] latency",
    "ActionsEnabled": False,
    "AlarmActions": [TOPIC, "arn:aws:lambda:us-east-1:123456789012:function:f"],
    "OKActions": [TOPIC],
    "InsufficientDataActions": ["arn:aws:ssm-incidents::123456789012:responseplan/plan"],
    "Statistic": None,
    "ExtendedStatistic": "tm99.5",
    "EvaluateLowSampleCountPercentile": "ignore",
    "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
    "Unit": "Milliseconds",
    "DatapointsToAlarm": 2,
    "TreatMissingData": "notBreaching",
}


@pytest.mark.parametrize(
    "params",
    [
        metric_alarm(**FULL),
        math_alarm(
            query("e1", expression="m1/m2", Label="rate", ReturnData=True), query("m1"), query("m2")
        ),
        math_alarm(query("m1", AccountId="123456789012", ReturnData=True)),
        band_alarm(BAND, WATCHED),
        metric_alarm(Period=3600, EvaluationPeriods=168),
        metric_alarm(Period=60, EvaluationPeriods=1440),
        metric_alarm(Period=10),
        metric_alarm(Period=20),
    ],
)
def test_every_field_is_kept(cloudwatch: Any, params: dict[str, Any]) -> None:
    cloudwatch.put_metric_alarm(**params)
    kept = only_alarm(cloudwatch)
    assert {name: kept.get(name) for name in params} == params


def test_a_query_returns_data_unless_it_says_no(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**math_alarm(query("e1", expression="m1*2"), query("m1")))
    assert [q["ReturnData"] for q in only_alarm(cloudwatch)["Metrics"]] == [True, False]


def test_an_update_replaces_the_configuration_and_leaves_the_state(
    cloudwatch: Any, put_alarm: Any, clock: Any
) -> None:
    put_alarm(AlarmDescription="old", Unit="Percent", Tags=[{"Key": "a", "Value": "1"}])
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="test")
    clock.advance(30)
    put_alarm(Threshold=50.0, Tags=[{"Key": "b", "Value": "2"}])
    alarm = only_alarm(cloudwatch)
    assert alarm["Threshold"] == 50.0
    assert not {"AlarmDescription", "Unit"} & set(alarm)
    assert alarm["StateValue"] == "ALARM"
    assert alarm["AlarmConfigurationUpdatedTimestamp"] == clock.now()
    assert alarm["StateUpdatedTimestamp"] == START
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}], "an update must leave the tags alone"


REFUSALS = [
    (metric_alarm(MetricName=None), "MetricName must not be null"),
    (metric_alarm(Namespace=None), "Namespace must not be null"),
    (metric_alarm(Period=None), "Period must not be null"),
    (metric_alarm(Threshold=None), "Threshold must not be null"),
    (metric_alarm(EvaluationPeriods=None), "EvaluationPeriods must not be null"),
    (metric_alarm(ComparisonOperator=None), "ComparisonOperator must not be null"),
    (
        metric_alarm(Statistic=None),
        "Exactly one of Statistic and ExtendedStatistic must be specified",
    ),
    (metric_alarm(ExtendedStatistic="p90"), "Statistic and ExtendedStatistic cannot both be set"),
    (metric_alarm(Period=45), "Period must be 10, 20, 30 or a multiple of 60"),
    (
        metric_alarm(EvaluationPeriods=1441),
        "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= "
        "86400).",
    ),
    (
        metric_alarm(Period=3600, EvaluationPeriods=169),
        "Metrics cannot be checked across more than seven days "
        "(EvaluationPeriods * Period must be <= 604800).",
    ),
    (
        metric_alarm(DatapointsToAlarm=4),
        "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
    ),
    (
        metric_alarm(TreatMissingData="guess"),
        "Option guess is not supported. Supported options for parameter TreatMissingData "
        "are breaching, notBreaching, ignore and missing.",
    ),
    (
        metric_alarm(EvaluateLowSampleCountPercentile="guess"),
        "Option guess is not supported. Supported options for parameter "
        "EvaluateLowSampleCountPercentile are evaluate and ignore.",
    ),
    (
        metric_alarm(Dimensions=[{"Name": "A", "Value": "1"}, {"Name": "A", "Value": "2"}]),
        "Dimension names must be unique",
    ),
    (
        metric_alarm(ComparisonOperator="GreaterThanUpperThreshold"),
        "ComparisonOperators for ranges require ThresholdMetricId to be set",
    ),
    (
        metric_alarm(Threshold=None, ThresholdMetricId="m"),
        "ThresholdMetricId can only be set if list of Metrics is set",
    ),
    (math_alarm(WATCHED, Unit="Count"), "Unit should not be set if list of Metrics is set."),
    (
        math_alarm(WATCHED, MetricName="x"),
        "MetricName should not be set if list of Metrics is set.",
    ),
    (math_alarm(query("m1")), "Exactly one element of the metrics list should return data."),
    (math_alarm(WATCHED, BAND), "Exactly one element of the metrics list should return data."),
    (
        math_alarm(WATCHED, query("m1")),
        "The values for parameter Id in Metrics are not unique: m1",
    ),
    (
        math_alarm(query("M1", ReturnData=True)),
        "Invalid metrics list: Id M1 must start with a lowercase letter and "
        "contain only letters, numbers and underscores",
    ),
    (
        math_alarm(WATCHED | {"Expression": "1"}),
        "Exactly one of MetricStat and Expression must be set for Id m1",
    ),
    (
        math_alarm(
            query("e", expression="m1", ReturnData=True), *(query(f"m{n}") for n in range(1, 12))
        ),
        "Metrics list must not contain more than 10 metrics",
    ),
    (
        math_alarm(WATCHED, query("m2", period=300)),
        "All metrics in the Metrics list must have the same period",
    ),
    (
        math_alarm(query("m1", period=5, ReturnData=True)),
        "Period must be 10, 20, 30 or a multiple of 60",
    ),
    (
        math_alarm(
            {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "N"}, "Period": 60, "Stat": "Sum"}}
        ),
        "MetricName must not be null in the MetricStat of Id m1",
    ),
    (
        math_alarm(
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {"Namespace": "N", "MetricName": "m"},
                    "Period": 60,
                    "Stat": "Mean",
                },
            }
        ),
        "The value Mean for parameter Stat is not supported.",
    ),
    (
        band_alarm(query("m1", ReturnData=True), BAND | {"ReturnData": False}),
        "Metrics list must contain exactly one metric matching the ThresholdMetricId parameter",
    ),
    (band_alarm(query("m1"), BAND), "Exactly two elements of the metrics list should return data."),
    (
        band_alarm(WATCHED, query("band", expression="m1 * 2", ReturnData=True)),
        "ThresholdMetricId must match the Id of an ANOMALY_DETECTION_BAND expression",
    ),
    (
        band_alarm(WATCHED, query("band", ReturnData=True)),
        "ThresholdMetricId must match the Id of an ANOMALY_DETECTION_BAND expression",
    ),
    (
        band_alarm(WATCHED, BAND, Threshold=1.0),
        "Threshold and ThresholdMetricId cannot both be set",
    ),
    (
        band_alarm(WATCHED, BAND, ComparisonOperator="GreaterThanThreshold"),
        "ThresholdMetricId requires a ComparisonOperator for ranges",
    ),
    # The texts of AWS's service framework.
    (
        metric_alarm(ComparisonOperator="IsBigger"),
        "1 validation error detected: Value 'IsBigger' at 'comparisonOperator' failed to satisfy "
        "constraint: "
        "Member must satisfy enum value set: [GreaterThanOrEqualToThreshold, GreaterThanThreshold, "
        "LessThanThreshold, LessThanOrEqualToThreshold, LessThanLowerOrGreaterThanUpperThreshold, "
        "LessThanLowerThreshold, GreaterThanUpperThreshold]",
    ),
    (
        metric_alarm(EvaluationPeriods=0),
        "1 validation error detected: Value '0' at 'evaluationPeriods' failed to satisfy "
        "constraint: "
        "Member must have value greater than or equal to 1",
    ),
    (
        metric_alarm(AlarmName="x" * 256),
        f"1 validation error detected: Value '{'x' * 256}' at 'alarmName' failed to satisfy "
        "constraint: "
        "Member must have length less than or equal to 255",
    ),
    (
        metric_alarm(OKActions=[TOPIC] * 6),
        f"1 validation error detected: Value '[{', '.join([TOPIC] * 6)}]' at 'oKActions' failed to "
        "satisfy "
        "constraint: Member must have length less than or equal to 5",
    ),
    (
        metric_alarm(Namespace=":AWS", Tags=[{"Key": "k"}]),
        "2 validation errors detected: Value ':AWS' at 'namespace' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [^:].*; "
        "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null",
    ),
    (
        metric_alarm(Tags=[{"Key": "", "Value": "v"}]),
        "1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy "
        "constraint: "
        "Member must have length greater than or equal to 1",
    ),
    # Actions.
    (
        metric_alarm(AlarmActions=["arn:aws:sns:us-west-2:123456789012:alerts"]),
        "Invalid region us-west-2 specified. Only us-east-1 is supported.",
    ),
    (
        metric_alarm(OKActions=["arn:aws-us-gov:sns:us-east-1:123456789012:alerts"]),
        "Invalid partition aws-us-gov specified. Only aws is supported.",
    ),
    (metric_alarm(AlarmActions=["alerts"]), "Invalid arn syntax: alerts"),
    (
        metric_alarm(AlarmActions=["arn:aws:sqs:us-east-1:123456789012:queue"]),
        "Invalid action: arn:aws:sqs:us-east-1:123456789012:queue",
    ),
    (
        band_alarm(
            WATCHED,
            BAND,
            AlarmActions=["arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x"],
        ),
        "Invalid action: arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x",
    ),
]


@pytest.mark.parametrize(
    ("params", "message"), REFUSALS, ids=[message[:60] for _, message in REFUSALS]
)
def test_what_is_refused_and_how(
    cloudwatch: Any, refused: Any, params: dict[str, Any], message: str
) -> None:
    with refused("ValidationError", message):
        cloudwatch.put_metric_alarm(**params)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == [], "a refused alarm must not be kept"


def test_an_unknown_extended_statistic_is_an_invalid_value(cloudwatch: Any, refused: Any) -> None:
    with refused(
        "InvalidParameterValue", "The value q9 for parameter ExtendedStatistic is not supported."
    ):
        cloudwatch.put_metric_alarm(**metric_alarm(Statistic=None, ExtendedStatistic="q9"))


def test_auto_scaling_may_follow_a_threshold(cloudwatch: Any, put_alarm: Any) -> None:
    action = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:x"
    put_alarm(AlarmActions=[action])
    assert only_alarm(cloudwatch)["AlarmActions"] == [action]


@pytest.mark.parametrize(
    "newer",
    [
        {"EvaluationCriteria": {"PromQLCriteria": {"Query": "up"}}},
        {"EvaluationInterval": 60},
        {"EvaluationWindow": {"SlidingWindow": {}}},
        {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5}},
    ],
)
def test_what_is_not_emulated_is_not_silently_forgotten(
    cloudwatch: Any, refused: Any, newer: dict[str, Any]
) -> None:
    name = next(iter(newer))
    text = f"skyproof's emulator does not implement cloudwatch:PutMetricAlarm: {name}"
    with refused("NotImplemented", text):
        cloudwatch.put_metric_alarm(**metric_alarm(**newer))


def test_an_empty_list_of_metrics_is_none(cloudwatch: Any) -> None:
    """So says the query protocol."""
    cloudwatch.put_metric_alarm(**metric_alarm(Metrics=[]))
    assert "Metrics" not in only_alarm(cloudwatch)
