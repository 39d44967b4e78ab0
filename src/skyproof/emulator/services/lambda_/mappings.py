"""Event source mappings: what polls a queue or a stream for a function.

AWS takes seconds from one state to the next; here a mapping is Creating, Updating or Deleting in
the answer alone, and what it was asked to be at the next look.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from skyproof.emulator import authorization
from skyproof.emulator.acting import Principal
from skyproof.emulator.errors import AwsError
from skyproof.emulator.functions import Outcome
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.lambda_ import event_sources
from skyproof.emulator.services.lambda_.definitions import Runnable
from skyproof.emulator.services.lambda_.event_sources import QUEUE, Source
from skyproof.emulator.services.lambda_.polling import EventSourceMapping, Poller
from skyproof.emulator.services.lambda_.queue_poller import QueuePoller
from skyproof.emulator.services.lambda_.store import LATEST, Store, split
from skyproof.emulator.services.lambda_.stream_poller import StreamPoller
from skyproof.emulator.services.lambda_.validation import invalid, operation
from skyproof.emulator.target import Target

MOST_ON_A_PAGE = 100
_QUEUE_PERMISSIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_STREAM_PERMISSIONS = ("GetRecords", "GetShardIterator", "ListShards")


class Mappings:
    """The operations on event source mappings."""

    stores: Regional[Store]
    found: Callable[[Call, str, str | None], Runnable]
    hand_over: Callable[[Call, Runnable, bytes, float | None], tuple[str, Outcome]]

    @operation("CreateEventSourceMapping")
    def create_event_source_mapping(self, call: Call, params: Params) -> Result:
        arn = params.get("EventSourceArn", "")
        source = event_sources.source_of(arn)
        settings = {**source.defaults, **event_sources.settings_of(source, params)}
        event_sources.check(source, settings, arn)
        function = _function(call, params["FunctionName"])
        self._check_source(call, source, arn, function)
        self._check_new(call, arn, function)
        config = {
            **event_sources.without_empty(settings),
            "UUID": self._new_id(call),
            "EventSourceArn": arn,
            **self._now(call, source, function, params.get("Enabled", True)),
        }
        resource = f"event-source-mapping:{config['UUID']}"
        config["EventSourceMappingArn"] = call.arn("lambda", resource)
        if source is not QUEUE:
            config["LastProcessingResult"] = "No records processed"
        mapping = EventSourceMapping(_plain(call), config, dict(params.get("Tags", {})))
        poller = QueuePoller(self, mapping) if source is QUEUE else StreamPoller(self, mapping)
        self.stores.of(call).pollers[config["UUID"]] = poller
        if config["State"] == "Enabled":
            poller.start()
        return {**config, "State": "Creating"}

    @operation("GetEventSourceMapping")
    def get_event_source_mapping(self, call: Call, params: Params) -> Result:
        return self._poller(call, params["UUID"]).mapping.config

    @operation("ListEventSourceMappings")
    def list_event_source_mappings(self, call: Call, params: Params) -> Result:
        found = [one.mapping.config for one in self.stores.of(call).pollers.values()]
        if "EventSourceArn" in params:
            found = [one for one in found if one["EventSourceArn"] == params["EventSourceArn"]]
        if "FunctionName" in params:
            asked = split(params["FunctionName"])
            found = [one for one in found if split(one["FunctionArn"]) == asked]
        mappings, more = page(
            found,
            min(MOST_ON_A_PAGE, params.get("MaxItems", MOST_ON_A_PAGE)),
            params.get("Marker"),
            code="InvalidParameterValueException",
            member="NextMarker",
        )
        return {"EventSourceMappings": mappings, **more}

    @operation("UpdateEventSourceMapping")
    def update_event_source_mapping(self, call: Call, params: Params) -> Result:
        poller = self._poller(call, params["UUID"])
        config = poller.mapping.config
        source, arn = event_sources.source_of(poller.mapping.source), poller.mapping.source
        changes = event_sources.settings_of(source, params)
        event_sources.check(source, {**source.defaults, **config, **changes}, arn)
        function = _function(call, params.get("FunctionName", poller.mapping.function))
        if "FunctionName" in params:
            self._check_source(call, source, arn, function)
        kept = {name: value for name, value in config.items() if name not in changes}
        enabled = params.get("Enabled", config["State"] == "Enabled")
        poller.stop()
        # The same dict: the poller reads its settings there.
        config.clear()
        config.update(kept | event_sources.without_empty(changes))
        config.update(self._now(call, source, function, enabled))
        if enabled:
            poller.start()
        return {**config, "State": "Updating"}

    @operation("DeleteEventSourceMapping")
    def delete_event_source_mapping(self, call: Call, params: Params) -> Result:
        poller = self._poller(call, params["UUID"])
        poller.stop()
        del self.stores.of(call).pollers[params["UUID"]]
        return {**poller.mapping.config, "State": "Deleting"}

    def mapping(self, call: Call, arn: str) -> EventSourceMapping:
        """A mapping by its own ARN. Raises ResourceNotFoundException."""
        return self._poller(call, arn.rpartition(":")[2]).mapping

    def _poller(self, call: Call, identifier: str) -> Poller:
        pollers = self.stores.of(call).pollers
        if identifier not in pollers:
            said = "The resource you requested does not exist."
            raise AwsError("ResourceNotFoundException", said, status=404)
        return pollers[identifier]

    def _new_id(self, call: Call) -> str:
        """The same in every run of the same world."""
        store = self.stores.of(call)
        store.mappings += 1
        name = f"event-source-mapping/{call.account}/{call.region}/{store.mappings}"
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    def _now(
        self, call: Call, source: Source, function: dict[str, Any], enabled: bool
    ) -> dict[str, Any]:
        return {
            "FunctionArn": function["MappedArn"],
            "LastModified": call.world.clock.now(),
            "State": "Enabled" if enabled else "Disabled",
            "StateTransitionReason": source.reason,
        }

    def _check_new(self, call: Call, arn: str, function: dict[str, Any]) -> None:
        for one in self.stores.of(call).pollers.values():
            if (one.mapping.source, one.mapping.function) == (arn, function["MappedArn"]):
                service = {"sqs": "SQS", "kinesis": "kinesis"}[arn.split(":")[2]]
                raise AwsError(
                    "ResourceConflictException",
                    f'An event source mapping with {service} arn (" {arn} ") and function '
                    f'(" {function["FunctionName"]} ") already exists. Please update or delete '
                    f"the existing mapping with UUID {one.mapping.config['UUID']}",
                    status=409,
                )

    def _check_source(self, call: Call, source: Source, arn: str, function: dict[str, Any]) -> None:
        if source is QUEUE:
            _check_queue(call, arn, function)
        else:
            _check_stream(call, arn, function)


def _function(call: Call, reference: str) -> dict[str, Any]:
    """A function's configuration, with the ARN by which it is mapped: as unqualified as asked.

    Raises:
        ClientError: ResourceNotFoundException.
    """
    name, qualifier = split(reference)
    where = {"Qualifier": qualifier} if qualifier != LATEST else {}
    configuration = call.client("lambda").get_function_configuration(FunctionName=name, **where)
    plain = ":".join(configuration["FunctionArn"].split(":")[:7])
    mapped = f"{plain}:{qualifier}" if where or reference.endswith(f":{LATEST}") else plain
    return {**configuration, "MappedArn": mapped}


def _check_queue(call: Call, arn: str, function: dict[str, Any]) -> None:
    _, _, _, region, account, name = arn.split(":")
    there = call.client("sqs", region=region, account=account)
    try:
        url = there.get_queue_url(QueueName=name)["QueueUrl"]
    except ClientError as error:
        detail = error.response["Error"]
        raise invalid(
            f"Error occurred while ReceiveMessage. SQS Error Code: {detail['Code']}. "
            f"SQS Error Message: {detail['Message']}"
        ) from None
    for asked in _QUEUE_PERMISSIONS:
        if not _may(call, arn, function, asked, {"QueueUrl": url}):
            raise invalid(
                f"The provided execution role does not have permissions to call {asked} on SQS"
            )
    names = ["VisibilityTimeout"]
    answer = there.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    hidden = int(answer["Attributes"]["VisibilityTimeout"])
    if hidden < function["Timeout"]:
        raise invalid(
            f"Queue visibility timeout: {hidden} seconds is less than Function timeout: "
            f"{function['Timeout']} seconds"
        )


def _check_stream(call: Call, arn: str, function: dict[str, Any]) -> None:
    _, _, _, region, account, _ = arn.split(":")
    there = call.client("kinesis", region=region, account=account)
    try:
        there.describe_stream_summary(StreamARN=arn)
    except ClientError:
        raise invalid(f"Stream not found: {arn}") from None
    if not all(
        _may(call, arn, function, asked, {"StreamARN": arn}) for asked in _STREAM_PERMISSIONS
    ):
        raise invalid(
            f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, "
            "GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM."
        )


def _may(call: Call, arn: str, function: dict[str, Any], asked: str, params: Params) -> bool:
    """Whether the function's role may ask an operation of a source."""
    _, _, service, region, account, _ = arn.split(":")
    role = function["Role"]
    principal = Principal(role, role.split(":")[4], function["FunctionArn"])
    there = Call(call.world, Target(account, region, service), asked)
    try:
        authorization.check(there, principal, params)
    except AwsError:
        return False
    return True


def _plain(call: Call) -> Call:
    """Where the mapping is, whoever made it."""
    return Call(call.world, call.target, "Invoke")
