"""Runs that are killed at a random moment, and whether what is left of them can be finished.

A run of its own applies, tests and destroys a small stack in an emulator that stands for a real
account: it lives on when the run dies. One of the run's processes is killed; then the run is
finished by its watcher alone or by ``skyproof reap``, and everything is held against what there was
before. Beside it stand things of others, some of them named and tagged as if they were a run's.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import boto3
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.lifecycle import Inventory, take
from skyproof.lifecycle.journal import Phase
from skyproof.lifecycle.runs import all_runs

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "us-west-2")
# The account's lock stays when all runs are over (docs/sandbox.md).
LOCK = "/skyproof/lock/"
ANOTHER_RUN = "20260105T000000-zzzzzz"
# Far above what a run of the small stack takes on a machine that is busy with others.
LONGEST_SECONDS = 240.0
LOOK_SECONDS = 0.02

STACK = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "suffix" { type = string }
provider "aws" { region = "us-east-1" }
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
resource "aws_cloudwatch_log_group" "each" {
  count = 4
  name  = "/orders/${var.suffix}/${count.index}"
}
resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors-${var.suffix}"
  log_group_name = aws_cloudwatch_log_group.each[0].name
  pattern        = "ERROR"
  metric_transformation {
    name      = "Errors"
    namespace = "orders-${var.suffix}"
    value     = "1"
  }
}
resource "aws_sns_topic" "alerts" { name = "alerts-${var.suffix}" }
resource "aws_sns_topic" "west" {
  provider = aws.west
  name     = "alerts-${var.suffix}"
}
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors-${var.suffix}"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Errors"
  namespace           = "orders-${var.suffix}"
  period              = 60
  statistic           = "Sum"
  threshold           = 0
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "orders-${var.suffix}"
  dashboard_body = jsonencode({ widgets = [] })
}
resource "aws_iam_role" "this" {
  name               = "orders-${var.suffix}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}
resource "aws_iam_role_policy" "this" {
  name   = "logs"
  role   = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }]
  })
}
resource "aws_s3_bucket" "archive" {
  bucket        = "archive-${var.suffix}"
  force_destroy = true
}
resource "aws_s3_object" "readme" {
  bucket  = aws_s3_bucket.archive.id
  key     = "readme"
  content = "hello"
}
output "suffix" { value = var.suffix }
"""
# What a function or a canary would do: things that Terraform never hears of.
TESTS = """
import os
import pathlib
import threading

import pytest

pytestmark = pytest.mark.stack("module", variables={"suffix": "{skyproof_suffix}"})


def test_something_is_made_by_the_way(stack):
    suffix = stack.outputs["suffix"]
    stack.client("logs").create_log_group(logGroupName=f"/aws/lambda/orders-{suffix}")
    stack.client("s3").put_object(Bucket=f"archive-{suffix}", Key="late", Body=b"late")


def test_that_is_at_work_for_a_while(stack):
    pathlib.Path(os.environ["AT_WORK"]).touch()
    threading.Event().wait(float(os.environ["WORKS_SECONDS"]))
    suffix = stack.outputs["suffix"]
    stack.client("logs").delete_log_group(logGroupName=f"/aws/lambda/orders-{suffix}")
"""


class Victim(StrEnum):
    """Which process of the run is killed."""

    PYTEST = "pytest"
    WORKER = "worker"
    TERRAFORM = "terraform"
    PROVIDER = "provider"


class When(StrEnum):
    """In which part of the run."""

    APPLY = "apply"
    TEST = "test"
    DESTROY = "destroy"


