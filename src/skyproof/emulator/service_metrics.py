"""How services report on themselves: metrics in the ``AWS/…`` namespaces.

Callers of PutMetricData may not write there; services may.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyproof.emulator.world import World


def publish(
    world: World,
    account: str,
    region: str,
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    value: float,
    unit: str,
) -> None:
    """Add one value, now."""
    from skyproof.emulator.services.cloudwatch.service import CloudWatch

    cloudwatch = CloudWatch.of(world)
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
        "Timestamp": world.clock.now(),
        "Value": value,
        "Unit": unit,
    }
    with world.lock:
        cloudwatch.accept(account, region, namespace, [datum])
