import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.terraform.modules.sources import MODULES, load

SOURCE = MODULES / "metric-processor" / "src"
metric_processor = load(SOURCE, "metric_processor")

NOW = datetime(2026, 1, 5, 12, 3, 30, tzinfo=UTC)  # a Monday
EVENT = {"time": "2026-01-05T12:03:30Z", "source": "aws.events"}
MINUTE = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # two minutes settled, one long
ENVIRONMENT = {
    "ENVIRONMENT": "dev",
    "MAINTENANCE_WINDOWS": "[]",
    "NAMESPACE": "CwObs/a",
    "SETTLE_SECONDS": "120",
}
NOON_WINDOW = '[{"days": ["MON"], "start": "12:00", "duration_minutes": 60}]'
RATE = "IF(invocations > 0, 100 * FILL(errors, 0) / invocations, 0)"


def source(metric: str, stat: str = "Sum", **change: Any) -> dict[str, Any]:
    return {
        "namespace": "AWS/Lambda",
        "metric_name": metric,
        "stat": stat,
        "dimensions": {"FunctionName": "f"},
        "account_id": None,
        **change,
    }


def derived(name: str = "ErrorRate", expression: str = RATE, **change: Any) -> dict[str, Any]:
    return {
        "name": name,
        "expression": expression,
        "unit": "Percent",
        "dimensions": {"FunctionName": "f"},
        "inputs": {"invocations": source("Invocations"), "errors": source("Errors")},
        **change,
    }


def parse(*definitions: dict[str, Any], **environment: str) -> Any:
    return metric_processor.parse_settings({**ENVIRONMENT, **environment}, json.dumps(definitions))


def stat_query(id_: str, metric: str, stat: str = "Sum") -> dict[str, Any]:
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": metric,
                "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
            },
            "Period": 60,
            "Stat": stat,
        },
        "ReturnData": False,
    }


def result(id_: str, *values: float, status: str = "Complete") -> dict[str, Any]:
    return {
        "Id": id_,
        "Timestamps": [MINUTE for _ in values],
        "Values": list(values),
        "StatusCode": status,
    }


