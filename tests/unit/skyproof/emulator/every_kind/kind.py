"""What a kind of resource has to tell for its life to be tested."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import botocore.session

from tests.unit.skyproof.emulator.every_kind.aws import Aws, session, speaking

Fields = dict[str, Any]
Tags = dict[str, str]


class Kind(ABC):
    """One kind of resource, in an account of its own.

    ``first`` makes it, ``change`` changes it; ``read`` shows both again, member by member.
    """

    service: ClassVar[str]
    #: With which code a read is refused of what is deleted; without one, the read finds nothing.
    gone: ClassVar[str] = ""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        #: The ARN, id or URL that the service gave it.
        self.made = ""

    @classmethod
    def protocols(cls) -> list[str]:
        """The wire protocols that the service's clients may use."""
        model = botocore.session.get_session().get_service_model(cls.service)
        spoken: list[str] = model.metadata["protocols"]
        return spoken

    @classmethod
    def session(cls, protocol: str) -> Any:
        """A boto3 session whose clients speak the protocol with the service."""
        return session(cls.service, protocol, speaking)

    @property
    def client(self) -> Any:
        return self.aws(self.service)

    def prepare(self) -> None:  # noqa: B027 (most stand on nothing)
        """Make what it stands on."""

    @abstractmethod
    def first(self) -> Fields: ...

    @abstractmethod
    def change(self) -> Fields: ...

    @abstractmethod
    def create(self, fields: Fields) -> None: ...

    def update(self, change: Fields) -> None:
        """Put it anew, as services do that know no other way."""
        self.create(self.first() | change)

    @abstractmethod
    def read(self) -> Fields | None:
        """What the service tells; None where it lists nothing."""

    @abstractmethod
    def delete(self) -> None: ...


@dataclass(frozen=True)
class TagApi:
    """How a service spells its tag operations.

    Attributes:
        tag, untag, list: the methods of the client.
        resource, tags, keys: the parameters.
        pair: the members of a tag in a list of them; without, tags are a map.
        on_create: how the request that makes the resource spells ``tags``.
        gone: with which code the list is refused of what is deleted.
    """

    resource: str
    tags: str
    keys: str
    pair: tuple[str, str] | None = None
    tag: str = "tag_resource"
    untag: str = "untag_resource"
    list: str = "list_tags_for_resource"
    on_create: str = ""
    gone: str = "ResourceNotFoundException"

    def written(self, tags: Tags) -> Any:
        if self.pair is None:
            return tags
        key, value = self.pair
        return [{key: name, value: text} for name, text in tags.items()]

    def read(self, tags: Any) -> Tags:
        if self.pair is None:
            return dict(tags)
        key, value = self.pair
        return {tag[key]: tag[value] for tag in tags}


TAG_APIS = {
    "cloudwatch": TagApi("ResourceARN", "Tags", "TagKeys", ("Key", "Value")),
    "ecs": TagApi("resourceArn", "tags", "tagKeys", ("key", "value"), gone=""),
    "lambda": TagApi("Resource", "Tags", "TagKeys", list="list_tags"),
    "logs": TagApi("resourceArn", "tags", "tagKeys"),
    "oam": TagApi("ResourceArn", "Tags", "TagKeys"),
    "scheduler": TagApi("ResourceArn", "Tags", "TagKeys", ("Key", "Value")),
    "sqs": TagApi(
        "QueueUrl",
        "Tags",
        "TagKeys",
        tag="tag_queue",
        untag="untag_queue",
        list="list_queue_tags",
        on_create="tags",
        gone="AWS.SimpleQueueService.NonExistentQueue",
    ),
    "synthetics": TagApi("ResourceArn", "Tags", "TagKeys", gone="NotFoundException"),
    "xray": TagApi("ResourceARN", "Tags", "TagKeys", ("Key", "Value")),
}


class Tagged(Kind):
    """A kind that bears tags, named by its ARN; ``create`` takes tags among the fields."""

    @property
    def arn(self) -> str:
        return self.made

    @property
    def tag_api(self) -> TagApi:
        return TAG_APIS[self.service]

    def with_tags(self, tags: Tags) -> Fields:
        """The fields of a new one that bears tags from the start."""
        api = self.tag_api
        return self.first() | {api.on_create or api.tags: api.written(tags)}

    def tag(self, tags: Tags) -> None:
        api = self.tag_api
        getattr(self.client, api.tag)(**{api.resource: self.arn, api.tags: api.written(tags)})

    def untag(self, names: list[str]) -> None:
        api = self.tag_api
        getattr(self.client, api.untag)(**{api.resource: self.arn, api.keys: names})

    def tags(self) -> Tags:
        api = self.tag_api
        answer = getattr(self.client, api.list)(**{api.resource: self.arn})
        return api.read(answer.get(api.tags, {}))
