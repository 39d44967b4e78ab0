"""How fast the emulated world's time passes, with the whole platform applied.

    python benchmarks/virtual_time.py [--hours 24] [--days 450] [--values 100000]

Three figures: a day with canaries, schedules and a datum a minute on 40 metrics; 450 days in which
nobody does anything, canaries stopped and schedules off; values per second that four clients put at
once, with none lost and alarms that watch them. Exits 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from skyproof.expect import EmulatedClock
from skyproof.session import Session
from skyproof.settings import resolve

COMPLETE = Path(__file__).parents[1] / "terraform" / "examples" / "complete"
SOURCES = ["111122223333", "444455556666"]
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
METRICS = 40
MOST_SECONDS_A_DAY, MOST_SECONDS_IDLE, FEWEST_VALUES_A_SECOND = 30, 5, 5_000
CLIENTS = 4
#: Of one PutMetricData: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
DATA_A_CALL = 1_000


class Healthy(BaseHTTPRequestHandler):
    """What the canaries ask."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Requests are not shown."""


def a_day(session: Session, clock: EmulatedClock, hours: float) -> float:
    """Seconds for a day, as the hours that were run say."""
    cloudwatch = session.backend.client("cloudwatch")
    now = clock.now()
    clock.advance(timedelta(minutes=5))  # functions are warm from here on, as on AWS
    started = time.perf_counter()
    for minute in range(int(hours * 60)):
        moment = now + timedelta(minutes=5 + minute)
        data = [
            {"MetricName": f"Metric{number}", "Timestamp": moment, "Value": (minute + number) % 13}
            for number in range(METRICS)
        ]
        cloudwatch.put_metric_data(Namespace="Payments", MetricData=data)
        clock.advance(timedelta(minutes=1))
    return (time.perf_counter() - started) * 24 / hours


def idle(session: Session, clock: EmulatedClock, days: float) -> float:
    """Seconds for days in which nothing is asked for, after one in which all comes to rest."""
    for region in ("us-east-1", "us-west-2"):
        synthetics = session.backend.client("synthetics", region)
        for canary in synthetics.describe_canaries()["Canaries"]:
            if canary["Status"]["State"] == "RUNNING":
                synthetics.stop_canary(Name=canary["Name"])
    events = session.backend.client("events")
    for rule in events.list_rules()["Rules"]:
        if "ScheduleExpression" in rule:
            events.disable_rule(Name=rule["Name"])
    clock.advance(timedelta(days=1))
    started = time.perf_counter()
    clock.advance(timedelta(days=days))
    return time.perf_counter() - started


def values_a_second(session: Session, clock: EmulatedClock, count: int) -> tuple[float, int]:
    """How many values a second four clients put, and how many of them can be read back."""
    moment, client = clock.now(), session.backend.client("cloudwatch")
    calls = [
        [
            {"MetricName": f"Load{number % METRICS}", "Timestamp": moment, "Value": 1.0}
            for number in range(DATA_A_CALL)
        ]
        for _ in range(count // DATA_A_CALL)
    ]
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(
            clients.map(
                lambda data: client.put_metric_data(Namespace="Load", MetricData=data), calls
            )
        )
    took = time.perf_counter() - started
    read = sum(
        point["SampleCount"]
        for number in range(METRICS)
        for point in client.get_metric_statistics(
            Namespace="Load",
            MetricName=f"Load{number}",
            StartTime=moment - timedelta(minutes=1),
            EndTime=moment + timedelta(minutes=1),
            Period=60,
            Statistics=["SampleCount"],
        )["Datapoints"]
    )
    return count / took, int(read)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=24, help="how much of the day is run")
    parser.add_argument("--days", type=float, default=450)
    parser.add_argument("--values", type=int, default=100_000)
    options = parser.parse_args()
    web = ThreadingHTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    variables: dict[str, Any] = {
        "environment_suffix": "bench",
        "source_account_ids": SOURCES,
        "endpoint_urls": [f"http://127.0.0.1:{web.server_port}/health"],
    }
    session = Session(resolve())
    try:
        clock = session.backend.clock()
        assert isinstance(clock, EmulatedClock)
        clock.set(BEGIN, mode="manual")
        session.apply(COMPLETE, variables)
        day = a_day(session, clock, options.hours)
        print(f"a day: {day:.1f} s (at most {MOST_SECONDS_A_DAY}), {options.hours:g} h of it run")
        rate, read = values_a_second(session, clock, options.values)
        print(f"values: {rate:.0f} a second (at least {FEWEST_VALUES_A_SECOND}), {read} read back")
        rest = idle(session, clock, options.days)
        print(f"{options.days:g} idle days: {rest:.2f} s (at most {MOST_SECONDS_IDLE})")
    finally:
        session.close()
        web.shutdown()
    held = (
        day <= MOST_SECONDS_A_DAY,
        rate >= FEWEST_VALUES_A_SECOND,
        read == options.values,
        rest <= MOST_SECONDS_IDLE,
    )
    return int(not all(held))


if __name__ == "__main__":
    sys.exit(main())