def page(*results: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    return {"MetricDataResults": list(results), **({"NextToken": token} if token else {})}


def request(*queries: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    return {
        "MetricDataQueries": list(queries),
        "StartTime": MINUTE,
        "EndTime": MINUTE + timedelta(minutes=1),
        **({"NextToken": token} if token else {}),
    }


def publication(*data: dict[str, Any], maintenance: float = 0.0) -> dict[str, Any]:
    mode = {
        "MetricName": "MaintenanceMode",
        "Timestamp": NOW,
        "Value": maintenance,
        "Unit": "None",
    }
    return {"Namespace": "CwObs/a", "MetricData": [mode, *data]}


def published(name: str, value: float, unit: str = "Percent") -> dict[str, Any]:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Timestamp": MINUTE,
        "Value": value,
        "Unit": unit,
    }


@pytest.fixture
def cloudwatch() -> Iterator[Stubber]:
    client = boto3.client(
        "cloudwatch",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_the_minute_is_queried_with_math_and_published(cloudwatch: Stubber) -> None:
    settings = parse(derived())
    cloudwatch.add_response(
        "get_metric_data",
        page(result("e0", 12.5)),
        request(
            stat_query("m0", "Invocations"),
            stat_query("m1", "Errors"),
            {"Id": "e0", "Expression": "IF(m0 > 0, 100 * FILL(m1, 0) / m0, 0)"},
        ),
    )
    cloudwatch.add_response("put_metric_data", {}, publication(published("ErrorRate", 12.5)))

    answer = metric_processor.run(EVENT, settings, cloudwatch.client)

    assert answer == {"maintenance": False, "derived": 1}


def test_shared_inputs_are_queried_once(cloudwatch: Stubber) -> None:
    throughput = derived(
        "Throughput",
        "calls / PERIOD(calls)",
        unit="Count/Second",
        inputs={"calls": source("Invocations")},
    )
    cloudwatch.add_response(
        "get_metric_data",
        page(result("e0", 0.0), result("e1", 0.5)),
        request(
            stat_query("m0", "Invocations"),
            stat_query("m1", "Errors"),
            {"Id": "e0", "Expression": "IF(m0 > 0, 100 * FILL(m1, 0) / m0, 0)"},
            {"Id": "e1", "Expression": "m0 / PERIOD(m0)"},
        ),
    )
    cloudwatch.add_response(
        "put_metric_data",
        {},
        publication(published("ErrorRate", 0.0), published("Throughput", 0.5, "Count/Second")),
    )

    metric_processor.run(EVENT, parse(derived(), throughput), cloudwatch.client)


def test_all_pages_are_read(cloudwatch: Stubber) -> None:
    ratio = derived(
        "TailLatencyRatio",
        "p99 / average",
        unit="None",
        inputs={"p99": source("Duration", "p99"), "average": source("Duration", "Average")},
    )
    queries = (
        stat_query("m0", "Invocations"),
        stat_query("m1", "Errors"),
        stat_query("m2", "Duration", "p99"),
        stat_query("m3", "Duration", "Average"),
        {"Id": "e0", "Expression": "IF(m0 > 0, 100 * FILL(m1, 0) / m0, 0)"},
        {"Id": "e1", "Expression": "m2 / m3"},
    )
    first = page(result("e0", status="PartialData"), result("e1", 3.0), token="more")
    cloudwatch.add_response("get_metric_data", first, request(*queries))
    cloudwatch.add_response(
        "get_metric_data", page(result("e0", 1.0)), request(*queries, token="more")
    )
    cloudwatch.add_response(
        "put_metric_data",
        {},
        publication(published("ErrorRate", 1.0), published("TailLatencyRatio", 3.0, "None")),
    )

    metric_processor.run(EVENT, parse(derived(), ratio), cloudwatch.client)


def test_nothing_to_derive_from_publishes_nothing_derived(cloudwatch: Stubber) -> None:
    cloudwatch.add_response("get_metric_data", page(result("e0")))
    cloudwatch.add_response("put_metric_data", {}, publication())

    answer = metric_processor.run(EVENT, parse(derived()), cloudwatch.client)

    assert answer == {"maintenance": False, "derived": 0}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"MAINTENANCE_WINDOWS": NOON_WINDOW}, 1.0),
        ({"MAINTENANCE_WINDOWS": NOON_WINDOW, "ENVIRONMENT": "prod"}, 0.0),
        ({"MAINTENANCE_WINDOWS": "[]"}, 0.0),
    ],
)
def test_maintenance_mode_follows_the_windows(
    environment: dict[str, str], expected: float, cloudwatch: Stubber
) -> None:
    cloudwatch.add_response("put_metric_data", {}, publication(maintenance=expected))

    metric_processor.run(EVENT, parse(**environment), cloudwatch.client)


def test_a_refused_query_does_not_silence_maintenance_mode(cloudwatch: Stubber) -> None:
    cloudwatch.add_client_error("get_metric_data", "InternalServiceFault", http_status_code=500)
    cloudwatch.add_response("put_metric_data", {}, publication())

    with pytest.raises(cloudwatch.client.exceptions.ClientError, match="InternalServiceFault"):
        metric_processor.run(EVENT, parse(derived()), cloudwatch.client)


@pytest.mark.parametrize(
    ("refused", "complaint"),
    [
        (result("e1", status="InternalError"), "Twin FunctionName=f: InternalError"),
        (result("e1", 1.0, status="PartialData"), "Twin FunctionName=f: PartialData"),
        (result("e1", status="Forbidden"), "Twin FunctionName=f: Forbidden"),
        (result("e1", 1.0, 2.0), "Twin FunctionName=f: more than one time series"),
        (result("e7", 1.0), "Twin FunctionName=f: no result"),
    ],
)
def test_an_incomplete_answer_fails_after_publishing_the_rest(
    refused: dict[str, Any], complaint: str, cloudwatch: Stubber
) -> None:
    settings = parse(derived(), derived("Twin"))
    cloudwatch.add_response("get_metric_data", page(result("e0", 2.0), refused))
    cloudwatch.add_response("put_metric_data", {}, publication(published("ErrorRate", 2.0)))

    with pytest.raises(metric_processor.QueryError, match=complaint):
        metric_processor.run(EVENT, settings, cloudwatch.client)


