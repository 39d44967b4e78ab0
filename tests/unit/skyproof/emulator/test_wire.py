"""Every protocol carries the same values: botocore writes, we parse, and the other way round."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.parsers
import botocore.serialize
import botocore.session
import cbor2
import pytest
from moto.core.request import Request
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from skyproof.emulator import wire
from skyproof.emulator.errors import AwsError

CLOUDWATCH_PROTOCOLS = ["smithy-rpc-v2-cbor", "json", "query"]
DASHBOARD = {"DashboardName": "d", "DashboardBody": "{}"}
WHEN = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
METRIC_DATA: dict[str, Any] = {
    "Namespace": "Shop",
    "MetricData": [
        {
            "MetricName": "Latency",
            "Timestamp": WHEN,
            "Dimensions": [{"Name": "Stage", "Value": "prod"}],
            "Values": [1.5, 2.0],
            "Counts": [3.0, 4.0],
        }
    ],
}


def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def request_of(service: str, operation: str, protocol: str, params: dict[str, Any]) -> Request:
    """The request as botocore's own serialiser writes it."""
    serializer = botocore.serialize.create_serializer(protocol)
    made = serializer.serialize_to_request(params, model(service).operation_model(operation))
    body = made["body"]
    builder = EnvironBuilder(
        path=made["url_path"],
        query_string=made.get("query_string") or {},
        method=made["method"],
        headers=dict(made["headers"]),
        data=body if not isinstance(body, str) else body.encode(),
    )
    return Request(builder.get_environ())


def read_back(service: str, operation: str, protocol: str, response: Response) -> dict[str, Any]:
    """The response as botocore's own parser reads it."""
    parser = botocore.parsers.create_parser(protocol)
    parsed: dict[str, Any] = parser.parse(
        {
            "status_code": response.status_code,
            "headers": {k.lower(): v for k, v in response.headers.items()},
            "body": response.get_data(),
        },
        model(service).operation_model(operation).output_shape,
    )
    return parsed


def routed(service: str, request: Request) -> wire.Operation:
    operation = wire.route(service, request)
    assert operation is not None, f"no operation of {service} for {request.method} {request.path}"
    return operation


@pytest.mark.parametrize("protocol", CLOUDWATCH_PROTOCOLS)
def test_parameters_are_the_same_in_every_protocol(protocol: str) -> None:
    request = request_of("cloudwatch", "PutMetricData", protocol, METRIC_DATA)
    operation = routed("cloudwatch", request)
    assert (operation.name, operation.protocol) == ("PutMetricData", protocol)
    assert wire.parse(operation, request) == METRIC_DATA


@pytest.mark.parametrize("protocol", CLOUDWATCH_PROTOCOLS)
def test_results_are_the_same_in_every_protocol(protocol: str) -> None:
    request = request_of("cloudwatch", "DescribeAlarmHistory", protocol, {})
    item = {
        "AlarmName": "a",
        "AlarmType": "MetricAlarm",
        "Timestamp": WHEN,
        "HistoryItemType": "Action",
        "HistorySummary": "done & <dusted>",
    }
    response = wire.serialize(routed("cloudwatch", request), {"AlarmHistoryItems": [item]})
    got = read_back("cloudwatch", "DescribeAlarmHistory", protocol, response)
    assert got["AlarmHistoryItems"] == [item]


@pytest.mark.parametrize("protocol", CLOUDWATCH_PROTOCOLS)
def test_a_refusal_carries_code_and_message_in_every_protocol(protocol: str) -> None:
    request = request_of("cloudwatch", "GetDashboard", protocol, {"DashboardName": "d"})
    error = AwsError("ResourceNotFound", "Dashboard d does not exist", status=404)
    response = wire.serialize_error(routed("cloudwatch", request), error)
    got = read_back("cloudwatch", "GetDashboard", protocol, response)
    assert response.status_code == 404
    assert got["Error"]["Code"] == "ResourceNotFound"
    assert got["Error"]["Message"] == "Dashboard d does not exist"


