"""The actions of alarms: which ARNs CloudWatch takes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from typing import Any

from skyproof.emulator.service import Call
from skyproof.emulator.services.cloudwatch import refusals

KINDS = ("OKActions", "AlarmActions", "InsufficientDataActions")
#: The services in the ARNs that composite, band and other metric alarms take.
OF_COMPOSITES = frozenset(("sns", "lambda", "ssm", "ssm-incidents", "aiops"))
OF_BANDS = OF_COMPOSITES | {"automate", "swf"}
OF_METRICS = OF_BANDS | {"autoscaling"}


def check(call: Call, params: dict[str, Any], services: frozenset[str]) -> None:
    """Refuse actions that CloudWatch would refuse.

    Raises:
        AwsError: ValidationError, for what is no ARN, for another partition or Region and for a
            service that takes no alarm actions.
    """
    for kind in KINDS:
        for arn in params.get(kind, []):
            _check_one(call, arn, services)


def _check_one(call: Call, arn: str, services: frozenset[str]) -> None:
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        raise refusals.validation(f"Invalid arn syntax: {arn}")
    _, partition, service, region = parts[:4]
    # The text as recorded in
    # https://github.com/aws-samples/amazon-cloudwatch-auto-alarms/issues/61
    if partition != call.partition:
        raise refusals.validation(
            f"Invalid partition {partition} specified. Only {call.partition} is supported.",
        )
    if service not in services:
        raise refusals.validation(f"Invalid action: {arn}")
    # The text as recorded in https://github.com/cds-snc/notification-terraform/pull/128;
    # response plans have no Region.
    if region != call.region and not (service == "ssm-incidents" and region == ""):
        raise refusals.validation(
            f"Invalid region {region} specified. Only {call.region} is supported.",
        )
