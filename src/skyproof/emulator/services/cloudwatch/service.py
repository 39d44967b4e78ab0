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
        "Exact: configuration and history of alarms, composite rules, streams, dashboards and "
        "insight rules; statistics, and how they grow coarse and go; metric math as documented; "
        "evaluation of static, percentile and math alarms, composites and their suppression; "
        "actions to SNS and Lambda with their payloads; events; linked accounts with their "
        "filters; metric streams as JSON and "
        "OpenTelemetry 1.0. Approximate: periods slide at every evaluation and look 2 points "
        "further back; percentiles by nearest rank; anomaly models (CloudWatch's are not public); "
        "streams send after a minute and are not started by their own metrics; wording that is "
        "not recorded. Absent: Metrics Insights, PromQL alarms, OpenTelemetry 0.7, reports "
        "of insight rules, actions of EC2, Auto Scaling and Systems Manager."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.stores: Regional[Store] = Regional(Store)
        self.alarming = Alarming(world, self.stores)
        self.streaming = Streaming(world, self.stores)
