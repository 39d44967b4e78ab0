"""Anomaly detectors: the models that ANOMALY_DETECTION_BAND draws its bands from.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAnomalyDetector.html
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skyproof.emulator.errors import AwsError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.cloudwatch import bands, refusals, statistics
from skyproof.emulator.services.cloudwatch.paging import page
from skyproof.emulator.services.cloudwatch.store import AnomalyDetector, Store
from skyproof.emulator.services.cloudwatch.validation import operation

MAX_EXCLUDED = 10
MAX_METRICS = 10
PAGE = 100
#: The older way to name a single metric, beside ``SingleMetricAnomalyDetector``.
_LEGACY = ("Namespace", "MetricName", "Dimensions", "Stat")


class AnomalyDetectors:
    """The anomaly detector operations, over the stores of a CloudWatch service."""

    stores: Regional[Store]

    @operation("PutAnomalyDetector")
    def put_anomaly_detector(self, call: Call, params: Params) -> Result:
        single, math = _subject(params)
        if single is not None:
            _check_single(call, single)
        if math is not None:
            _check_math(math)
        configuration = params.get("Configuration", {})
        _check_configuration(configuration)
        store, number = self.stores.of(call), _id(single, math)
        old = store.detectors.get(number)
        store.detectors[number] = AnomalyDetector(
            id=number,
            single=single,
            math=math,
            configuration={"ExcludedTimeRanges": [], **configuration},
            characteristics=params.get("MetricCharacteristics"),
            created=old.created if old else call.world.clock.now(),
        )
        return {"AnomalyDetectorId": number}

    @operation("DescribeAnomalyDetectors")
    def describe_anomaly_detectors(self, call: Call, params: Params) -> Result:
        filters = ("Namespace", "MetricName", "Dimensions", "AnomalyDetectorTypes")
        both = [name for name in filters if name in params]
        if "AnomalyDetectorIds" in params and both:
            raise refusals.exclusive("AnomalyDetectorIds", both[0])
        found = [d for d in self.stores.of(call).detectors.values() if _is_asked_for(d, params)]
        detectors, next_token = page(found, params.get("MaxResults", PAGE), params.get("NextToken"))
        return {"AnomalyDetectors": [_describe(d) for d in detectors], **next_token}

    @operation("DeleteAnomalyDetector")
    def delete_anomaly_detector(self, call: Call, params: Params) -> Result:
        number = params.get("AnomalyDetectorId") or _id(*_subject(params))
        if self.stores.of(call).detectors.pop(number, None) is None:
            raise AwsError(
                "ResourceNotFoundException", "The specified anomaly detector does not exist"
            )
        return {}


def ensure(store: Store, configuration: Params, now: datetime) -> None:
    """Make the model that a band alarm needs and nobody made: evaluating the alarm does that.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Anomaly_Detection_Alarm.html
    """
    for query in configuration["Metrics"]:
        stat = query.get("MetricStat")
        if stat is None or not query.get("ReturnData", True) or "AccountId" in query:
            continue
        if bands.detector_of(store, [query], query["Id"]) is not None:
            continue
        metric = {"Dimensions": [], **stat["Metric"]}
        single = {**metric, "Stat": stat["Stat"]}
        number = _id(single, None)
        store.detectors[number] = AnomalyDetector(
            number, single, None, {"ExcludedTimeRanges": []}, None, now
        )


def _subject(params: Params) -> tuple[Params | None, Params | None]:
    """The single metric, in either form, or the metric math that a request is about."""
    legacy = {name: params[name] for name in _LEGACY if name in params}
    single, math = (
        params.get("SingleMetricAnomalyDetector"),
        params.get("MetricMathAnomalyDetector"),
    )
    given = [
        name
        for name, value in (
            (next(iter(legacy), ""), legacy or None),
            ("SingleMetricAnomalyDetector", single),
            ("MetricMathAnomalyDetector", math),
        )
        if value is not None
    ]
    if len(given) > 1:
        raise refusals.exclusive(given[0], given[1])
    if not given:
        raise refusals.missing("SingleMetricAnomalyDetector or MetricMathAnomalyDetector")
    return (single if single is not None else legacy or None), math


def _check_single(call: Call, single: Params) -> None:
    for name in ("Namespace", "MetricName", "Stat"):
        if name not in single:
            raise refusals.missing(name)
    single.setdefault("Dimensions", [])
    if not statistics.is_valid(single["Stat"]):
        raise refusals.invalid(f"The value {single['Stat']} for parameter Stat is not supported.")
    if single.get("AccountId", call.account) != call.account:
        raise refusals.invalid(
            f"The account {single['AccountId']} is not linked to this monitoring account "
            "(models of linked accounts' metrics are not emulated)"
        )


def _check_math(math: Params) -> None:
    queries = math.get("MetricDataQueries", [])
    if not queries:
        raise refusals.missing("MetricDataQueries")
    for query in queries:
        query.setdefault("ReturnData", True)
        if ("MetricStat" in query) == ("Expression" in query):
            raise refusals.invalid(
                f"Exactly one of MetricStat and Expression must be set for Id {query['Id']}"
            )
    if sum(query["ReturnData"] for query in queries) != 1:
        raise refusals.invalid(
            "Exactly one element of MetricDataQueries must have ReturnData set to true"
        )
    if sum("MetricStat" in query for query in queries) > MAX_METRICS:
        raise refusals.invalid(
            f"MetricDataQueries must not contain more than {MAX_METRICS} metrics"
        )
    ids = [query["Id"] for query in queries]
    if len(set(ids)) != len(ids):
        raise refusals.invalid("The values for parameter Id in MetricDataQueries are not unique")


def _check_configuration(configuration: Params) -> None:
    excluded = configuration.get("ExcludedTimeRanges", [])
    if len(excluded) > MAX_EXCLUDED:
        raise refusals.invalid(
            f"ExcludedTimeRanges must not contain more than {MAX_EXCLUDED} time ranges"
        )
    for span in excluded:
        if span["StartTime"] >= span["EndTime"]:
            raise refusals.invalid(
                "The StartTime of an excluded time range must be before its EndTime"
            )
    zone = configuration.get("MetricTimezone")
    if zone is not None and not _is_zone(zone):
        raise refusals.invalid(
            f"The value {zone} for parameter MetricTimezone is not a time zone of the tz database"
        )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _id(single: Params | None, math: Params | None) -> str:
    """What the model is of decides its identity: there is one for a metric and statistic."""
    subject = {k: v for k, v in (single or {}).items() if k != "AccountId"}
    dimensions = sorted(subject.get("Dimensions", []), key=lambda d: str(d["Name"]))
    text = json.dumps([subject | {"Dimensions": dimensions}, math], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:32]


def _is_asked_for(detector: AnomalyDetector, params: Params) -> bool:
    if "AnomalyDetectorIds" in params:
        return detector.id in params["AnomalyDetectorIds"]
    types = params.get("AnomalyDetectorTypes") or ["SINGLE_METRIC"]
    if detector.single is None:
        # The metric filters are for single metrics; metric math comes whole, when asked for.
        return "METRIC_MATH" in types
    single = detector.single
    return (
        "SINGLE_METRIC" in types
        and params.get("Namespace") in (None, single["Namespace"])
        and params.get("MetricName") in (None, single["MetricName"])
        and all(dimension in single["Dimensions"] for dimension in params.get("Dimensions", []))
    )


def _describe(detector: AnomalyDetector) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "AnomalyDetectorId": detector.id,
        "Configuration": detector.configuration,
        "StateValue": detector.state,
    }
    if detector.characteristics is not None:
        shown["MetricCharacteristics"] = detector.characteristics
    if detector.math is not None:
        return shown | {"MetricMathAnomalyDetector": detector.math}
    single = detector.single or {}
    # Recorded: a single metric is told in both forms.
    legacy = {name: single[name] for name in _LEGACY}
    return shown | legacy | {"SingleMetricAnomalyDetector": single}
