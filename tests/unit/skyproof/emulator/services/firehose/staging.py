"""A delivery stream into a bucket, in a world whose clock stands until a test turns it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from skyproof.emulator.acting import Principal
from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Result, Service, operation, unlocked
from skyproof.emulator.target import DEFAULT_ACCOUNT, DEFAULT_REGION
from skyproof.emulator.world import World

START = datetime(2026, 1, 5, tzinfo=UTC)
ROLE = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/firehose"
FUNCTION = f"arn:aws:lambda:{DEFAULT_REGION}:{DEFAULT_ACCOUNT}:function:enrich"
BUCKET = "delivered"
NAME = "s"

Answer = Callable[[dict[str, Any]], Any]


class StandInForLambda(Service):
    """Lambda, as far as Firehose sees it: each call is answered as the test says."""

    name = "lambda"

    def __init__(self, world: World, answer: Answer) -> None:
        super().__init__(world)
        self.events: list[dict[str, Any]] = []
        self.payloads: list[int] = []
        self.answer = answer

    @operation("Invoke")
    @unlocked
    def invoke(self, _call: Call, params: Params) -> Result:
        assert params["FunctionName"] == FUNCTION
        payload = bytes(params["Payload"])
        self.payloads.append(len(payload))
        self.events.append(json.loads(payload))
        answer = self.answer(self.events[-1])
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        if b"errorType" in body:
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": body}
        return {"StatusCode": 200, "Payload": body}


class StandInForLogs(Service):
    """CloudWatch Logs with one log stream.

    Attributes:
        stream: group and stream.
        lines: what was written to it.
    """

    name = "logs"

    def __init__(self, world: World, *stream: str) -> None:
        super().__init__(world)
        self.stream = stream
        self.lines: list[dict[str, Any]] = []

    @operation("PutLogEvents")
    def put_log_events(self, _call: Call, params: Params) -> Result:
        if (params["logGroupName"], params["logStreamName"]) != self.stream:
            raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
        self.lines += [json.loads(event["message"]) for event in params["logEvents"]]
        return {"nextSequenceToken": ""}


class Published:
    """Stands in for :func:`skyproof.emulator.service_metrics.publish`."""

    def __init__(self) -> None:
        self.values: list[tuple[str, float]] = []
        self.units: dict[str, str] = {}

    def __call__(
        self,
        _world: World,
        account: str,
        region: str,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str,
    ) -> None:
        assert (account, region) == (DEFAULT_ACCOUNT, DEFAULT_REGION)
        assert (namespace, dimensions) == ("AWS/Firehose", {"DeliveryStreamName": NAME})
        self.values.append((name, value))
        self.units[name] = unit


class Authority:
    """Stands in for :func:`skyproof.emulator.authorization.check`.

    Attributes:
        denied: names of the operations that nobody may call.
        asked: role and operation of each call that was made under a role.
    """

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def __call__(self, call: Call, principal: Principal, _params: Params) -> None:
        self.asked.append((principal.name, call.operation))
        if call.operation in self.denied:
            code = "AccessDenied" if call.target.service == "s3" else "AccessDeniedException"
            raise AwsError(code, "no", status=403)


@dataclass
class Stage:
    """One world, its delivery stream, and what came of it."""

    world: World
    published: Published
    authority: Authority

    def client(self, service: str) -> Any:
        return self.world.client(service, DEFAULT_REGION, DEFAULT_ACCOUNT)

    def create(self, name: str = NAME, **configuration: Any) -> None:
        """Make a stream to the bucket, with anything else that is configured."""
        self.client("firehose").create_delivery_stream(
            DeliveryStreamName=name,
            ExtendedS3DestinationConfiguration=destination(**configuration),
        )

    def create_transforming(self, parameters: dict[str, str], **configuration: Any) -> None:
        self.create(ProcessingConfiguration=processing(**parameters), **configuration)

    def create_reading(self, source: str, **configuration: Any) -> None:
        """Make a stream that reads a Kinesis stream."""
        arn = f"arn:aws:kinesis:{DEFAULT_REGION}:{DEFAULT_ACCOUNT}:stream/{source}"
        self.client("firehose").create_delivery_stream(
            DeliveryStreamName=NAME,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": ROLE},
            ExtendedS3DestinationConfiguration=destination(**configuration),
        )

    def update(self, **configuration: Any) -> None:
        firehose = self.client("firehose")
        described = firehose.describe_delivery_stream(DeliveryStreamName=NAME)
        firehose.update_destination(
            DeliveryStreamName=NAME,
            CurrentDeliveryStreamVersionId=described["DeliveryStreamDescription"]["VersionId"],
            DestinationId="destinationId-000000000001",
            ExtendedS3DestinationUpdate=configuration,
        )

    def put(self, *every: bytes, name: str = NAME) -> dict[str, Any]:
        answer: dict[str, Any] = self.client("firehose").put_record_batch(
            DeliveryStreamName=name, Records=[{"Data": data} for data in every]
        )
        return answer

    def put_one(self, data: bytes) -> None:
        self.client("firehose").put_record(DeliveryStreamName=NAME, Record={"Data": data})

    def advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    def answer_with(self, answer: Answer) -> StandInForLambda:
        """Let a function answer so; returns where its events are seen."""
        stand_in = StandInForLambda(self.world, answer)
        self.world._services["lambda"] = stand_in
        return stand_in

    def log_to(self, group: str, stream: str) -> StandInForLogs:
        """Let a log stream exist; returns where its lines are seen."""
        stand_in = StandInForLogs(self.world, group, stream)
        self.world._services["logs"] = stand_in
        return stand_in

    def objects(self, bucket: str = BUCKET) -> dict[str, bytes]:
        """Key → content, in the order of the keys."""
        s3 = self.client("s3")
        listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            for one in listed
        }

    def errors(self) -> list[dict[str, Any]]:
        """The failed records in the bucket."""
        return [
            json.loads(line)
            for key, body in self.objects().items()
            if "processing-failed/" in key
            for line in body.splitlines()
        ]

    def outcomes(self, what: str) -> list[str]:
        return [one.outcome for one in self.world.happenings if one.what == what]

    def metric(self, name: str) -> list[float]:
        """The values of one of the stream's metrics, as they were published."""
        return [value for published, value in self.published.values if published == name]


def destination(**configuration: Any) -> dict[str, Any]:
    return {"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{BUCKET}", **configuration}


def processing(**parameters: str) -> dict[str, Any]:
    given = {"LambdaArn": FUNCTION, **parameters}
    listed = [{"ParameterName": n, "ParameterValue": v} for n, v in given.items()]
    return {"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": listed}]}


def staged(world: World, published: Published, authority: Authority) -> Stage:
    """A bucket, in a world whose clock stands."""
    world.clock.set(START, "manual")
    stage = Stage(world, published, authority)
    stage.client("s3").create_bucket(Bucket=BUCKET)
    return stage