@dataclass(frozen=True)
class Point:
    """One moment to kill at.

    Attributes:
        delay: seconds after the part began, or a little later where the victim starts later.
        reaped_by: ``watcher`` alone, or ``command`` after the watcher was killed too.
    """

    victim: Victim
    when: When
    delay: float
    reaped_by: str

    def __str__(self) -> str:
        return f"{self.victim} {self.delay:.2f} s into {self.when}, reaped by {self.reaped_by}"


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        hit: whether the victim was there to be killed; a run may be over before.
        left: what is there and was not before the run.
        lost: what was there before the run and is gone.
        lies: what the journal did not tell and should have.
    """

    point: Point
    hit: bool = False
    left: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def is_clean(self) -> bool:
        return not (self.left or self.lost or self.lies)

    def __str__(self) -> str:
        what = [*(f"left: {one}" for one in self.left), *(f"lost: {one}" for one in self.lost)]
        return "\n  ".join([f"{self.point}: {'hit' if self.hit else 'missed'}", *what, *self.lies])


def points(number: int, seed: int) -> Iterator[Point]:
    """Random points, every sort of victim and part in turn."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    sorts = [
        (Victim.PYTEST, When.APPLY),
        (Victim.TERRAFORM, When.APPLY),
        (Victim.PROVIDER, When.APPLY),
        (Victim.WORKER, When.APPLY),
        (Victim.PYTEST, When.TEST),
        (Victim.WORKER, When.TEST),
        (Victim.PYTEST, When.DESTROY),
        (Victim.TERRAFORM, When.DESTROY),
        (Victim.PROVIDER, When.DESTROY),
        (Victim.WORKER, When.DESTROY),
    ]
    for index in range(number):
        victim, when = sorts[index % len(sorts)]
        reaped_by = ("watcher", "command")[index // len(sorts) % 2]
        yield Point(victim, when, chance.uniform(0, longest(when)), reaped_by)


def longest(when: When) -> float:
    """Seconds into a part of the run within which it is killed; an apply takes 3 s at least."""
    return 0.5 if when is When.TEST else 2.5


class Account:
    """An account in an emulator of its own process, with things of others in it.

    Args:
        environment: leads boto3 and Terraform there.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        session = boto3.session.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=REGIONS[0],
        )
        made: dict[tuple[str, str], Any] = {}

        def client(service: str, region: str | None = None, _account: str | None = None) -> Any:
            key = (service, region or REGIONS[0])
            if key not in made:
                url = environment["AWS_ENDPOINT_URL"]
                made[key] = session.client(service, region_name=key[1], endpoint_url=url)
            return made[key]

        self.client = client
        self._settle()

    def inventory(self) -> Inventory:
        seen = take(self.client, [ACCOUNT], REGIONS)
        items = frozenset(one for one in seen.items if not one.name.startswith(LOCK))
        return Inventory(items, seen.accounts, seen.regions)

    def _settle(self) -> None:
        """Neighbours: untagged, of another run, with a name like a suffix, all to be left alone."""
        tags = {"skyproof:run": ANOTHER_RUN, "skyproof:expires": "2026-01-05T04:00:00+00:00"}
        self.client("sqs").create_queue(QueueName="orders", tags={"team": "payments"})
        self.client("sns").create_topic(Name="alerts-zzzzzz")
        self.client("logs", "us-west-2").create_log_group(logGroupName="/orders/live", tags=tags)
        self.client("s3").create_bucket(Bucket="archive-of-the-team")
        self.client("s3").put_object(Bucket="archive-of-the-team", Key="ledger", Body=b"1")


class Trial:
    """One run in a folder of its own, killed at one point and finished."""

    def __init__(self, folder: Path, account: Account, point: Point) -> None:
        self._folder = folder
        self._account = account
        self._outcome = Outcome(point)
        self._point = point
        self._home = folder / "home"
        self._at_work = folder / "at-work"
        self._said = folder / "said"

    def run(self) -> Outcome:
        """Run, kill, finish, compare."""
        before = self._account.inventory()
        with self._running() as process:
            if self._reach(process):
                self._kill(process)
            self._watch_out(before)
            process.wait(LONGEST_SECONDS)
        self._finish()
        after = self._account.inventory()
        self._outcome.left = [str(one) for one in after - before]
        self._outcome.lost = [str(one) for one in before - after]
        if survivors := self._processes():
            self._outcome.lies.append(f"processes outlived the run: {survivors}")
        self._outcome.said = self._said.read_text(errors="replace")[-4000:]
        return self._outcome

    @contextmanager
    def _running(self) -> Iterator[subprocess.Popen[bytes]]:
        (self._folder / "module").mkdir(parents=True)
        (self._folder / "module" / "main.tf").write_text(STACK)
        (self._folder / "test_orders.py").write_text(TESTS)
        (self._folder / "pytest.ini").write_text("[pytest]\n")
        workers = ["-n", "1"] if self._point.victim is Victim.WORKER else []
        with self._said.open("wb") as said:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly"),
                    *("-p", "no:cacheprovider", "--skyproof-backend=sandbox"),
                    f"--skyproof-sandbox-accounts={ACCOUNT}",
                    "--skyproof-reap-after=0",
                    *workers,
                ],
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _environment(self) -> dict[str, str]:
        works = 30.0 if self._point.when is When.TEST else 0.0
        return {
            **os.environ,
            **self._account.environment,
            "SKYPROOF_HOME": str(self._home),
            "TMPDIR": str(self._folder),
            "AT_WORK": str(self._at_work),
            "WORKS_SECONDS": str(works),
        }

    def _reach(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the point; false when the run ended before."""
        if not _until(lambda: self._has_begun() or process.poll() is not None, LONGEST_SECONDS):
            raise AssertionError(f"{self._point} never came:\n{self._said.read_text()}")
        _until(lambda: process.poll() is not None, self._point.delay)
        _until(lambda: bool(self._victims(process)) or process.poll() is not None, LONGEST_SECONDS)
        return process.poll() is None

    def _has_begun(self) -> bool:
        if self._point.when is When.TEST:
            return self._at_work.exists()
        wanted = Phase.APPLYING if self._point.when is When.APPLY else Phase.DESTROYING
        return self._phase() is wanted

    def _phase(self) -> Phase | None:
        stories = [folder.story() for folder in all_runs(self._home)]
        phases = [entry.phase for story in stories for entry in story.stacks.values()]
        return phases[-1] if phases else None

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        if self._point.reaped_by == "command":
            _kill(self._named("watcher.py"))
        victims = self._victims(process)
        self._outcome.hit = bool(victims)
        _kill(victims)

    def _victims(self, process: subprocess.Popen[bytes]) -> list[int]:
        match self._point.victim:
            case Victim.PYTEST:
                return [process.pid]
            case Victim.WORKER:
                # How execnet starts a worker of pytest-xdist.
                return [pid for pid in self._named("exec(eval(") if _parent(pid) == process.pid]
            case Victim.TERRAFORM:
                return self._named("terraform")
            case Victim.PROVIDER:
                return self._named("terraform-provider-aws")

    def _watch_out(self, before: Inventory) -> None:
        """What stands in the account after the kill must be in an open stack of a journal."""
        new = self._account.inventory() - before
        stories = [folder.story() for folder in all_runs(self._home)]
        if new and not any(story.open for story in stories):
            again = self._account.inventory() - before  # it may have been just then destroyed
            if again and not all_runs(self._home):
                told = ", ".join(str(one) for one in again)
                self._outcome.lies.append(f"no journal tells of {told}")

    def _finish(self) -> None:
        """The watchers of dead processes work by themselves; where they are dead too, we do."""
        if self._point.reaped_by == "watcher":
            _until(lambda: not self._at_work_still(), LONGEST_SECONDS)
        if all_runs(self._home):
            done = self._reap()
            if done.returncode:
                self._outcome.lies.append(f"reap ended with {done.returncode}: {done.stdout}")
        if left := all_runs(self._home):
            self._outcome.lies.append(f"journals are left: {[one.id for one in left]}")

    def _at_work_still(self) -> bool:
        return bool(self._named("watcher.py") or self._named("skyproof.lifecycle.reaper"))

    def _reap(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "skyproof", "reap"],
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )

    def _named(self, part: str) -> list[int]:
        """Processes of this trial whose program or first arguments hold a text."""
        return [pid for pid, words in self._processes().items() if _is_named(words, part)]

    def _processes(self) -> dict[int, list[str]]:
        """Processes of the trial, by what their environment tells, and their command lines."""
        mark = f"AT_WORK={self._at_work}".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    found[int(process.name)] = words
        return found


def _is_named(words: list[str], part: str) -> bool:
    program = Path(words[0]).name
    if part == "terraform":
        return program == part
    return program.startswith(part) or any(part in word for word in words[1:5])


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _until(true: Callable[[], bool], seconds: float) -> bool:
    waiting = Retrying(
        retry=retry_if_result(lambda done: not done),
        wait=wait_fixed(LOOK_SECONDS),
        stop=stop_after_delay(seconds),
        retry_error_callback=lambda _: False,
    )
    return bool(waiting(true))
