"""Made, read, changed, tagged and deleted over every protocol that its clients speak."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import botocore.session
import pytest
from botocore.exceptions import ClientError

from skyproof.emulator.server import Emulator
from tests.unit.skyproof.emulator.every_kind.aws import Aws, departures
from tests.unit.skyproof.emulator.every_kind.kinds import (
    KINDS,
    CloudFormationDetector,
    Kind,
    Tagged,
)

ACCOUNTS = count(100_000_000_001)


def protocols(service: str) -> list[str]:
    model = botocore.session.get_session().get_service_model(service)
    spoken: list[str] = model.metadata["protocols"]
    return spoken


CASES = [(kind, protocol) for kind in KINDS for protocol in protocols(kind.service)]
TAGGED = [(kind, protocol) for kind, protocol in CASES if issubclass(kind, Tagged)]


def names(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with Emulator() as emulator:
        yield emulator.endpoint


def one(kind: type[Kind], endpoint: str, protocol: str) -> Kind:
    """A kind in an account that nobody else has."""
    return kind(Aws(endpoint, str(next(ACCOUNTS)), kind.service, protocol))


@pytest.mark.parametrize(("kind", "protocol"), CASES, ids=names)
def test_its_life(kind: type[Kind], protocol: str, endpoint: str) -> None:
    thing = one(kind, endpoint, protocol)
    thing.create()
    made = thing.read()
    assert made is not None, "it was made and is not there"
    thing.update()
    changed = thing.read()
    assert changed is not None, "an update took it away"
    assert changed != made, "an update changed nothing"
    thing.delete()
    assert thing.read() is None, "it was deleted and is there"


@pytest.mark.parametrize(("kind", "protocol"), TAGGED, ids=names)
def test_its_tags(kind: type[Tagged], protocol: str, endpoint: str) -> None:
    thing = kind(Aws(endpoint, str(next(ACCOUNTS)), kind.service, protocol))
    thing.create()
    assert thing.tags() == {}
    thing.tag({"CostCenter": "42", "Environment": "test"})
    thing.tag({"Environment": "prod"})
    assert thing.tags() == {"CostCenter": "42", "Environment": "prod"}
    thing.untag(["CostCenter"])
    assert thing.tags() == {"Environment": "prod"}


@pytest.mark.parametrize("protocol", protocols("cloudwatch"))
def test_an_alarms_history_tells_its_life(protocol: str, endpoint: str) -> None:
    aws = Aws(endpoint, str(next(ACCOUNTS)), "cloudwatch", protocol)
    thing = KINDS[0](aws)
    thing.create()
    thing.update()
    aws("cloudwatch").disable_alarm_actions(AlarmNames=["a"])
    items = aws("cloudwatch").describe_alarm_history(AlarmName="a")["AlarmHistoryItems"]
    kinds = [item["HistoryItemType"] for item in items]
    assert kinds.count("ConfigurationUpdate") >= 2, items


def test_an_unknown_type_is_refused_by_cloudformation(endpoint: str) -> None:
    aws = Aws(endpoint, str(next(ACCOUNTS)), "cloudformation", "query")
    template = CloudFormationDetector(aws).template().replace("AnomalyDetector", "Anomalies")
    with pytest.raises(ClientError) as caught:
        aws("cloudformation").create_stack(StackName="s", TemplateBody=template)
    assert "AWS::CloudWatch::Anomalies" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"Canary": {"Name": 1}}, ["GetCanary.Canary.Name is int, expected string"]),
        ({"Canary": {"Status": {"State": "READY"}}}, []),
    ],
)
def test_the_check_itself_finds_what_is_wrong(answer: object, expected: list[str]) -> None:
    model = botocore.session.get_session().get_service_model("synthetics")
    shape = model.operation_model("GetCanary").output_shape
    assert list(departures(shape, answer, "GetCanary")) == expected
