"""What a copy of a world costs: the time until it answers, its memory, and what it leaves.

    python benchmarks/worlds.py [--platform] [--runs 50] [--drops 200]

The world is filled by boto3 with about as many resources as the platform has; ``--platform``
applies the platform itself, which takes minutes. Linux only: it reads ``/proc``. Exits 1 when a
goal is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skyproof.backends.emulated import Emulated
from skyproof.expect import EmulatedClock
from skyproof.session import Session
from skyproof.settings import resolve

PLATFORM = Path(__file__).parents[1] / "terraform"
SOURCES = ["111122223333", "444455556666"]
STACKS: tuple[tuple[Path, dict[str, Any]], ...] = (
    (
        PLATFORM / "examples" / "complete",
        {"environment_suffix": "first", "source_account_ids": SOURCES},
    ),
    (
        PLATFORM,
        {
            "environment_suffix": "twin",
            "environment": "prod",
            "endpoint_urls": ["https://twin.example.com/health"],
        },
    ),
)
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
REGIONS = ("us-east-1", "us-west-2")
MOST_MILLISECONDS, MOST_MB_GROWN = 50, 20
MB = 1024 * 1024


@dataclass
class Counted:
    """What the emulator's process holds."""

    processes: int
    threads: int
    descriptors: int
    listening: int
    memory: float

    @classmethod
    def of(cls, pid: int) -> Counted:
        processes = sum(_parent(one) == pid for one in Path("/proc").glob("[0-9]*"))
        return cls(
            processes,
            len(list(Path(f"/proc/{pid}/task").iterdir())),
            len(list(Path(f"/proc/{pid}/fd").iterdir())),
            _listening(),
            memory(pid, "Rss"),
        )


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0  # it has ended meanwhile


def _listening() -> int:
    """Sockets of this user's that listen on loopback, other programs' among them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[3] == "0A" for line in lines)


def memory(pid: int, *kinds: str) -> float:
    """MB of some kinds, as ``/proc/PID/smaps_rollup`` names them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return sum(sizes[kind] for kind in kinds)


def fill(world: Emulated) -> int:
    """Make about what the platform makes; how many resources that are."""
    made = 0
    for region in REGIONS:
        cloudwatch, logs = world.client("cloudwatch", region), world.client("logs", region)
        sns, sqs, s3 = (world.client(service, region) for service in ("sns", "sqs", "s3"))
        topic = sns.create_topic(Name="alerts")["TopicArn"]
        for number in range(45):
            cloudwatch.put_metric_alarm(
                AlarmName=f"errors-{number}",
                Namespace="Payments",
                MetricName=f"Errors{number}",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=3,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
                AlarmActions=[topic],
            )
        for number in range(15):
            logs.create_log_group(logGroupName=f"/app/{number}")
            queue = sqs.create_queue(QueueName=f"inbox-{number}")["QueueUrl"]
            sns.subscribe(
                TopicArn=topic,
                Protocol="sqs",
                Endpoint=f"arn:aws:sqs:{region}:{world.account}:{queue.rpartition('/')[2]}",
            )
        bucket = f"artifacts-{region}"
        s3.create_bucket(
            Bucket=bucket,
            **(
                {}
                if region == "us-east-1"
                else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            ),
        )
        s3.put_object(Bucket=bucket, Key="canary.zip", Body=bytes(MB))
        made += 1 + 45 + 15 * 3 + 2
    return made


def to_first_answer(world: Emulated) -> tuple[float, float, float]:
    """Milliseconds until a copy is there, until it has answered a client, and until it is gone."""
    started = time.perf_counter()
    copy = world.fork()
    made = time.perf_counter()
    copy.client("cloudwatch").describe_alarms(MaxRecords=10)
    answered = time.perf_counter()
    copy.stop()
    ended = time.perf_counter()
    return (made - started) * 1000, (answered - started) * 1000, (ended - answered) * 1000


def measure(world: Emulated, pid: int, runs: int, drops: int) -> bool:
    """Print the figures; whether the goals are met."""
    world.client("cloudwatch").describe_alarms(MaxRecords=10)
    taken = [to_first_answer(world) for _ in range(runs)]
    there, answered, gone = (statistics.median(column) for column in zip(*taken, strict=True))
    print(f"a copy: there in {there:.1f} ms, has answered in {answered:.1f} ms (at most ", end="")
    fastest = min(times[1] for times in taken)
    print(f"{MOST_MILLISECONDS}; the fastest {fastest:.1f}), gone in {gone:.1f} ms; ", end="")
    print(f"medians of {runs}")
    copy = world.fork()
    copy.client("cloudwatch").describe_alarms()
    own = memory(copy.pid or 0, "Private_Clean", "Private_Dirty")
    rss = memory(copy.pid or 0, "Rss")
    print(f"memory: {memory(pid, 'Rss'):.0f} MB the emulator; a copy {rss:.0f} MB, ", end="")
    print(f"of which {own:.1f} MB its own")
    copy.stop()
    worlds, before = world.worlds(), Counted.of(pid)
    started = time.perf_counter()
    for _ in range(drops):
        worlds.fork().drop()
    took = time.perf_counter() - started
    after = Counted.of(pid)
    print(f"{drops} made and dropped in {took:.1f} s")
    print(f"  before: {before}\n  after:  {after}")
    held = astuple(before)[:3] == astuple(after)[:3]
    return held and answered <= MOST_MILLISECONDS and after.memory - before.memory <= MOST_MB_GROWN


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--platform", action="store_true", help="apply the platform")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--drops", type=int, default=200)
    options = parser.parse_args()
    session = Session(resolve())
    try:
        world = session.backend
        assert isinstance(world, Emulated)
        clock = world.clock()
        assert isinstance(clock, EmulatedClock)
        clock.set(BEGIN, mode="manual")
        if options.platform:
            for stack, variables in STACKS:  # the second uses the first's observability sink
                session.apply(stack, variables)
            print(f"the platform and its twin: {session.resources} resources")
        else:
            print(f"{fill(world)} resources")
        return int(not measure(world, getattr(world, "pid", 0), options.runs, options.drops))
    finally:
        session.close()


if __name__ == "__main__":
    sys.exit(main())