def test_more_than_a_call_holds_is_published_in_calls_of_a_thousand() -> None:
    class Recorder:
        def __init__(self) -> None:
            self.calls: list[list[int]] = []

        def put_metric_data(self, Namespace: str, MetricData: list[int]) -> None:  # noqa: N803
            assert Namespace == "CwObs/a"
            self.calls.append(MetricData)

    recorder = Recorder()

    metric_processor.publish(recorder, "CwObs/a", list(range(2_001)))

    assert [len(call) for call in recorder.calls] == [1000, 1000, 1]
    assert [number for call in recorder.calls for number in call] == list(range(2_001))


@given(st.lists(st.integers(0, 12), max_size=400))
def test_batches_keep_order_and_fit_a_call(sizes: list[int]) -> None:
    metrics = [
        metric_processor.Derived(str(n), "1", "None", (), {f"i{k}": k for k in range(size)})
        for n, size in enumerate(sizes)
    ]

    got = list(metric_processor.batches(metrics))

    assert [metric for batch in got for metric in batch] == metrics
    assert all(batch for batch in got)
    assert all(sum(1 + len(metric.inputs) for metric in batch) <= 500 for batch in got)
    minimum = -(-sum(1 + size for size in sizes) // 500)
    assert len(got) <= 2 * minimum


def test_quoted_text_and_functions_are_no_ids() -> None:
    expression = "SUM(SEARCH('{AWS/Lambda,FunctionName} metric=\"errors\"', 'Sum')) + errors"
    definition = derived(expression=expression, inputs={"errors": source("Errors")})
    (metric,) = parse(definition).derived

    assert metric_processor.queries([metric])[-1]["Expression"] == expression.replace(
        "+ errors", "+ m0"
    )


def test_an_input_can_be_another_account_s() -> None:
    other = source("Errors", account_id="222233334444")
    settings = parse(derived(expression="errors", inputs={"errors": other}))

    query, _ = metric_processor.queries(settings.derived)

    assert query["AccountId"] == "222233334444"


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (derived(expression="faults * 2"), "'faults' in 'faults . 2' is no input; .* errors, inv"),
        (derived(expression="SUM(METRICS())"), r"METRICS\(\) would see"),
        ({"name": "x"}, "derived_metrics.json is not a list of derived metrics"),
        (derived(inputs={"invocations": {}}), "derived_metrics.json is not a list"),
    ],
)
def test_a_bad_definition_is_named(definition: dict[str, Any], message: str) -> None:
    with pytest.raises(metric_processor.SettingsError, match=message):
        parse(definition)


@pytest.mark.parametrize("definitions", ["{", "7", '{"a": 1}', "null"])
def test_definitions_that_are_no_list_are_refused(definitions: str) -> None:
    with pytest.raises(metric_processor.SettingsError, match="is not a list of derived metrics"):
        metric_processor.parse_settings(ENVIRONMENT, definitions)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"NAMESPACE": ""}, "NAMESPACE is missing"),
        ({"SETTLE_SECONDS": "soon"}, "SETTLE_SECONDS is 'soon'"),
        ({"MAINTENANCE_WINDOWS": "7"}, "MAINTENANCE_WINDOWS must be a JSON list"),
    ],
)
def test_bad_settings_are_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(metric_processor.SettingsError, match=message):
        parse(**environment)


@pytest.mark.parametrize(
    "event", [{}, {"time": None}, {"time": "noon"}, {"time": "2026-01-05T12:03:30"}, []]
)
def test_an_event_without_a_time_is_refused(event: Any) -> None:
    with pytest.raises(metric_processor.EventError, match="time"):
        metric_processor.event_time(event)


def test_the_handler_reads_its_package_and_settings_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloudwatch: Stubber
) -> None:
    shutil.copy(SOURCE / "metric_processor.py", tmp_path)
    definitions = tmp_path / "derived_metrics.json"
    definitions.write_text(json.dumps([derived()]), encoding="utf-8")
    packaged = load(tmp_path, "metric_processor")
    configs = []
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def client(service: str, config: Any) -> Any:
        configs.append((service, config.retries))
        return cloudwatch.client

    monkeypatch.setattr(packaged.boto3, "client", client)
    for rate in (1.0, 2.0):
        cloudwatch.add_response("get_metric_data", page(result("e0", rate)))
        cloudwatch.add_response("put_metric_data", {}, publication(published("ErrorRate", rate)))

    packaged.handler(EVENT, None)
    definitions.unlink()
    packaged.handler(EVENT, None)

    assert configs == [("cloudwatch", {"mode": "standard", "total_max_attempts": 3})]
