"""Log anomaly detectors.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogAnomalyDetector.html
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from skyproof.emulator.clock import milliseconds
from skyproof.emulator.errors import AwsError
from skyproof.emulator.paging import page
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import keys
from skyproof.emulator.services.logs.lookup import group_identified
from skyproof.emulator.services.logs.store import AnomalyDetector, Store
from skyproof.emulator.services.logs.validation import invalid, not_found, operation

MAX_DETECTORS = 500
#: "If you omit this, the default of 21 days is used."
VISIBILITY_DAYS = 21
_CHANGEABLE = ("evaluationFrequency", "filterPattern", "anomalyVisibilityTime")


class AnomalyDetectors:
    """The operations on log anomaly detectors; they find no anomalies."""

    stores: Regional[Store]

    @operation("CreateLogAnomalyDetector")
    def create_log_anomaly_detector(self, call: Call, params: Params) -> Result:
        detectors = self.stores.of(call).detectors
        arns = params["logGroupArnList"]
        if len(arns) != 1:
            # "Only one log group can be specified in this list today."
            raise invalid("logGroupArnList must hold exactly one log group.")
        group = group_identified(self.stores, call, arns[0])
        if len(detectors) >= MAX_DETECTORS:
            raise AwsError("LimitExceededException", "Resource limit exceeded.")
        arn = call.arn("logs", f"anomaly-detector:{uuid4()}")
        if "kmsKeyId" in params:
            keys.check(call, params["kmsKeyId"], arn)
        settings = {name: value for name, value in params.items() if name != "tags"}
        settings = {"anomalyVisibilityTime": VISIBILITY_DAYS, **settings}
        settings["logGroupArnList"] = [group.arn]
        now = call.world.clock.now()
        detectors[arn] = AnomalyDetector(arn, settings, dict(params.get("tags", {})), now, now)
        return {"anomalyDetectorArn": arn}

    @operation("GetLogAnomalyDetector")
    def get_log_anomaly_detector(self, call: Call, params: Params) -> Result:
        return _described(self._detector(call, params))

    @operation("ListLogAnomalyDetectors")
    def list_log_anomaly_detectors(self, call: Call, params: Params) -> Result:
        wanted = params.get("filterLogGroupArn", "").removesuffix(":*")
        found, more = page(
            [
                _described(one) | {"anomalyDetectorArn": one.arn}
                for one in self.stores.of(call).detectors.values()
                if not wanted or wanted in one.settings["logGroupArnList"]
            ],
            params.get("limit", 50),
            params.get("nextToken"),
            code="InvalidParameterException",
            member="nextToken",
        )
        return {"anomalyDetectors": found, **more}

    @operation("UpdateLogAnomalyDetector")
    def update_log_anomaly_detector(self, call: Call, params: Params) -> Result:
        detector = self._detector(call, params)
        detector.settings |= {name: params[name] for name in _CHANGEABLE if name in params}
        detector.modified = call.world.clock.now()
        if not params["enabled"]:
            detector.status = "PAUSED"
        elif detector.status == "PAUSED":
            detector.status = "INITIALIZING"
        return {}

    @operation("DeleteLogAnomalyDetector")
    def delete_log_anomaly_detector(self, call: Call, params: Params) -> Result:
        del self.stores.of(call).detectors[self._detector(call, params).arn]
        return {}

    @operation("ListAnomalies")
    def list_anomalies(self, call: Call, params: Params) -> Result:
        if "anomalyDetectorArn" in params:
            self._detector(call, params)
        return {"anomalies": []}

    def _detector(self, call: Call, params: Params) -> AnomalyDetector:
        detector = self.stores.of(call).detectors.get(params["anomalyDetectorArn"])
        if detector is None:
            raise not_found("The specified anomaly detector does not exist.")
        return detector


def _described(detector: AnomalyDetector) -> dict[str, Any]:
    return detector.settings | {
        "anomalyDetectorStatus": detector.status,
        "creationTimeStamp": milliseconds(detector.created),
        "lastModifiedTimeStamp": milliseconds(detector.modified),
    }
