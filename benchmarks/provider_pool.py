"""What warm providers save, against ``terraform`` itself, tftest and pytest-terraform.

    python benchmarks/provider_pool.py [STACK] [--variables JSON] [--runs 3]
        [--pytest-terraform PYTHON] [--differential] [--ways plain,skyproof]

All work on the same stack and one emulator, in turns, each with nothing left of the others'. Prints
medians in seconds, and how many times as fast as plain ``terraform`` that is. Each run of skyproof
begins with an empty pool: "validate" and "plan" pay for starting providers and for the first
answers, "again" does not. ``cycle`` is init, plan, apply, plan again and destroy.

``processor`` is the processor time of Terraform and of what were its children: of Terraform alone
where providers are warm, which is what is left when providers cost nothing.

``fixed waits`` is what no harness can save: the longest chain of resources, along the state's
``depends_on``, of what each took to create and to delete at the least in any way and run.

pytest-terraform is used where a Python that has it is named (``python -m venv X &&
X/bin/pip install pytest-terraform``); it has no validate.

``--differential`` also compares plans and states of plain and skyproof, without ids and times.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import tftest

from skyproof.session import Session
from skyproof.settings import resolve
from skyproof.terraform import Stack
from skyproof.terraform.runner import messages
from skyproof.terraform.timing import resource_times

STEPS = (
    *("init", "validate", "validate again", "plan", "plan again"),
    *("apply", "refresh plan", "destroy"),
)
CYCLE = ("init", "plan", "apply", "refresh plan", "destroy")
CHEAP = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
provider "aws" { region = "us-east-1" }
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
resource "aws_ssm_parameter" "east" {
  count = 8
  name  = "/cheap/${count.index}"
  type  = "String"
  value = aws_sns_topic.bell[0].arn
}
resource "aws_cloudwatch_log_group" "west" {
  count    = 8
  provider = aws.west
  name     = "/cheap/${count.index}"
}
resource "aws_sns_topic" "bell" {
  count = 4
  name  = "cheap-${count.index}"
}
resource "aws_cloudwatch_metric_alarm" "high" {
  count               = 10
  alarm_name          = "cheap-${count.index}"
  namespace           = "Cheap"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = count.index
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.bell[0].arn]
}
"""
# pytest-terraform's own runner, in its own Python; a plan is applied as its apply() does it.
PYTEST_TERRAFORM = """
import json, sys, time
from pytest_terraform.tf import TerraformRunner
folder, terraform = sys.argv[1:]
runner = TerraformRunner(folder, folder + "/terraform.tfstate", tf_bin=terraform)
plan = folder + "/tfplan"
steps = {
    "init": runner.init,
    "plan": lambda: runner.plan(plan),
    "plan again": lambda: runner.plan(plan),
    "apply": lambda: runner._run_cmd(runner._get_cmd_args("apply", plan=plan)),
    "refresh plan": runner.plan,
    "destroy": runner.destroy,
}
for name, step in steps.items():
    begun = time.perf_counter()
    step()
    print("\\0", json.dumps([name, time.perf_counter() - begun]), flush=True)
"""

Run = Callable[[list[str]], str]


@dataclass
class Seen:
    """What a way saw beside its times: what is compared, and what bounds it."""

    plan: Any = None
    state: Any = None
    took: dict[tuple[str, str], float] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def take(self, stream: str) -> None:
        for one in resource_times(messages(stream)):
            key = (one.address, one.action)
            self.took[key] = min(self.took.get(key, one.seconds), one.seconds)


@dataclass(frozen=True)
class Bench:
    """The stack, the emulator, and the tools."""

    session: Session
    stack: Path
    variables: Mapping[str, Any]
    pytest_terraform: Path | None
    seen: dict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))

    def copy(self, folder: str, *, warm: bool = False) -> Stack:
        return Stack.copy_of(
            self.stack,
            self.session.toolchain,
            self.session.backend.environment(),
            self.variables,
            into=Path(folder) / "copy",
            pool=self.session.pool if warm else None,
        )


