"""From an edit to the verdict: the wall-clock seconds of ``skyproof test`` over what stands.

    python benchmarks/edit_loop.py [--platform] [--runs 3]

Without ``--platform`` it is a stack of a queue, an alarm and a function. Each run edits, tests, and
takes the edit back; what stands is never changed. The test asks for one alarm, which takes 0.1 s.
Exits 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLATFORM = Path(__file__).parents[1] / "terraform"
SMALL = """
resource "aws_sqs_queue" "orders" { name = "orders" }

resource "aws_cloudwatch_metric_alarm" "deep" {
  alarm_name          = "orders-deep"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.orders.name }
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  period              = 60
  statistic           = "Maximum"
  threshold           = 100
}

resource "aws_iam_role" "work" {
  name = "work"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_lambda_function" "work" {
  function_name    = "work"
  role             = aws_iam_role.work.arn
  runtime          = "python3.12"
  handler          = "work.handler"
  filename         = "${path.module}/work.zip"
  source_code_hash = filebase64sha256("${path.module}/work.zip")
}
"""
FILE = "test_alarms.py"
THRESHOLD = "threshold of one alarm changed"
FUNCTION = "source of a function changed"
TEST = """
import pytest

pytestmark = pytest.mark.stack({path!r}, variables={variables!r})


def test_alarms_stand(stack):
    assert stack.client("cloudwatch").describe_alarms(MaxRecords=1)["MetricAlarms"]
"""


@dataclass(frozen=True)
class Edit:
    """One edit: in which file, what becomes of its content, and the goal in seconds."""

    name: str
    file: str
    change: Callable[[bytes], bytes]
    goal: float


@dataclass(frozen=True)
class Project:
    """A stack, and the edits that are made to it."""

    path: str
    variables: Mapping[str, Any]
    edits: tuple[Edit, ...]


UNCHANGED = (
    Edit("nothing changed", FILE, lambda code: code, 2),
    Edit("test changed", FILE, lambda code: code + b"# edited\n", 2),
)


def small(folder: Path) -> Project:
    stack = folder / "stack"
    stack.mkdir()
    (stack / "main.tf").write_text(SMALL)
    (stack / "work.zip").write_bytes(zipped("return 1"))
    alarm = Edit(THRESHOLD, "stack/main.tf", replacing(b"= 100", b"= 200"), 6)
    function = Edit(FUNCTION, "stack/work.zip", lambda _: zipped("return 2"), 8)
    return Project("stack", {}, (alarm, function))


def platform(folder: Path) -> Project:
    shutil.copytree(PLATFORM, folder / "terraform", ignore=shutil.ignore_patterns(".terraform"))
    variables = {"source_account_ids": ["111122223333", "444455556666"]}
    modules = "terraform/modules"
    changed = replacing(b"threshold = 3,", b"threshold = 4,")
    alarm = Edit(THRESHOLD, f"{modules}/alarms/main.tf", changed, 6)
    source = f"{modules}/metric-processor/src/metric_processor.py"
    function = Edit(FUNCTION, source, lambda code: code + b"# edited\n", 8)
    return Project("terraform/examples/complete", variables, (alarm, function))


def zipped(body: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("work.py", f"def handler(event, context):\n    {body}\n")
    return content.getvalue()


def replacing(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert before in content, f"{before!r} is not there any more"
        return content.replace(before, after, 1)

    return change


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"SKYPROOF_HOME": str(folder / "home")}
    done = subprocess.run(
        [sys.executable, "-m", "skyproof", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stdout}\n{done.stderr}")
    return done.stderr


def measured(folder: Path, edit: Edit, runs: int) -> float:
    file = folder / edit.file
    original, took, told = file.read_bytes(), [], ""
    for _ in range(runs):
        file.write_bytes(edit.change(original))
        started = time.monotonic()
        told = run(folder, "test", "-q", "-p", "no:randomly", FILE)
        took.append(time.monotonic() - started)
        file.write_bytes(original)
    assert "stands, " in told, told
    return statistics.median(took)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    missed = False
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        project = platform(folder) if options.platform else small(folder)
        test = TEST.format(path=project.path, variables=dict(project.variables))
        (folder / FILE).write_text(test)
        given = [f"--var={name}={json.dumps(value)}" for name, value in project.variables.items()]
        started = time.monotonic()
        run(folder, "up", project.path, *given)
        print(f"{'up':34}{time.monotonic() - started:6.1f} s")
        try:
            for edit in (*UNCHANGED, *project.edits):
                seconds = measured(folder, edit, options.runs)
                missed |= seconds > edit.goal
                print(f"{edit.name:34}{seconds:6.1f} s   goal {edit.goal:g}")
        finally:
            run(folder, "down", "--all")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
