"""Terraform's AWS provider against a strict emulator: its signatures and its retries."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from skyproof.terraform import Stack
from skyproof.terraform.discovery import find_mirror, find_terraform
from skyproof.terraform.toolchain import Toolchain
from tests.unit.skyproof.emulator.strict.conftest import (
    SECRET,
    USER_KEY,
    Start,
    Strict,
    described,
    statement,
)

pytestmark = pytest.mark.terraform

CONFIGURATION = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region            = "eu-west-1"
  s3_use_path_style = true
}
resource "aws_iam_policy" "app" {
  name   = "app"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}
resource "aws_cloudwatch_log_group" "app" { name = "/app/one" }
resource "aws_cloudwatch_metric_alarm" "app" {
  alarm_name          = "app: errors & more"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "Errors"
  namespace           = "App"
  period              = 60
  statistic           = "Sum"
  threshold           = 0
}
"""


@pytest.fixture
def watch() -> SimpleNamespace:
    """Real time, for Terraform waits in it."""
    return SimpleNamespace(now=time.monotonic)


def stack_of(tmp_path: Path, strict: Strict) -> Stack:
    source = tmp_path / "app"
    source.mkdir()
    (source / "main.tf").write_text(CONFIGURATION.replace("/app/one", "/app/one"))
    environment = {
        "AWS_ENDPOINT_URL": strict.endpoint,
        "AWS_ACCESS_KEY_ID": USER_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    toolchain = Toolchain(find_terraform(), find_mirror(), timeout=120)
    stack = Stack.copy_of(source, toolchain, environment, {}, into=tmp_path / "copy")
    stack.init()
    return stack


def test_a_stack_is_applied_on_a_bad_day(start: Start, tmp_path: Path) -> None:
    # With this seed the first CreateLogGroup loses its connection, the first PutMetricAlarm is
    # throttled, and neither of them the second time.
    everything = statement(Action="*", Resource="*")
    faults = {"throttle": 0.1, "resets": 0.1, "seed": 103}
    strict = start(described(everything, consistency_seconds=1, **faults))
    stack = stack_of(tmp_path, strict)
    assert stack.apply().added == 3
    counts = strict.counts()
    assert min(counts["throttled"], counts["resets"], counts["stale"]) > 0, counts
    assert (counts["refused"], counts["expired"]) == (0, 0)
