"""Whose calls wait until it is their turn."""

from __future__ import annotations

import threading

import pytest

from skyproof.emulator.gate import Visit
from skyproof.emulator.holding import Holding, named

SOON = 10.0
A, B = "a" * 32, "b" * 32


def request(name: str) -> dict[str, str]:
    [(variable, app_id)] = named(name).items()
    assert variable == "AWS_SDK_UA_APP_ID"
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "HTTP_USER_AGENT": f"Boto3/1.0 md/Botocore app/{app_id}",
    }


class Caller:
    """Sends a request from a thread of its own."""

    def __init__(self, holding: Holding, environ: dict[str, str]) -> None:
        self.answered = threading.Event()
        self._thread = threading.Thread(target=self._call, args=(holding, environ), daemon=True)
        self._thread.start()

    def _call(self, holding: Holding, environ: dict[str, str]) -> None:
        holding.wait(environ)
        self.answered.set()


@pytest.fixture
def holding() -> Holding:
    return Holding()


def test_who_is_held_waits_and_others_do_not(holding: Holding) -> None:
    holding.hold(A)
    held = Caller(holding, request(A))
    for environ in (request(B), {"HTTP_USER_AGENT": "Boto3/1.0"}, {}):
        assert Caller(holding, environ).answered.wait(SOON), environ
    assert not held.answered.is_set()
    holding.release(A)
    assert held.answered.wait(SOON)


def test_releasing_one_releases_no_other(holding: Holding) -> None:
    holding.hold(A)
    holding.hold(B)
    first, second = Caller(holding, request(A)), Caller(holding, request(B))
    holding.release(A)
    assert first.answered.wait(SOON)
    assert not second.answered.is_set()
    holding.close()
    assert second.answered.wait(SOON)


def test_who_can_be_held_is_still_known_as_of_inside() -> None:
    assert Visit.of(request(A)).nested


def test_botocore_keeps_the_whole_name() -> None:
    """It cuts what is longer than 50: https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html"""
    [app_id] = named(A).values()
    assert len(app_id) <= 50
