import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.terraform.modules.sources import MODULES, load

stream_transform = load(MODULES / "stream-transform" / "src", "stream_transform")
METRIC = {
    "metric_stream_name": "cw-obs-a-metric-stream",
    "account_id": "222233334444",
    "region": "us-east-1",
    "namespace": "AWS/Lambda",
    "metric_name": "Duration",
    "dimensions": {"FunctionName": "café"},
    "timestamp": 1767571200000,
    "value": {"count": 2.0, "sum": 30.5, "max": 20.25, "min": 10.25, "p99": 20.1},
    "unit": "Milliseconds",
}
ADDED = {"environment": "dev", "monitoring_account": "111122223333"}


def encode(content: str | bytes) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return base64.b64encode(raw).decode()


def lines(*metrics: dict[str, Any]) -> str:
    return "".join(json.dumps(metric) + "\n" for metric in metrics)


def transform(*data: str) -> list[dict[str, str]]:
    records = [{"recordId": f"r{number}", "data": item} for number, item in enumerate(data)]
    answer = stream_transform.transform(
        {
            "invocationId": "i",
            "deliveryStreamArn": "arn:aws:firehose:us-east-1:111122223333:deliverystream/d",
            "region": "us-east-1",
            "records": records,
        },
        "dev",
    )
    return list(answer["records"])


def decoded(result: dict[str, str]) -> str:
    return base64.b64decode(result["data"], validate=True).decode()


def test_every_line_gets_environment_and_account() -> None:
    (result,) = transform(encode(lines(METRIC, {**METRIC, "metric_name": "Errors"})))

    assert (result["recordId"], result["result"]) == ("r0", "Ok")
    got = decoded(result)
    assert got.endswith("\n")
    assert [json.loads(line) for line in got.splitlines()] == [
        {**METRIC, **ADDED},
        {**METRIC, "metric_name": "Errors", **ADDED},
    ]


def test_a_missing_last_newline_is_added() -> None:
    (result,) = transform(encode(json.dumps(METRIC)))

    assert decoded(result).count("\n") == 1
    assert decoded(result).endswith("}\n")


def test_line_separators_inside_text_split_nothing() -> None:
    metric = {**METRIC, "metric_name": "a\u2028b"}

    (result,) = transform(encode(json.dumps(metric, ensure_ascii=False)))

    assert json.loads(decoded(result)) == {**metric, **ADDED}


@pytest.mark.parametrize("content", ["", "\n", " \n\r\n"])
def test_an_empty_record_is_dropped(content: str) -> None:
    assert transform(encode(content)) == [{"recordId": "r0", "result": "Dropped"}]


@pytest.mark.parametrize(
    "data",
    [
        "no base64!",
        encode(b"\xff\xfe"),
        encode("{"),
        encode("[1]\n"),
        encode("7"),
        encode('{"value": NaN}'),
        encode('{"value": 1e999}'),
        encode('{"value": "\\ud800"}'),
        encode(lines(METRIC) + "broken\n"),
    ],
    ids=[
        "base64",
        "utf-8",
        "json",
        "list",
        "number",
        "nan",
        "infinity",
        "surrogate",
        "one line of two",
    ],
)
def test_an_unreadable_record_fails_alone(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    good = encode(lines(METRIC))

    results = transform(good, data, good)

    assert [result["result"] for result in results] == ["Ok", "ProcessingFailed", "Ok"]
    assert [result["recordId"] for result in results] == ["r0", "r1", "r2"]
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["record"]) == ("ERROR", "r1")


def test_the_answer_stays_under_the_limit() -> None:
    record = encode(lines(*[METRIC] * 6_000))
    count = stream_transform.RESPONSE_LIMIT // len(record) + 1

    results = transform(*[record] * count)

    assert len(json.dumps({"records": results})) < 6_291_556
    assert [result["result"] for result in results].count("ProcessingFailed") >= 1
    assert results[0]["result"] == "Ok"
    assert len({result["recordId"] for result in results}) == count


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children, max_size=3)
    | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(st.lists(st.lists(st.dictionaries(st.text(), json_values, max_size=4), max_size=3)))
def test_no_record_is_lost_and_no_field_changed(batch: list[list[dict[str, Any]]]) -> None:
    results = transform(*(encode(lines(*metrics)) for metrics in batch))

    assert [result["recordId"] for result in results] == [f"r{n}" for n in range(len(batch))]
    for result, metrics in zip(results, batch, strict=True):
        assert result["result"] == ("Ok" if metrics else "Dropped")
        if metrics:
            got = [json.loads(line) for line in decoded(result).split("\n")[:-1]]
            assert got == [{**metric, **ADDED} for metric in metrics]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"deliveryStreamArn": "x", "records": []},
        {"deliveryStreamArn": "a:b:c:d:1:f", "records": [{"data": ""}]},
        {"deliveryStreamArn": None, "records": []},
    ],
)
def test_another_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(stream_transform.EventError, match="not a batch from Firehose"):
        stream_transform.transform(event, "dev")


def test_the_handler_takes_the_environment_from_its_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = {
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:111122223333:deliverystream/d",
        "records": [{"recordId": "r0", "data": encode(lines(METRIC))}],
    }
    monkeypatch.setenv("ENVIRONMENT", "staging")

    (result,) = stream_transform.handler(event, None)["records"]

    assert json.loads(decoded(result))["environment"] == "staging"
