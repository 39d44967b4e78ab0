"""CloudWatch Logs: what the base lacks or gets wrong, over its groups, streams and events."""

from __future__ import annotations

from typing import ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.logs.anomaly_detectors import AnomalyDetectors
from skyproof.emulator.services.logs.groups import Groups
from skyproof.emulator.services.logs.ingestion import Ingestion
from skyproof.emulator.services.logs.metric_filters import MetricFilters
from skyproof.emulator.services.logs.policies import Policies
from skyproof.emulator.services.logs.query_definitions import QueryDefinitions
from skyproof.emulator.services.logs.searching import Queries, Searching
from skyproof.emulator.services.logs.store import Minutes, Store
from skyproof.emulator.services.logs.subscription_filters import SubscriptionFilters
from skyproof.emulator.services.logs.tags import Tagging
from skyproof.emulator.world import World


class Logs(
    Groups,
    Ingestion,
    Searching,
    MetricFilters,
    SubscriptionFilters,
    QueryDefinitions,
    AnomalyDetectors,
    Policies,
    Tagging,
    Service,
):
    """Log groups completed; filters, queries, detectors, policies and tags our own."""

    name: ClassVar[str] = "logs"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "Log groups, filters and their patterns, subscriptions, embedded metrics, Insights "
        "queries, anomaly detectors, policies and tags as on AWS, key policies and the permissions "
        "of subscriptions included, also through destinations of other accounts. Streams and "
        "events are the base's. Detectors find nothing."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores = Regional(Store)
        self.queried = Regional(Queries)
        self.minutes = Minutes()


SERVICE = Logs
