"""S3, put together from its parts: one mix-in class for each kind of configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from skyproof.emulator.service import Call, Params, Result, Service, operation
from skyproof.emulator.services.s3.lifecycle import Lifecycle
from skyproof.emulator.services.s3.lifecycle_rules import LifecycleRules
from skyproof.emulator.services.s3.notification_rules import NotificationRules
from skyproof.emulator.services.s3.notifying import Notifying
from skyproof.emulator.services.s3.observing import Observing
from skyproof.emulator.services.s3.policies import Policies
from skyproof.emulator.services.s3.replicating import Replicating
from skyproof.emulator.services.s3.replication_rules import ReplicationRules
from skyproof.emulator.services.s3.store import Store

if TYPE_CHECKING:
    from skyproof.emulator.world import World


class S3(Policies, ReplicationRules, LifecycleRules, NotificationRules, Observing, Service):
    """moto's objects in buckets that act by themselves."""

    name: ClassVar[str] = "s3"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's objects; policies, replication, lifecycle and notification configurations are kept "
        "exactly. Replication, lifecycle and notifications run on the clock, under the roles, "
        "policies and keys that they are given. Policies are not enforced on callers from outside. "
        "Absent: events of restores, of Intelligent-Tiering and of browser uploads, Batch "
        "Replication, replication of changed ACLs and of changes to replicas; a deletion in a "
        "bucket with suspended versioning takes all versions."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.store = Store()
        self.notifying = Notifying(world, self.store)
        self.lifecycle = Lifecycle(
            world,
            self.store,
            self.notifying,
            lambda version: self.replicating.status(version) in ("PENDING", "FAILED"),
        )
        self.replicating = Replicating(world, self.store, self.notifying, self.lifecycle.changed)

    @operation("DeleteBucket")
    def delete_bucket(self, call: Call, params: Params) -> Result:
        call.base().delete_bucket(**params)
        self.store.forget(params["Bucket"])
        self.lifecycle.configured(params["Bucket"])
        return None
