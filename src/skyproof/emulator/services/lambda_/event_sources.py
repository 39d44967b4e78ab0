"""What may be said of an event source mapping: by source its settings, defaults and checks.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.service import Params
from skyproof.emulator.services.lambda_ import event_filters
from skyproof.emulator.services.lambda_.validation import invalid

#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; 10 with a higher quota.
MAX_FILTERS = 5

_OF_EVERY_SOURCE = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KMSKeyArn",
    "MetricsConfig",
)
#: Settings that an empty value takes away.
_REMOVABLE = (
    "FilterCriteria",
    "KMSKeyArn",
    "MetricsConfig",
    "ProvisionedPollerConfig",
    "ScalingConfig",
)
#: What is said of a mapping whatever its source.
_OF_EVERY_MAPPING = ("FunctionName", "EventSourceArn", "Enabled", "Tags", "UUID")


@dataclass(frozen=True)
class Source:
    """One kind of event source.

    Attributes:
        settings: the members of a request that belong to it.
        defaults: what AWS answers where a request is silent.
        reason: how AWS words that a state was asked for.
    """

    settings: tuple[str, ...]
    defaults: Mapping[str, Any]
    reason: str


QUEUE = Source(
    (*_OF_EVERY_SOURCE, "ScalingConfig", "ProvisionedPollerConfig"),
    {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []},
    "USER_INITIATED",
)
STREAM = Source(
    (
        *_OF_EVERY_SOURCE,
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
        "StartingPosition",
        "StartingPositionTimestamp",
        "TumblingWindowInSeconds",
    ),
    {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": 0,
    },
    "User action",
)

_POSITIONS = ("LATEST", "TRIM_HORIZON", "AT_TIMESTAMP")
_QUEUE_OR_TOPIC = re.compile(r"arn:[^:]+:(sqs|sns):")


def source_of(arn: str) -> Source:
    """The kind of source that an ARN names.

    Raises:
        OperationNotImplementedError: of a kind that is not polled here.
    """
    parts = arn.split(":")
    service = parts[2] if len(parts) > 5 else ""
    if service == "sqs":
        return QUEUE
    if service == "kinesis" and "/consumer/" not in arn:
        return STREAM
    kind = "enhanced fan-out consumers" if service == "kinesis" else service or "their own servers"
    raise OperationNotImplementedError(
        "lambda",
        "CreateEventSourceMapping",
        f"event sources of {kind} are not polled; queues (sqs) and streams (kinesis) are",
    )


def settings_of(source: Source, params: Params) -> dict[str, Any]:
    """The settings in a request, with those that it takes away empty.

    Raises:
        AwsError: InvalidParameterValueException, for what does not go with the source.
    """
    for name in params:
        if name not in source.settings and name not in _OF_EVERY_MAPPING:
            raise invalid(_unsupported(name))
    given = {name: params[name] for name in source.settings if name in params}
    if "DestinationConfig" in given:
        given["DestinationConfig"] = {"OnFailure": {}, **given["DestinationConfig"]}
    return given


def without_empty(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as AWS answers them: what was taken away is not there."""
    return {
        name: value
        for name, value in settings.items()
        if name not in _REMOVABLE or (any(value.values()) if isinstance(value, dict) else value)
    }


def check(source: Source, settings: Mapping[str, Any], arn: str) -> None:
    """Refuse settings that contradict one another or the source.

    Raises:
        AwsError: InvalidParameterValueException; NotImplemented, for what is not done here.
    """
    filters = settings.get("FilterCriteria", {}).get("Filters", [])
    if len(filters) > MAX_FILTERS:
        raise invalid(f"The number of filters exceeds the limit of {MAX_FILTERS}.")
    event_filters.check(filters)
    if source is QUEUE:
        _check_queue(settings, arn)
    else:
        _check_stream(settings)


def _check_queue(settings: Mapping[str, Any], arn: str) -> None:
    size, window = settings["BatchSize"], settings["MaximumBatchingWindowInSeconds"]
    if arn.endswith(".fifo"):
        if window:
            raise invalid("Batching window is not supported for FIFO queues")
        if size > 10:
            raise invalid("BatchSize must be no greater than 10 for FIFO queues")
    elif size > 10 and not window:
        raise invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            "greater than 10"
        )


def _check_stream(settings: Mapping[str, Any]) -> None:
    position = settings.get("StartingPosition")
    if position is None:
        raise invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null."
        )
    if (position == "AT_TIMESTAMP") != ("StartingPositionTimestamp" in settings):
        raise invalid("StartingPositionTimestamp goes with AT_TIMESTAMP, and with no other.")
    if position not in _POSITIONS:
        raise invalid(f"Unsupported starting position {position}.")
    if settings["TumblingWindowInSeconds"]:
        raise OperationNotImplementedError(
            "lambda", "CreateEventSourceMapping", "tumbling windows are not done"
        )
    if 0 <= settings["MaximumRecordAgeInSeconds"] < 60:
        raise invalid("MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.")
    target = settings["DestinationConfig"]["OnFailure"].get("Destination")
    if target and not _QUEUE_OR_TOPIC.match(target):
        raise OperationNotImplementedError(
            "lambda",
            "CreateEventSourceMapping",
            f"records that failed go to queues and topics, not to {target}",
        )


def _unsupported(name: str) -> str:
    if name == "StartingPosition":
        return "StartingPosition is not valid for SQS event sources."
    return f"Unsupported {name} parameter for given event source mapping type."
