"""What a schedule may invoke, and how each kind of target is told.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skyproof.emulator import sending
from skyproof.emulator.documents import is_json
from skyproof.emulator.errors import AwsError, OperationNotImplementedError
from skyproof.emulator.service import Call
from skyproof.emulator.services.scheduler import universal

Target = dict[str, Any]
#: Takes the call that the schedule was put with, its target, what to say, and the schedule's ARN.
Sender = Callable[[Call, Target, str, str], None]

#: The services of templated targets, and the parameters that are theirs alone.
_PARAMETERS = {
    "codebuild": None,
    "codepipeline": None,
    "ecs": "EcsParameters",
    "events": "EventBridgeParameters",
    "firehose": None,
    "inspector": None,
    "kinesis": "KinesisParameters",
    "lambda": None,
    "sagemaker": "SageMakerPipelineParameters",
    "sns": None,
    "sqs": "SqsParameters",
    "states": None,
}
_REQUIRED = ("EcsParameters", "EventBridgeParameters", "KinesisParameters")
#: "If you are configuring a templated Lambda, AWS Step Functions, or Amazon EventBridge target,
#: the input must be a well-formed JSON":
#: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html
_IN_JSON = ("events", "lambda", "states")
_NEWER = ("EventBridgePutEventsV2Parameters", "EventBridgePutRawEventsParameters")


def check(target: Target) -> None:
    """Refuse what no schedule can have for a target.

    Raises:
        AwsError: ValidationException; NotImplemented for newer ways to put events.
    """
    for name in _NEWER:
        if name in target:
            raise OperationNotImplementedError("scheduler", "CreateSchedule", f"with {name}")
    parts = target["Arn"].split(":")
    if len(parts) < 6 or parts[0] != "arn":
        raise _invalid("Provided Arn is not in correct format.")
    given = {name for name in _PARAMETERS.values() if name is not None and name in target}
    if universal.is_universal(target["Arn"]):
        _refuse_parameters(given, target["Arn"])
        universal.read(target["Arn"], target.get("Input", "{}"))
        return
    service = parts[2]
    if service not in _PARAMETERS:
        # Recorded: https://github.com/boto/boto3/issues/3558
        raise _invalid(f"{service} is not a supported service for a target.")
    own = _PARAMETERS[service]
    _refuse_parameters(given - {own}, target["Arn"])
    if own in _REQUIRED and own not in given:
        raise _invalid(f"{own} is required for the target {target['Arn']}.")
    if service in _IN_JSON and "Input" in target and not is_json(target["Input"]):
        raise _invalid(f"The Input of a target of {service} must be well-formed JSON.")


def sender(arn: str) -> Sender | None:
    """How a target is invoked; ``None`` where it is not emulated."""
    return _to_api if universal.is_universal(arn) else _SENDERS.get(arn.split(":")[2])


def _refuse_parameters(names: set[str], arn: str) -> None:
    if names:
        raise _invalid(f"{min(names)} is not supported for the target {arn}.")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def _to_api(call: Call, target: Target, text: str, _schedule: str) -> None:
    universal.read(target["Arn"], text).make(call)


def _to_bus(call: Call, target: Target, text: str, schedule: str) -> None:
    parameters = target["EventBridgeParameters"]
    entry = {
        "Source": parameters["Source"],
        "DetailType": parameters["DetailType"],
        "Detail": text,
        "Resources": [schedule],
        "EventBusName": target["Arn"],
    }
    client = sending.client_of(call.world, target["Arn"])
    [result] = client.put_events(Entries=[entry])["Entries"]
    if "ErrorCode" in result:
        raise AwsError(result["ErrorCode"], result.get("ErrorMessage", ""))


def _to_delivery_stream(call: Call, target: Target, text: str, _schedule: str) -> None:
    sending.to_delivery_stream(call.world, target["Arn"], text)


def _to_data_stream(call: Call, target: Target, text: str, _schedule: str) -> None:
    key = target["KinesisParameters"]["PartitionKey"]
    sending.to_data_stream(call.world, target["Arn"], text, key)


def _to_function(call: Call, target: Target, text: str, _schedule: str) -> None:
    sending.to_function(call.world, target["Arn"], text)


def _to_topic(call: Call, target: Target, text: str, _schedule: str) -> None:
    sending.to_topic(call.world, target["Arn"], text)


def _to_queue(call: Call, target: Target, text: str, _schedule: str) -> None:
    sending.to_queue(call.world, target["Arn"], text, **target.get("SqsParameters", {}))


def _to_state_machine(call: Call, target: Target, text: str, _schedule: str) -> None:
    where = target["Arn"].split(":")
    client = call.world.client("stepfunctions", where[3], where[4])
    client.start_execution(stateMachineArn=target["Arn"], input=text)


_SENDERS: dict[str, Sender] = {
    "events": _to_bus,
    "firehose": _to_delivery_stream,
    "kinesis": _to_data_stream,
    "lambda": _to_function,
    "sns": _to_topic,
    "sqs": _to_queue,
    "states": _to_state_machine,
}