def steps(run: Run, seen: Seen) -> dict[str, float]:
    """Seconds of each step, by what runs one command and returns its output."""
    at_once = ["-input=false", "-json", "-parallelism=32"]
    commands = {
        "init": ["init", "-input=false"],
        "validate": ["validate", "-json"],
        "validate again": ["validate", "-json"],
        "plan": ["plan", *at_once, "-out=x.tfplan"],
        "plan again": ["plan", *at_once, "-out=x.tfplan"],
        "apply": ["apply", *at_once, "x.tfplan"],
        "refresh plan": ["plan", *at_once, "-detailed-exitcode"],
        "destroy": ["destroy", *at_once, "-auto-approve"],
    }
    took = {}
    for step, command in commands.items():
        if step == "apply":
            seen.plan = json.loads(run(["show", "-json", "x.tfplan"]))
        begun, used = time.perf_counter(), _used()
        said = run(command)
        took[step] = time.perf_counter() - begun
        seen.processor[step].append(_used() - used)
        if step == "apply":
            seen.state = json.loads(run(["show", "-json"]))
        if step in ("apply", "destroy"):
            seen.take(said)
    return took


def _used() -> float:
    """Processor seconds of the children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def plain(bench: Bench, folder: str) -> dict[str, float]:
    """``terraform``, as one would type it."""
    stack = bench.copy(folder)
    binary, environment = str(stack.toolchain.binary.path), stack._environment()

    def run(command: list[str]) -> str:
        done = subprocess.run(
            [binary, *command],
            cwd=stack.workspace.folder,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return done.stdout

    return steps(run, bench.seen["plain"])


def with_tftest(bench: Bench, folder: str) -> dict[str, float]:
    """tftest's own commands."""
    stack = bench.copy(folder)
    where = str(stack.workspace.folder)
    theirs = tftest.TerraformTest(where, basedir="/", binary=str(stack.toolchain.binary.path))
    theirs.env = stack._environment()
    return steps(lambda command: str(theirs.execute_command(*command).out), bench.seen["tftest"])


