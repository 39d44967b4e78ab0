"""What the health of a LocalStack says, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from skyproof.backends.localstack.running import Running
from skyproof.backends.localstack.source import Health, health_of, until_ready
from skyproof.errors import SkyproofError
from tests.unit.skyproof.backends.localstack.conftest import FakeLocalStack


def source(fake: FakeLocalStack) -> Running:
    return Running(fake.url, "LOCALSTACK_ENDPOINT")


def test_version_and_services_are_read(fake: FakeLocalStack) -> None:
    assert until_ready(fake.url, source(fake)) == Health("4.9.2", frozenset({"sqs"}))


@pytest.mark.parametrize("health", [{}, [], {"version": "4.9.2"}, {"services": {}}, "fine"])
def test_what_has_another_health_is_no_localstack(fake: FakeLocalStack, health: Any) -> None:
    fake.health = health
    with pytest.raises(SkyproofError, match=f"What answers at {fake.url} is no LocalStack"):
        health_of(fake.url)


def test_one_before_3_is_too_old(fake: FakeLocalStack) -> None:
    fake.health = {"version": "2.3.2", "services": {}}
    with pytest.raises(SkyproofError, match=r"is 2\.3\.2: too old"):
        until_ready(fake.url, source(fake))


def test_what_ended_is_not_waited_for() -> None:
    class Ended(Running):
        def failure(self) -> SkyproofError | None:
            return SkyproofError("it ended")

    nobody = "http://127.0.0.1:9"
    with pytest.raises(SkyproofError, match="it ended"):
        until_ready(nobody, Ended(nobody, "LOCALSTACK_ENDPOINT"))
