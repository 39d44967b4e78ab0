"""CloudWatch, put together from its parts: one mix-in class for each kind of resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from skyproof.emulator.service import Regional, Service
from skyproof.emulator.services.cloudwatch.alarming import Alarming
from skyproof.emulator.services.cloudwatch.alarms import Alarms
from skyproof.emulator.services.cloudwatch.dashboards import Dashboards
from skyproof.emulator.services.cloudwatch.detectors import AnomalyDetectors
from skyproof.emulator.services.cloudwatch.insight_rules import InsightRules
from skyproof.emulator.services.cloudwatch.metric_data import MetricData
from skyproof.emulator.services.cloudwatch.store import Store
from skyproof.emulator.services.cloudwatch.streaming import Streaming
from skyproof.emulator.services.cloudwatch.streams import MetricStreams
from skyproof.emulator.services.cloudwatch.tags import Tagging

if TYPE_CHECKING:
    from skyproof.emulator.world import World


class CloudWatch(
    Alarms, AnomalyDetectors, MetricStreams, Dashboards, InsightRules, MetricData, Tagging, Service
):
    """The service, whole: nothing of it is left to the base."""

    name: ClassVar[str] = "cloudwatch"
    complete: ClassVar[bool] = True
    fidelity: ClassVar[str] = (
        "Exact: configuration and history of metric and composite alarms, composite rules, anomaly "
        "detectors, metric streams, dashboards, insight rules, tags, and the plain statistics of "
        "stored metrics. Approximate: percentiles (by nearest rank), the wording of refusals that "
        "are not recorded. Absent: alarms neither evaluate nor act, metric math, training of "
        "models, sending by streams, reports of insight rules."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores: Regional[Store] = Regional(Store)
        self.alarming = Alarming(world, self.stores)
        self.streaming = Streaming(world, self.stores)
