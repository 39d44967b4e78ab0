"""Doing what lifecycle configurations say: at midnight in UTC, on the days when something is due.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from skyproof.emulator.clock import Event
from skyproof.emulator.services.s3 import objects
from skyproof.emulator.services.s3.due import DAY, Action, Rules, midnight
from skyproof.emulator.services.s3.notifying import Notifying
from skyproof.emulator.services.s3.records import S3, ObjectEvent
from skyproof.emulator.services.s3.store import Configuration, Store

if TYPE_CHECKING:
    from skyproof.emulator.world import World

#: Whether replication holds a version back.
IsHeld = Callable[[objects.Version], bool]


class Lifecycle:
    """One event on the clock for each bucket in which something will fall due, and no more.

    What it does is neither replicated nor told as a client's deletion: it goes past the gateway.
    """

    def __init__(self, world: World, store: Store, notifying: Notifying, is_held: IsHeld) -> None:
        self._world = world
        self._store = store
        self._notifying = notifying
        self._is_held = is_held
        self._events: dict[str, Event] = {}
        # What was read of each bucket's configuration, and of which.
        self._read: dict[str, tuple[Configuration, Rules]] = {}
        # The base does not remember when an upload began.
        self._initiated: WeakKeyDictionary[objects.Upload, datetime] = WeakKeyDictionary()

    def configured(self, name: str) -> None:
        """The rules of a bucket are others, or gone."""
        event = self._events.pop(name, None)
        if event is not None:
            event.cancel()
        bucket = objects.find(name)
        if bucket is not None:
            self._schedule(bucket, self._next(bucket, objects.keys(bucket)))

    def changed(self, bucket: objects.Bucket, keys: list[str]) -> None:
        """The versions of keys are others, or their tags, or whether replication holds them."""
        if bucket.name in self._store.lifecycles:
            self._schedule(bucket, self._next(bucket, keys))

    def initiated(self, bucket: objects.Bucket) -> None:
        """A multipart upload was begun in a bucket."""
        for upload in objects.uploads(bucket):
            self._initiated.setdefault(upload, self._world.clock.now())
        self.changed(bucket, [])

    def _schedule(self, bucket: objects.Bucket, due: datetime | None) -> None:
        """Be there at a time, if not before."""
        planned = self._events.get(bucket.name)
        if due is None or (planned is not None and planned.due <= due):
            return
        if planned is not None:
            planned.cancel()
        # Ages and dates count from fixed moments: setting the clock does not move them.
        self._events[bucket.name] = self._world.clock.at(
            due,
            f"s3: lifecycle of {bucket.name}",
            partial(self._run, bucket),
            anew=lambda _now: due,
        )

    def _run(self, bucket: objects.Bucket) -> None:
        with self._world.lock:
            self._events.pop(bucket.name, None)
            rules = self._rules(bucket)
            if objects.find(bucket.name) is not bucket or rules is None:
                return
            now = self._world.clock.now()
            for key in objects.keys(bucket):
                self._act(bucket, [a for a in self._actions(bucket, rules, key) if a.due <= now])
            self._abort_uploads(bucket, rules, now)
            self._schedule(bucket, self._next(bucket, objects.keys(bucket)))

    def _act(self, bucket: objects.Bucket, due: list[Action]) -> None:
        """Do one thing to each version: what counts most of that which is due."""
        chosen: dict[str, Action] = {}
        for action in sorted(due, key=lambda action: action.precedence):
            chosen[action.version.version_id] = action
        for action in chosen.values():
            self._do(bucket, action)

    def _do(self, bucket: objects.Bucket, action: Action) -> None:
        source, target = objects.arn(bucket), objects.arn(bucket, action.version.name)
        try:
            event = self._apply(bucket, action)
        except objects.LockedError as error:
            # A version under object lock stays; it is asked for again the next day.
            self._world.tell(source, f"lifecycle: {action.kind}", target, "refused", str(error))
            return
        self._world.tell(source, f"lifecycle: {action.kind}", target, reason=action.rule)
        self._notifying.tell(event)

    def _apply(self, bucket: objects.Bucket, action: Action) -> ObjectEvent:
        version, now = action.version, self._world.clock.now()
        tell = partial(ObjectEvent, bucket=bucket, at=now, requester=S3)
        if action.kind == "transition":
            assert isinstance(version, objects.Object), "delete markers have no storage class"
            version.set_storage_class(action.storage_class)
            return tell("LifecycleTransition", version=version, storage_class=action.storage_class)
        key = version.name
        if action.kind == "mark":
            objects.delete(bucket, key)
            marker = objects.version(bucket, key)
            assert marker is not None, "it was put just now"
            return tell("LifecycleExpiration:DeleteMarkerCreated", version=marker)
        # The event tells of it when its content is gone.
        event = tell("LifecycleExpiration:Delete", version=version)
        objects.delete(bucket, key, version.version_id)
        return event

    def _abort_uploads(self, bucket: objects.Bucket, rules: Rules, now: datetime) -> None:
        for upload, due in self._aborts(bucket, rules):
            if due <= now:
                objects.abort(bucket, upload)
                target = objects.arn(bucket, upload.key_name)
                self._world.tell(objects.arn(bucket), "lifecycle: abort upload", target)

    def _next(self, bucket: objects.Bucket, keys: list[str]) -> datetime | None:
        """When something falls due for these keys or an upload; ``None`` for never."""
        rules = self._rules(bucket)
        if rules is None:
            return None
        due = [action.due for key in keys for action in self._actions(bucket, rules, key)]
        due += [when for _, when in self._aborts(bucket, rules)]
        if not due:
            return None
        # What should have been done is done the next time.
        now = self._world.clock.now()
        tomorrow = midnight(now) if midnight(now) > now else now + DAY
        return max(min(due), tomorrow)

    def _actions(self, bucket: objects.Bucket, rules: Rules, key: str) -> Iterator[Action]:
        versions = objects.versions(bucket, key)
        if versions:
            for action in rules.actions(versions, versioned=bucket.is_versioned):
                if not self._is_held(action.version):
                    yield action

    def _aborts(
        self, bucket: objects.Bucket, rules: Rules
    ) -> Iterator[tuple[objects.Upload, datetime]]:
        for upload in objects.uploads(bucket):
            begun = self._initiated.setdefault(upload, self._world.clock.now())
            due = rules.abort(upload.key_name, begun)
            if due is not None:
                yield upload, due

    def _rules(self, bucket: objects.Bucket) -> Rules | None:
        configuration = self._store.lifecycles.get(bucket.name)
        if configuration is None:
            return None
        read_of, rules = self._read.get(bucket.name, (None, None))
        if read_of is not configuration:
            rules = Rules.of(configuration)
            self._read[bucket.name] = configuration, rules
        return rules
