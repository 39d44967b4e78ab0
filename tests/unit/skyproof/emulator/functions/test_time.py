"""The clock of a function is the world's, and sleeping costs nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.skyproof.emulator.functions.conftest import NOW, Start, call, failure, result

CLOCKS = """
import datetime, time
from datetime import datetime as imported_by_name
from time import time as time_by_name

WAYS = {
    "time.time": lambda: time.time(),
    "from time import time": lambda: time_by_name(),
    "time.time_ns": lambda: time.time_ns() / 1e9,
    "datetime.now": lambda: datetime.datetime.now(datetime.timezone.utc).timestamp(),
    "from datetime import datetime": lambda: imported_by_name.now().timestamp(),
    "datetime.utcnow": lambda: (
        datetime.datetime.utcnow().replace(tzinfo=datetime.timezone.utc).timestamp()
    ),
    "datetime.today": lambda: datetime.datetime.today().timestamp(),
    "time.gmtime": lambda: __import__("calendar").timegm(time.gmtime()),
    "time.localtime": lambda: time.mktime(time.localtime()),
    "time.strftime": lambda: time.mktime(
        time.strptime(time.strftime("%Y-%m-%dT%H:%M:%S"), "%Y-%m-%dT%H:%M:%S")
    ),
}
def handler(event, context):
    return {name: way() for name, way in WAYS.items()}
"""


def test_every_clock_shows_the_worlds_time(start: Start) -> None:
    environment = start(CLOCKS)
    for now in (NOW, datetime(2001, 1, 1, tzinfo=UTC), NOW + timedelta(days=400)):
        shown = result(call(environment, now=now))
        for name, seconds in shown.items():
            assert 0 <= seconds - now.timestamp() < 5, name


def test_the_import_of_a_module_sees_the_worlds_time_too(start: Start) -> None:
    code = """
import time
imported = time.time()
def handler(event, context): return [imported, time.time()]
"""
    imported, invoked = result(call(start(code)))
    assert NOW.timestamp() <= imported < invoked < NOW.timestamp() + 5


def test_time_flows_as_the_function_works(start: Start) -> None:
    code = """
import time
def handler(event, context):
    first, real = time.time(), time.perf_counter()
    while time.perf_counter() - real < 0.02: pass
    return time.time() - first
"""
    assert 0.02 <= result(call(start(code))) < 1


@pytest.mark.parametrize(
    "sleep",
    [
        "import time; pause = time.sleep",
        "from time import sleep as pause",
        "import asyncio; pause = lambda seconds: asyncio.run(asyncio.sleep(seconds))",
    ],
)
def test_sleeping_moves_the_time_on_without_waiting(start: Start, sleep: str) -> None:
    code = f"""
import time
{sleep}
def handler(event, context):
    began, left = time.time(), context.get_remaining_time_in_millis()
    pause(20)
    return [time.time() - began, left - context.get_remaining_time_in_millis()]
"""
    environment = start(code)
    call(environment)
    began = time.monotonic()
    outcome = call(environment)
    assert time.monotonic() - began < 10
    slept, spent = result(outcome)
    assert 20 <= slept < 25
    assert 20_000 <= spent < 25_000
    assert 20 <= outcome.duration < 25
    assert outcome.billed >= 20_000


def test_the_tasks_of_a_loop_sleep_at_the_same_time(start: Start) -> None:
    code = """
import asyncio, time
async def nap(seconds, woken):
    await asyncio.sleep(seconds)
    woken.append(seconds)
async def naps(woken):
    await asyncio.gather(nap(5, woken), nap(1, woken), nap(3, woken))
def handler(event, context):
    began, woken = time.time(), []
    asyncio.run(naps(woken))
    return [woken, time.time() - began]
"""
    woken, seconds = result(call(start(code)))
    assert woken == [1, 3, 5]
    assert 5 <= seconds < 7


def test_beside_a_thread_that_works_sleeping_is_waiting(start: Start) -> None:
    code = """
import threading, time
def handler(event, context):
    done = threading.Event()
    worker = threading.Thread(target=lambda: done.wait(0.2))
    worker.start()
    polls = 0
    while worker.is_alive():
        time.sleep(0.01)
        polls += 1
    return polls
"""
    assert 1 <= result(call(start(code))) <= 25


@pytest.mark.parametrize("seconds", ["-1", "float('nan')"])
def test_no_time_goes_back_by_sleeping(start: Start, seconds: str) -> None:
    code = f"import time\ndef handler(event, context): time.sleep({seconds})"
    assert failure(call(start(code)))["errorType"] == "ValueError"


@pytest.mark.parametrize("seconds", ["3", "1e300", "float('inf')"])
def test_sleeping_beyond_the_timeout_exceeds_it(start: Start, seconds: str) -> None:
    code = f"import time\ndef handler(event, context):\n print('x')\n time.sleep({seconds})"
    began = time.monotonic()
    outcome = call(start(code, timeout=3))
    assert time.monotonic() - began < 3
    assert outcome.exceeded
    assert outcome.duration == 3
    assert outcome.lines == ("x",)


def test_slept_and_worked_seconds_count_together(start: Start) -> None:
    code = """
import time
def handler(event, context):
    time.sleep(29.8)
    while True: pass
"""
    began = time.monotonic()
    assert call(start(code)).exceeded
    assert time.monotonic() - began < 10


# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: the init phase has
# ten seconds, or those of the function where it has more.
@pytest.mark.parametrize(("timeout", "exceeded"), [(3, True), (30, False)])
def test_an_import_may_take_ten_seconds_or_the_timeout(
    start: Start, timeout: float, exceeded: bool
) -> None:
    code = "import time\ntime.sleep(12)\ndef handler(event, context): pass"
    outcome = call(start(code, timeout=timeout))
    assert outcome.exceeded == exceeded
    assert outcome.init is not None
    assert 10 <= outcome.init < 15


def test_real_waits_stay_real(start: Start) -> None:
    code = """
import socket, threading, time
def handler(event, context):
    began = time.monotonic()
    time.sleep(20)
    unmoved = time.monotonic() - began
    left, right = socket.socketpair()
    left.settimeout(0.05)
    try:
        left.recv(1)
    except TimeoutError:
        pass
    threading.Event().wait(0.05)
    return [unmoved, time.monotonic() - began]
"""
    unmoved, waited = result(call(start(code)))
    assert unmoved < 5
    assert waited >= 0.1