@pytest.mark.parametrize("protocol", CLOUDWATCH_PROTOCOLS)
def test_a_code_that_the_model_lacks_is_carried_all_the_same(protocol: str) -> None:
    request = request_of("cloudwatch", "GetDashboard", protocol, {"DashboardName": "d"})
    response = wire.serialize_error(
        routed("cloudwatch", request), AwsError("ValidationError", "no")
    )
    got = read_back("cloudwatch", "GetDashboard", protocol, response)
    assert (response.status_code, got["Error"]["Code"]) == (400, "ValidationError")


def test_the_members_of_an_error_shape_reach_the_client() -> None:
    request = request_of("cloudwatch", "PutDashboard", "smithy-rpc-v2-cbor", DASHBOARD)
    error = AwsError(
        "DashboardInvalidInputError",
        "bad body",
        dashboardValidationMessages=[{"DataPath": "/widgets/0", "Message": "what"}],
    )
    response = wire.serialize_error(routed("cloudwatch", request), error)
    body = cbor2.loads(response.get_data())
    assert body["dashboardValidationMessages"] == [{"DataPath": "/widgets/0", "Message": "what"}]
    assert response.headers["x-amzn-query-error"].endswith(";Sender")


def test_rest_parameters_come_from_path_query_and_body() -> None:
    params = {"Name": "probe", "MaxResults": 5, "RunType": "CANARY_RUN"}
    request = request_of("synthetics", "GetCanaryRuns", "rest-json", params)
    operation = routed("synthetics", request)
    assert operation.name == "GetCanaryRuns"
    assert wire.parse(operation, request)["Name"] == "probe"


def test_a_json_error_of_a_rest_service_names_its_type_in_the_header() -> None:
    request = request_of("oam", "GetSink", "rest-json", {"Identifier": "x"})
    response = wire.serialize_error(
        routed("oam", request), AwsError("ResourceNotFoundException", "no sink")
    )
    assert response.status_code == 404
    assert response.headers["X-Amzn-Errortype"] == "ResourceNotFoundException"


def test_a_result_without_a_required_member_is_our_own_defect() -> None:
    request = request_of("synthetics", "ListTagsForResource", "rest-json", {"ResourceArn": "a"})
    operation = routed("synthetics", request)
    with pytest.raises(
        AssertionError, match="ListTagsForResource answers what AWS's model forbids"
    ):
        wire.serialize(operation, {"Tags": {"k": 1}})


@pytest.mark.parametrize(
    ("service", "environ"),
    [
        ("synthetics", {"path": "/no/such/thing", "method": "GET"}),
        ("logs", {"method": "POST", "headers": {"X-Amz-Target": "Logs_20140328.Nothing"}}),
        ("sns", {"method": "POST", "data": {"Action": "Nothing"}}),
        (
            "cloudwatch",
            {
                "method": "POST",
                "path": "/service/GraniteServiceVersion20100801/operation/Nothing",
                "headers": {"smithy-protocol": "rpc-v2-cbor"},
            },
        ),
    ],
)
def test_an_operation_that_no_model_knows_is_not_routed(
    service: str, environ: dict[str, Any]
) -> None:
    assert wire.route(service, Request(EnvironBuilder(**environ).get_environ())) is None


def test_an_empty_cbor_body_is_no_parameters() -> None:
    builder = EnvironBuilder(
        path="/service/GraniteServiceVersion20100801/operation/ListDashboards",
        method="POST",
        headers=[("smithy-protocol", "rpc-v2-cbor")],
    )
    request = Request(builder.get_environ())
    assert wire.parse(routed("cloudwatch", request), request) == {}


def test_a_status_that_the_model_does_not_know() -> None:
    request = Request(EnvironBuilder(path="/b?policy", method="PUT").get_environ())
    assert wire.serialize(routed("s3", request), None).status_code == 204


@pytest.mark.parametrize(("status", "expected"), [(None, "User"), (501, None)])
def test_lambda_tells_whose_fault_an_error_is(status: int | None, expected: str | None) -> None:
    operation = routed(
        "lambda", request_of("lambda", "GetFunction", "rest-json", {"FunctionName": "f"})
    )
    error = AwsError("ResourceNotFoundException", "Function not found", status=status)
    response = wire.serialize_error(operation, error)
    assert (response.json or {}).get("Type") == expected
