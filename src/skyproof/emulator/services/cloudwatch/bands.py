"""The anomaly models of an account and region: trained when asked for, kept for a day.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skyproof.emulator.services.cloudwatch.anomaly import Model, Training
from skyproof.emulator.services.cloudwatch.metrics import MetricId
from skyproof.emulator.services.cloudwatch.store import AnomalyDetector, Store

#: A model learns from at most two weeks, in seconds.
LEARNED = 14 * 86_400
#: How long a model is good for, and after what time one with too little data is tried again.
KEPT, RETRIED = 86_400, 3_600

Params = dict[str, Any]
Points = dict[int, float]


@dataclass
class Trained:
    """A model, what it was trained with, and when."""

    model: Model
    training: Training
    second: int

    def is_fresh(self, second: int) -> bool:
        lasts = KEPT if self.model.trained else RETRIED
        return 0 <= second - self.second < lasts


class Models:
    """By what they are of: a metric's query, or an expression with its inputs."""

    def __init__(self) -> None:
        self._kept: dict[str, Trained] = {}

    def get(
        self, subject: str, training: Training, second: int, history: Callable[[], Points]
    ) -> Model:
        """The model of a subject, trained on its history if there is none, or only an old one."""
        kept = self._kept.get(subject)
        if kept is None or kept.training != training or not kept.is_fresh(second):
            model = Model.train(sorted(history().items()), second, training)
            kept = self._kept[subject] = Trained(model, training, second)
        return kept.model


def subject_of(queries: list[Params], wanted: str) -> str:
    """What a model is of, as text: the query of an id with the queries that it rests on."""
    query = next(q for q in queries if q["Id"] == wanted)
    if "MetricStat" in query:
        return json.dumps(_plain(query), sort_keys=True, default=str)
    inputs = [q for q in queries if "MetricStat" in q]
    return json.dumps([_plain(q) for q in [query, *inputs]], sort_keys=True, default=str)


def detector_of(store: Store, queries: list[Params], wanted: str) -> AnomalyDetector | None:
    """The detector that is configured for what an id stands for."""
    query = next(q for q in queries if q["Id"] == wanted)
    return next((d for d in store.detectors.values() if _is_for(d, query)), None)


def training_of(detector: AnomalyDetector | None) -> Training:
    """What a detector says about training."""
    if detector is None:
        return Training()
    ranges = detector.configuration.get("ExcludedTimeRanges", [])
    return Training(
        tuple((int(r["StartTime"].timestamp()), int(r["EndTime"].timestamp())) for r in ranges),
        detector.configuration.get("MetricTimezone") or "UTC",
        bool((detector.characteristics or {}).get("PeriodicSpikes", False)),
    )


def _is_for(detector: AnomalyDetector, query: Params) -> bool:
    if detector.single is not None and "MetricStat" in query:
        stat = query["MetricStat"]
        same_statistic = detector.single["Stat"] == stat["Stat"]
        return same_statistic and MetricId.of(detector.single) == MetricId.of(stat["Metric"])
    if detector.math is not None and "Expression" in query:
        returned = detector.math["MetricDataQueries"]
        return any(q.get("Expression") == query["Expression"] for q in returned)
    return False


def _plain(query: Params) -> Params:
    """Without what makes no difference to the values."""
    return {key: value for key, value in query.items() if key not in ("Label", "ReturnData", "Id")}
