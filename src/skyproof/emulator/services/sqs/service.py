"""The redrive policies of a queue, kept and given back as AWS does, and who waits for messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from skyproof.emulator.service import (
    Call,
    Params,
    Regional,
    Result,
    Service,
    operation,
    without_metadata,
)
from skyproof.emulator.services.sqs.counting import Counting
from skyproof.emulator.services.sqs.retention import drop_expired
from skyproof.emulator.services.sqs.visibility import dead_letter_queue, receivable, uncover
from skyproof.emulator.watching import Watchers

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response

    from skyproof.emulator.world import World

REDRIVE, ALLOW = "RedrivePolicy", "RedriveAllowPolicy"


class Sqs(Service):
    """moto writes one redrive policy with blanks and forgets the other (docs/upstream.md)."""

    name = "sqs"
    complete = False
    fidelity = (
        "moto's; redrive and redrive-allow policies come back as compact JSON, as on AWS, messages "
        "are visible again when their time is over and in the order of their group, and queues in "
        "use report their messages to CloudWatch every minute."
    )

    observes: ClassVar[frozenset[str]] = frozenset(
        (
            "ReceiveMessage",
            "DeleteMessage",
            "DeleteMessageBatch",
            "PurgeQueue",
            "ChangeMessageVisibility",
            "ChangeMessageVisibilityBatch",
        )
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._allow: Regional[dict[str, str]] = Regional(dict)
        self._counting = Counting(world)
        #: Who is told when the messages of a queue become more, fewer, or visible at another time.
        self.watchers = Watchers()

    @operation("CreateQueue")
    def create_queue(self, call: Call, params: Params) -> Result:
        rest, allow = _without_allow(params)
        path = urlsplit(call.base().create_queue(**rest)["QueueUrl"]).path
        if allow:
            self._allow.of(call)[_name(path)] = allow
        return {"QueueUrl": f"http://{call.host}{path}"}

    @operation("SetQueueAttributes")
    def set_queue_attributes(self, call: Call, params: Params) -> Result:
        rest, allow = _without_allow(params)
        # moto takes a call without a policy for one that clears it.
        if rest["Attributes"]:
            rest["Attributes"] = {**self._policy(call, params["QueueUrl"]), **rest["Attributes"]}
            call.base().set_queue_attributes(**rest)
        if allow is not None:
            self._allow.of(call)[_name(params["QueueUrl"])] = allow
        return None

    def _policy(self, call: Call, url: str) -> dict[str, str]:
        answer = call.base().get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        found: dict[str, str] = answer.get("Attributes", {})
        return found

    @operation("GetQueueAttributes")
    def get_queue_attributes(self, call: Call, params: Params) -> Result:
        asked = params.get("AttributeNames", [])
        others = {**params, "AttributeNames": [name for name in asked if name != ALLOW]}
        attributes = dict(call.base().get_queue_attributes(**others).get("Attributes", {}))
        if REDRIVE in attributes:
            attributes[REDRIVE] = _compact(attributes[REDRIVE])
        allow = self._allow.of(call).get(_name(params["QueueUrl"]))
        if allow and {"All", ALLOW} & set(asked):
            attributes[ALLOW] = _compact(allow)
        return {"Attributes": attributes}

    def observe(self, call: Call, params: Params, answer: Callable[[], Response]) -> Response:
        """What takes messages out of a queue, or hides them, changes their count."""
        where = (call.account, call.region, _name(params["QueueUrl"]))
        if call.operation == "ReceiveMessage":
            drop_expired(*where)
            uncover(*where)
        answered = answer()
        self._used(call, params["QueueUrl"])
        moved_to = dead_letter_queue(*where) if call.operation == "ReceiveMessage" else None
        if moved_to is not None:
            self.watchers.tell(moved_to)
        return answered

    def receivable(self, arn: str) -> datetime | None:
        """When a queue has a message to receive, as of now; None while it has none."""
        _, _, _, region, account, name = arn.split(":")
        return receivable(account, region, name)

    def _used(self, call: Call, url: str) -> None:
        self._counting.used(call, url)
        self.watchers.tell(call.arn("sqs", _name(url)))

    @operation("SendMessage")
    def send_message(self, call: Call, params: Params) -> Result:
        answer = call.base().send_message(**params)
        self._used(call, params["QueueUrl"])
        return without_metadata(answer)

    @operation("SendMessageBatch")
    def send_message_batch(self, call: Call, params: Params) -> Result:
        answer = call.base().send_message_batch(**params)
        self._used(call, params["QueueUrl"])
        return without_metadata(answer)

    @operation("DeleteQueue")
    def delete_queue(self, call: Call, params: Params) -> Result:
        call.base().delete_queue(**params)
        self._allow.of(call).pop(_name(params["QueueUrl"]), None)
        return None


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _without_allow(params: Params) -> tuple[Params, str | None]:
    attributes = dict(params.get("Attributes", {}))
    allow = attributes.pop(ALLOW, None)
    return {**params, "Attributes": attributes}, allow


def _compact(policy: str) -> str:
    return json.dumps(json.loads(policy), separators=(",", ":"))
