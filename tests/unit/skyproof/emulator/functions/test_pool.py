"""Which environment an invocation gets."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from skyproof.emulator.functions import Definition, PackageError, Pool, Throttled, pool
from tests.unit.skyproof.emulator.functions.conftest import NOW, REQUEST, define

#: Answers its process; with a path as event it first waits until someone writes there.
CODE = """
import os
def handler(event, context):
    if event:
        with open(event["ready"], "w") as ready: ready.write("x")
        open(event["wait"]).read()
    return os.getpid()
"""


@pytest.fixture
def environments() -> Iterator[Pool]:
    environments = Pool()
    yield environments
    environments.close()


def definition() -> Definition:
    return define(CODE)


def never() -> Definition:
    raise AssertionError("no new environment was needed")


def pid(environments: Pool, key: str, **arguments: Any) -> int:
    values: dict[str, Any] = {"definition": definition, "payload": b"", **arguments}
    outcome = environments.invoke(key, request_id=REQUEST, now=NOW, **values)
    assert outcome.error is None, outcome.payload
    return int(outcome.payload)


class Busy:
    """An invocation that runs as long as the block does."""

    def __init__(self, environments: Pool, key: str, folder: Path) -> None:
        self._ready, self._wait = folder / f"{key}-ready", folder / f"{key}-wait"
        for path in (self._ready, self._wait):
            path.unlink(missing_ok=True)
            os.mkfifo(path)
        event = {"ready": str(self._ready), "wait": str(self._wait)}
        self._executor = ThreadPoolExecutor(1)
        self.pid = self._executor.submit(pid, environments, key, payload=json.dumps(event).encode())

    def __enter__(self) -> Busy:
        self._ready.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self._wait.write_text("x")
        self.pid.result()
        self._executor.shutdown()


def test_a_warm_environment_is_used_again(environments: Pool) -> None:
    assert pid(environments, "a:1") == pid(environments, "a:1", definition=never)


def test_keys_do_not_share_environments(environments: Pool) -> None:
    assert pid(environments, "a:1") != pid(environments, "a:2")


def test_a_busy_environment_is_not_shared(environments: Pool, tmp_path: Path) -> None:
    first = pid(environments, "a:1")
    with Busy(environments, "a:1", tmp_path) as busy:
        second = pid(environments, "a:1")
    assert busy.pid.result() == first != second
    assert pid(environments, "a:1", definition=never) == first


def test_as_many_as_the_limit_may_be_busy(environments: Pool, tmp_path: Path) -> None:
    with Busy(environments, "a:1", tmp_path):
        with pytest.raises(Throttled):
            pid(environments, "a:1", limit=1)
        pid(environments, "a:1", limit=2)
        pid(environments, "b:1", limit=1)
    pid(environments, "a:1", limit=1)
    with pytest.raises(Throttled):
        pid(environments, "a:1", limit=0)


def test_an_environment_that_crashed_is_replaced(environments: Pool) -> None:
    code = "import os\ndef handler(event, context): os._exit(1)"
    outcome = environments.invoke(
        "a:1", lambda: define(code), b"", request_id=REQUEST, now=NOW, limit=1
    )
    assert outcome.error == "Unhandled"
    pid(environments, "a:1", limit=1)


def test_a_package_that_cannot_be_unpacked_takes_no_place(environments: Pool) -> None:
    with pytest.raises(PackageError):
        pid(environments, "a:1", definition=lambda: define("", package=b""), limit=1)
    pid(environments, "a:1", limit=1)


def test_what_is_forgotten_starts_anew(environments: Pool) -> None:
    first, other = pid(environments, "a:1"), pid(environments, "b:1")
    environments.forget("a:")
    assert pid(environments, "a:1") != first
    assert pid(environments, "b:1", definition=never) == other


def test_what_is_forgotten_while_busy_finishes(environments: Pool, tmp_path: Path) -> None:
    with Busy(environments, "a:1", tmp_path) as busy:
        environments.forget("a:")
    assert pid(environments, "a:1") != busy.pid.result()


def test_beyond_the_total_the_one_idle_longest_goes(
    environments: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "MAX_ENVIRONMENTS", 2)
    first, second = pid(environments, "a:1"), pid(environments, "b:1")
    assert pid(environments, "a:1") == first
    pid(environments, "c:1")
    assert pid(environments, "a:1", definition=never) == first
    assert pid(environments, "b:1") != second


def test_many_threads_may_invoke_at_once(environments: Pool) -> None:
    with ThreadPoolExecutor(8) as executor:
        pids = list(executor.map(lambda _: pid(environments, "a:1"), range(64)))
    assert 1 <= len(set(pids)) <= 8


def test_closing_ends_also_what_runs(environments: Pool, tmp_path: Path) -> None:
    ready, outcomes = tmp_path / "ready", []
    os.mkfifo(ready)
    event = json.dumps({"ready": str(ready), "wait": str(ready)}).encode()

    def hang() -> None:
        outcomes.append(environments.invoke("a:1", definition, event, request_id=REQUEST, now=NOW))

    thread = threading.Thread(target=hang)
    thread.start()
    ready.read_text()
    environments.close()
    environments.close()
    thread.join(10)
    assert b"signal: killed" in outcomes[0].payload
    with pytest.raises(RuntimeError, match="closed"):
        pid(environments, "a:1")


def test_what_was_begun_runs_before_it_is_waited_for(environments: Pool, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    tells = define(f"def handler(event, context): open({str(ready)!r}, 'w').write('x')")
    begun = environments.begin("a:1", lambda: tells, b"", request_id=REQUEST, now=NOW)
    assert ready.read_text() == "x"
    assert environments.end(begun).error is None


def test_a_duration_is_the_functions_own(environments: Pool) -> None:
    """Not that of what was done before it was waited for."""
    slow = define("import select\ndef handler(event, context): select.select([], [], [], 0.5)")
    begun = environments.begin("a:1", definition, b"", request_id=REQUEST, now=NOW)
    other = environments.invoke("b:1", lambda: slow, b"", request_id=REQUEST, now=NOW)
    assert other.duration >= 0.5
    assert environments.end(begun).duration < 0.5


def test_it_is_crowded_when_more_are_busy_than_are_kept(
    environments: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "MAX_ENVIRONMENTS", 1)
    seen, begun = [], []
    for key in ("a:1", "b:1"):
        begun.append(environments.begin(key, definition, b"", request_id=REQUEST, now=NOW))
        seen.append(environments.is_crowded)
    for one in begun:
        environments.end(one)
    seen.append(environments.is_crowded)
    assert seen == [False, True, False]