def with_pytest_terraform(bench: Bench, folder: str) -> dict[str, float]:
    """pytest-terraform's runner."""
    stack = bench.copy(folder)
    script = Path(folder) / "steps.py"
    script.write_text(PYTEST_TERRAFORM)
    done = subprocess.run(
        [str(bench.pytest_terraform), str(script), str(stack.workspace.folder), *_terraform(stack)],
        env=stack._environment(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("\0")]
    return dict(json.loads(line[1:]) for line in lines)


def _terraform(stack: Stack) -> list[str]:
    return [str(stack.toolchain.binary.path)]


def with_skyproof(bench: Bench, folder: str) -> dict[str, float]:
    """skyproof's runner, with a pool that is empty at first."""
    stack = bench.copy(folder, warm=True)
    try:
        return steps(lambda command: str(_run(stack, command)), bench.seen["skyproof"])
    finally:
        bench.session.close_pool()


def _run(stack: Stack, command: list[str]) -> str:
    return str(stack._run(command, good=(0, 2)).out)


WAYS = {
    "plain": plain,
    "tftest": with_tftest,
    "pytest-terraform": with_pytest_terraform,
    "skyproof": with_skyproof,
}


def fixed_waits(state: Any, seen: Iterable[Seen]) -> float:
    """Seconds of the longest chain of creations, and of deletions, each at its shortest."""
    least: dict[tuple[str, str], float] = {}
    for one in seen:
        for (address, action), seconds in one.took.items():
            # Instances of one resource wait alike; the shortest one waited for nobody else.
            key = (re.sub(r"\[[^]]*\]", "", address), action)
            least[key] = min(least.get(key, seconds), seconds)
    needs = {
        re.sub(r"\[[^]]*\]", "", one["address"]): {
            re.sub(r"\[[^]]*\]", "", other) for other in one.get("depends_on", ())
        }
        for one in _resources(state["values"]["root_module"])
    }

    @cache
    def chain(address: str, action: str) -> float:
        before = (chain(other, action) for other in needs.get(address, ()))
        return least.get((address, action), 0.0) + max(before, default=0.0)

    return sum(max(chain(one, action) for one in needs) for action in ("create", "delete"))


def _resources(module: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def alike(value: Any) -> Any:
    """A plan or state without what differs from run to run: ids, digests, times, orders of sets."""
    text = json.dumps(value, sort_keys=True)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)", "TIME", text)
    # What aws_iam_policy_document calls its id is a digest of a text with other ids in it.
    text = re.sub(r'"id": "\d+"', '"id": "ID"', text)
    # A version is there or not, as an object is put after or before its bucket's versioning.
    text = re.sub(r'"(unique_id|version_id)": "\w*"', r'"\1": "ID"', text)
    text = re.sub(r"\b[0-9a-f-]{16,}\b|\b(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{12,}\b", "ID", text)
    return json.loads(text, object_hook=_in_order)


def _in_order(read: dict[str, Any]) -> dict[str, Any]:
    for name in ("child_modules", "depends_on", "relevant_attributes"):
        if isinstance(read.get(name), list):
            read[name].sort(key=lambda one: one["address"] if name == "child_modules" else str(one))
    return read


def differences(plain: Any, pooled: Any) -> list[str]:
    """The lines in which two values differ, written as JSON."""
    one, other = (json.dumps(v, sort_keys=True, indent=1).splitlines() for v in (plain, pooled))
    return list(difflib.unified_diff(one, other, "plain", "pooled", lineterm=""))


def show(medians: Mapping[str, Mapping[str, float]]) -> None:
    columns = (*STEPS, "cycle")
    print(f"{'seconds':17}" + "".join(f"{step:>16}" for step in columns))
    for name, took in medians.items():
        cells = (f"{took[step]:16.2f}" if step in took else f"{'-':>16}" for step in columns)
        print(f"{name:17}" + "".join(cells))
    print("times as fast as plain")
    for name, took in medians.items():
        ratios = (
            f"{medians['plain'][step] / took[step]:16.1f}" if step in took else f"{'-':>16}"
            for step in columns
        )
        print(f"{name:17}" + "".join(ratios))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("stack", nargs="?", type=Path)
    parser.add_argument("--variables", type=json.loads, default={})
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--pytest-terraform", type=Path, metavar="PYTHON")
    parser.add_argument("--differential", action="store_true")
    options = parser.parse_args()
    ways = {name: WAYS[name] for name in options.ways.split(",")}
    if options.pytest_terraform is None:
        ways.pop("pytest-terraform", None)

    with tempfile.TemporaryDirectory() as scratch:
        stack = options.stack or Path(scratch) / "cheap"
        if options.stack is None:
            stack.mkdir()
            (stack / "main.tf").write_text(CHEAP)
        session = Session(resolve({"provider_pool": "on"}, environ=os.environ))
        bench = Bench(session, stack, options.variables, options.pytest_terraform)
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        try:
            for _ in range(options.runs):
                for name, way in ways.items():
                    with tempfile.TemporaryDirectory() as folder:
                        taken[name].append(way(bench, folder))
        finally:
            session.close()
    medians = {name: _medians(runs) for name, runs in taken.items()}
    show(medians)
    print("processor")
    for name, seen in bench.seen.items():
        used = (f"{statistics.median(seen.processor[step]):16.2f}" for step in STEPS)
        print(f"{name:17}" + "".join(used))
    print(f"warm providers: {session.providers}")
    waits = fixed_waits(bench.seen["skyproof"].state, bench.seen.values())
    ratio = medians["skyproof"]["cycle"] / waits
    print(f"fixed waits {waits:.1f} s: skyproof's cycle takes {ratio:.2f} times as long")
    if options.differential:
        return compare(bench.seen["plain"], bench.seen["skyproof"])
    return 0


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    medians = {step: statistics.median(run[step] for run in runs) for step in runs[0]}
    return {**medians, "cycle": sum(medians[step] for step in CYCLE)}


def compare(plain: Seen, pooled: Seen) -> int:
    found = [
        *differences(alike(plain.plan), alike(pooled.plan)),
        *differences(alike(plain.state), alike(pooled.state)),
    ]
    print(f"plan and state of plain and skyproof differ in {len(found)} lines")
    print("\n".join(line[:200] for line in found[:200]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
