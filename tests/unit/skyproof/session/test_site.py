"""A sandbox is one run's alone, until that is closed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from skyproof.backends.embedded import Embedded
from skyproof.errors import ExitCode, SkyproofError
from skyproof.session import Session
from tests.unit.skyproof.conftest import ACCOUNT
from tests.unit.skyproof.session.conftest import SANDBOX


def test_a_run_holds_its_sandbox_until_it_is_closed(aws: Embedded) -> None:
    first, second, third = Session(SANDBOX), Session(SANDBOX), Session(SANDBOX)
    assert first.backend.account == ACCOUNT
    for _ in range(2):
        with pytest.raises(SkyproofError, match=f"Account {ACCOUNT} is held by run {first.run.id}"):
            _ = second.backend
    first.close()
    assert third.backend.account == ACCOUNT
    third.close()


def test_a_worker_relies_on_its_controllers_hold(aws: Embedded) -> None:
    controller, worker = Session(SANDBOX), Session(SANDBOX, leads=False)
    assert controller.backend.account == worker.backend.account
    worker.close()
    with pytest.raises(SkyproofError, match=f"is held by run {controller.run.id}"):
        _ = Session(SANDBOX).backend
    controller.close()


def test_a_backend_that_does_not_start_is_not_tried_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def start() -> None:
        tried.append("start")
        raise SkyproofError("There is no LocalStack.", exit_code=ExitCode.ENVIRONMENT)

    monkeypatch.setattr("skyproof.session.site.create", lambda *_: SimpleNamespace(start=start))
    for _ in range(2):
        with pytest.raises(SkyproofError, match="There is no LocalStack"):
            session.backend  # noqa: B018 (starts it)
    assert tried == ["start"]
