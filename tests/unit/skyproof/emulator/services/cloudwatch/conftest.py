"""CloudWatch in a world whose clock stands still until a test turns it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.clock import Clock
from skyproof.emulator.world import World

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock(world: World) -> Clock:
    world.clock.set(START, "manual")
    return world.clock


@pytest.fixture
def cloudwatch(client: Callable[..., Any], clock: Clock) -> Any:
    """A boto3 client, us-east-1, the default account."""
    return client("cloudwatch")


Refused = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture
def refused() -> Refused:
    """``with refused(code, message)``: the call inside is refused in exactly these words."""

    @contextmanager
    def expect(code: str, message: str) -> Iterator[None]:
        with pytest.raises(ClientError) as caught:
            yield
        error = caught.value.response["Error"]
        assert (error["Code"], error.get("Message", "")) == (code, message)

    return expect


PutAlarm = Callable[..., None]


@pytest.fixture
def put_alarm(cloudwatch: Any) -> PutAlarm:
    """``put_alarm(name, **changes)``: a metric alarm; ``None`` takes a parameter out."""

    def put(name: str = "cpu", **changes: Any) -> None:
        cloudwatch.put_metric_alarm(**metric_alarm(name, **changes))

    return put


def metric_alarm(name: str = "cpu", **changes: Any) -> dict[str, Any]:
    params = {
        "AlarmName": name,
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 90.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return {key: value for key, value in (params | changes).items() if value is not None}
