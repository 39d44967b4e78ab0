from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator import acting, direct, wire
from skyproof.emulator.acting import Principal
from skyproof.emulator.faults import Fault
from skyproof.emulator.service import Call, Params
from skyproof.emulator.services.sns.service import Sns
from skyproof.emulator.world import World

ACCOUNT, REGION = "123456789012", "us-east-1"


def model(service: str, operation: str) -> Any:
    return wire.service_model(service).operation_model(operation)


class TestGiven:
    def test_it_is_a_copy_of_what_the_model_names(self) -> None:
        tags = [{"Key": "a", "Value": "b", "unknown": 1}]
        got = direct.given(model("sns", "TagResource"), {"ResourceArn": "x", "Tags": tags, "no": 1})
        assert got == {"ResourceArn": "x", "Tags": [{"Key": "a", "Value": "b"}]}
        got["Tags"][0]["Key"] = "changed"
        assert tags[0]["Key"] == "a"

    def test_what_is_none_is_not_given(self) -> None:
        assert direct.given(
            model("lambda", "Invoke"), {"FunctionName": "f", "Qualifier": None}
        ) == {"FunctionName": "f"}

    @pytest.mark.parametrize("payload", [b"{}", "{}", bytearray(b"{}"), BytesIO(b"{}")])
    def test_blobs_are_bytes(self, payload: Any) -> None:
        got = direct.given(model("lambda", "Invoke"), {"FunctionName": "f", "Payload": payload})
        assert got["Payload"] == b"{}"

    @pytest.mark.parametrize("moment", ["2026-01-05T00:00:00Z", 1767571200, 1767571200.0])
    def test_times_are_aware(self, moment: Any) -> None:
        datum = {"MetricName": "m", "Timestamp": moment, "Value": 1}
        got = direct.given(
            model("cloudwatch", "PutMetricData"), {"Namespace": "n", "MetricData": [datum]}
        )
        [found] = got["MetricData"]
        assert found["Timestamp"] == datetime(2026, 1, 5, tzinfo=UTC)
        assert isinstance(found["Value"], float)


class TestReceived:
    def test_a_status_of_the_operation_is_the_answers(self) -> None:
        got = direct.received(model("lambda", "Invoke"), {"StatusCode": 202})
        assert got["ResponseMetadata"]["HTTPStatusCode"] == got["StatusCode"] == 202

    def test_a_body_is_a_stream_also_when_it_is_empty(self) -> None:
        invoke = model("lambda", "Invoke")
        assert direct.received(invoke, {"Payload": b"{}"})["Payload"].read() == b"{}"
        assert direct.received(invoke, {"StatusCode": 204})["Payload"].read() == b""

    def test_xml_has_no_empty_flattened_list_and_json_has(self) -> None:
        xml = model("s3", "GetBucketNotificationConfiguration")
        assert "QueueConfigurations" not in direct.received(xml, {"QueueConfigurations": []})
        assert (
            direct.received(model("logs", "DescribeLogGroups"), {"logGroups": []})["logGroups"]
            == []
        )


class TestClients:
    """Of a world, as its services use them."""

    @pytest.fixture
    def sns(self, world: World) -> Any:
        return world.client("sns", REGION, ACCOUNT)

    def test_an_operation_of_ours_passes_no_wire(
        self, world: World, sns: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        topic = sns.create_topic(Name="topic")["TopicArn"]
        seen: list[Params] = []

        def publish(_: Any, call: Call, params: Params) -> Params:
            seen.append(params)
            assert acting.current() is None, "what a service does in turn is done in its own name"
            return {"MessageId": call.region}

        monkeypatch.setitem(Sns.handlers(), "Publish", publish)
        monkeypatch.setattr(wire, "parse", lambda *_: pytest.fail("it was parsed"))
        assert sns.publish(TopicArn=topic, Message="hello")["MessageId"] == REGION
        assert seen == [{"TopicArn": topic, "Message": "hello"}]

    def test_a_refusal_is_the_error_that_the_wire_would_bring(self, sns: Any, client: Any) -> None:
        refused = []
        for one in (sns, client("sns")):
            with pytest.raises(one.exceptions.NotFoundException) as caught:
                one.publish(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:none", Message="hello")
            answer = caught.value.response
            refused.append((answer["Error"], answer["ResponseMetadata"]["HTTPStatusCode"]))
        assert refused[0] == refused[1]

    def test_what_refuses_is_asked_once(self, sns: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []

        def publish(*_: Any) -> Params:
            asked.append(1)
            raise ZeroDivisionError("our own defect")

        monkeypatch.setitem(Sns.handlers(), "Publish", publish)
        with pytest.raises(ClientError, match="our own defect"):
            sns.publish(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:none", Message="hello")
        assert asked == [1]

    def test_faults_and_policies_are_asked(self, world: World, sns: Any) -> None:
        topic = sns.create_topic(Name="topic")["TopicArn"]
        with (
            acting.acting_as(Principal("events.amazonaws.com", ACCOUNT)),
            pytest.raises(ClientError, match="is not authorized to perform: sns:Publish"),
        ):
            sns.publish(TopicArn=topic, Message="hello")
        world.faults.add(Fault("sns", "Publish", times=1))
        with pytest.raises(ClientError, match="Rate exceeded"):
            sns.publish(TopicArn=topic, Message="hello")
        assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]

    def test_tokens_of_idempotency_are_made_as_by_any_client(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[Params] = []
        service = world.service("logs")
        assert service is not None

        def put_query_definition(_: Any, __: Call, params: Params) -> Params:
            given.append(params)
            return {}

        monkeypatch.setitem(service.handlers(), "PutQueryDefinition", put_query_definition)
        world.client("logs", REGION, ACCOUNT).put_query_definition(
            name="a", queryString="fields @m"
        )
        assert len(given[0]["clientToken"]) == 36
