"""ECS: the base's, with clusters, services and task definitions kept whole."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.ecs.clusters import Clusters
from skyproof.emulator.services.ecs.services import Services
from skyproof.emulator.services.ecs.store import Store
from skyproof.emulator.services.ecs.task_definitions import TaskDefinitions
from skyproof.emulator.world import World


class Ecs(Clusters, Services, TaskDefinitions, Service):
    """What the base drops of a request is kept here and given back."""

    name: ClassVar[str] = "ecs"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "Clusters, services and task definitions as on AWS. Services start no tasks: they count as "
        "running at once, whatever the capacity, and a deployment is complete as soon as it is "
        "made. Load balancers, registries, roles and images are not looked for. Tasks, task sets, "
        "container instances and capacity providers are the base's."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)


SERVICE = Ecs
