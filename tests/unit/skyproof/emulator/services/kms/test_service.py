"""The rotation of a key as it was ordered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.clock import Clock
from skyproof.emulator.services.kms.service import Rotation
from tests.unit.skyproof.emulator.conftest import MONDAY


@pytest.fixture
def kms(client: Callable[..., Any], still: Clock) -> Any:
    del still
    return client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    made: str = kms.create_key()["KeyMetadata"]["KeyId"]
    return made


def status(kms: Any, key: str) -> dict[str, Any]:
    answer = kms.get_key_rotation_status(KeyId=key)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_key_is_not_rotated_until_it_is_ordered(kms: Any, key: str) -> None:
    assert status(kms, key) == {"KeyId": key, "KeyRotationEnabled": False}


@pytest.mark.parametrize(("ordered", "days"), [({}, 365), ({"RotationPeriodInDays": 90}, 90)])
def test_a_rotation_has_a_period_and_a_next_date(
    kms: Any, key: str, ordered: dict[str, int], days: int
) -> None:
    kms.enable_key_rotation(KeyId=key, **ordered)
    assert status(kms, key) == {
        "KeyId": key,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": days,
        "NextRotationDate": MONDAY + timedelta(days=days),
    }


def test_another_period_takes_the_place_of_the_first(kms: Any, key: str) -> None:
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    assert status(kms, key)["RotationPeriodInDays"] == 180


def test_the_next_date_moves_on_with_time(kms: Any, key: str, still: Clock) -> None:
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    still.advance(250 * 86400)
    assert status(kms, key)["NextRotationDate"] == MONDAY + timedelta(days=300)


def test_a_rotation_that_was_disabled_has_no_date(kms: Any, key: str) -> None:
    kms.enable_key_rotation(KeyId=key)
    kms.disable_key_rotation(KeyId=key)
    assert status(kms, key) == {"KeyId": key, "KeyRotationEnabled": False}


def test_a_key_may_be_named_by_its_arn(kms: Any, key: str) -> None:
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=arn, RotationPeriodInDays=90)
    assert status(kms, arn) == status(kms, key)
    assert status(kms, key)["RotationPeriodInDays"] == 90


def test_a_replica_shares_the_rotation_of_its_key(client: Callable[..., Any], kms: Any) -> None:
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert status(client("kms", "eu-west-1"), key) == status(kms, key)


@pytest.mark.parametrize("days", [89, 2561])
def test_a_period_that_aws_does_not_take_is_refused(kms: Any, key: str, days: int) -> None:
    with pytest.raises(ClientError, match="'rotationPeriodInDays' failed to satisfy constraint"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days)
    assert status(kms, key)["KeyRotationEnabled"] is False


def test_a_key_that_is_not_there_is_refused(kms: Any) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        kms.enable_key_rotation(KeyId="0123abcd-01ab-01ab-01ab-0123456789ab")


@given(days=st.integers(90, 2560), passed=st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_the_next_rotation_is_the_first_to_come(days: int, passed: timedelta) -> None:
    now = MONDAY + passed
    following = Rotation(days, MONDAY).after(now)
    assert now < following <= now + timedelta(days=days)
    assert (following - MONDAY) % timedelta(days=days) == timedelta(0)
