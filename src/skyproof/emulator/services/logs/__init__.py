"""CloudWatch Logs; destinations, deliveries and resource policies are the base's."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.logs.anomaly_detectors import AnomalyDetectors
from skyproof.emulator.services.logs.exports import Exports
from skyproof.emulator.services.logs.groups import Groups
from skyproof.emulator.services.logs.ingestion import Ingestion
from skyproof.emulator.services.logs.metric_filters import MetricFilters
from skyproof.emulator.services.logs.policies import Policies
from skyproof.emulator.services.logs.query_definitions import QueryDefinitions
from skyproof.emulator.services.logs.reading import Reading
from skyproof.emulator.services.logs.searching import Queries, Searching
from skyproof.emulator.services.logs.store import Minutes, Store
from skyproof.emulator.services.logs.streams import Streams
from skyproof.emulator.services.logs.subscription_filters import SubscriptionFilters
from skyproof.emulator.services.logs.tags import Tagging
from skyproof.emulator.world import World


class Logs(
    Groups,
    Streams,
    Ingestion,
    Reading,
    Searching,
    Exports,
    MetricFilters,
    SubscriptionFilters,
    QueryDefinitions,
    AnomalyDetectors,
    Policies,
    Tagging,
    Service,
):
    """All of it but what the base has: destinations, deliveries, resource policies, tags."""

    name: ClassVar[str] = "logs"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "Log groups, streams and events with their order, limits, pages and retention; filters and "
        "their patterns, subscriptions, embedded metrics, Insights queries, export tasks, anomaly "
        "detectors, policies and tags as on AWS, key policies and the permissions of subscriptions "
        "included, also through destinations of other accounts. What AWS tells or lets go of hours "
        "later, such as a stream's last event and expired events, is told and gone at once. "
        "Destinations, deliveries and resource policies are moto's. Detectors find nothing; "
        "nothing is tailed live."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)
        self.queried = Regional(Queries)
        self.minutes = Minutes()


SERVICE = Logs
