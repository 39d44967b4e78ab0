"""Warm providers give what Terraform's own way gives: plans, states, diagnostics, exit codes."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.session import Session
from skyproof.settings import resolve
from skyproof.terraform import Stack, TerraformError
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.pool.binaries import provider_binaries
from tests.integration.backends import ON_ITS_OWN

pytestmark = ON_ITS_OWN

ACCOUNTS = {"plain": "100000000001", "pooled": "100000000002"}
REGIONS = ("us-east-1", "us-west-2")
ASSUMED = {"payments": "111122223333", "trading": "444455556666"}
# The environment of every provider of one way carries it.
MARK = "SKYPROOF_TEST_WAY"
GONE_SECONDS = 5

MakeStack = Callable[..., Stack]

HEAD = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
provider "aws" {
  default_tags {
    tags = { Team = "observability" }
  }
}
"""
SOUND = f"""{HEAD}
provider "aws" {{
  alias  = "west"
  region = "us-west-2"
}}
variable "names" {{ type = set(string) }}
data "aws_caller_identity" "me" {{}}
data "aws_region" "west" {{ provider = aws.west }}
module "west" {{
  source    = "./west"
  providers = {{ aws = aws.west }}
  label     = "${{data.aws_caller_identity.me.account_id}}-${{data.aws_region.west.name}}"
}}
resource "aws_ssm_parameter" "each" {{
  for_each = var.names
  name     = "/sound/${{each.key}}"
  type     = "String"
  value    = provider::aws::arn_parse(aws_sns_topic.bell.arn).region
}}
resource "aws_sns_topic" "bell" {{ name = "bell" }}
resource "aws_cloudwatch_metric_alarm" "high" {{
  alarm_name          = "high"
  namespace           = "Shop"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanThreshold"
  alarm_actions       = [aws_sns_topic.bell.arn]
}}
moved {{
  from = aws_sqs_queue.old
  to   = aws_sqs_queue.older
}}
output "west" {{ value = module.west.arn }}
"""
WEST = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
variable "label" { type = string }
resource "aws_cloudwatch_log_group" "this" {
  name              = "/west/${var.label}"
  retention_in_days = 7
}
output "arn" { value = aws_cloudwatch_log_group.this.arn }
"""
INVALID = f"""{HEAD}
resource "aws_ssm_paramter" "typo" {{ name = "x" }}
resource "aws_ssm_parameter" "lacks" {{ nmae = "x" }}
data "aws_sns_topic_policy" "none" {{}}
resource "aws_cloudwatch_log_group" "days" {{ retention_in_days = 8 }}
"""
REFUSED = f"""{HEAD}
provider "aws" {{
  alias = "nobody"
  assume_role {{ role_arn = "nobody" }}
}}
resource "aws_sns_topic" "x" {{ provider = aws.nobody }}
"""
FAILS_LATE = f"""{HEAD}
resource "aws_cloudwatch_log_group" "first" {{ name = "/twice" }}
resource "aws_cloudwatch_log_group" "second" {{
  name       = "/twice"
  depends_on = [aws_cloudwatch_log_group.first]
}}
"""
# Between two resources of one provider something happens: to the provider, or to Terraform.
BETWEEN = """
resource "aws_ssm_parameter" "before" {
  name  = "/%(name)s/before"
  type  = "String"
  value = "x"
}
resource "terraform_data" "between" {
  input = aws_ssm_parameter.before.arn
  provisioner "local-exec" {
    command = "%(command)s"
  }
}
resource "aws_ssm_parameter" "after" {
  name  = "/%(name)s/after"
  type  = "String"
  value = terraform_data.between.output
}
"""
CRASHES = HEAD + BETWEEN % {"name": "crash", "command": f"'{sys.executable}' kill.py; sleep 1"}
INTERRUPTED = HEAD + BETWEEN % {"name": "interrupt", "command": "kill -INT $PPID; exec sleep 60"}
KILL = f"""
import os, pathlib, signal
way = f"{MARK}={{os.environ['{MARK}']}}".encode()
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        name = (process / "comm").read_text()
        environment = (process / "environ").read_bytes().split(b"\\0")
    except OSError:
        continue
    if name.startswith("terraform-provi") and way in environment:
        os.kill(int(process.name), signal.SIGKILL)
"""
FOUR = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
variable "home" { type = string }
variable "away" { type = string }
locals { role = "role/OrganizationAccountAccessRole" }
provider "aws" { region = var.home }
provider "aws" {
  alias  = "away"
  region = var.away
}
provider "aws" {
  alias  = "payments"
  region = var.home
  assume_role { role_arn = "arn:aws:iam::111122223333:${local.role}" }
}
provider "aws" {
  alias  = "trading"
  region = var.away
  assume_role { role_arn = "arn:aws:iam::444455556666:${local.role}" }
}
resource "aws_cloudwatch_log_group" "home" {
  count = 3
  name  = "/four/${count.index}"
}
resource "aws_cloudwatch_log_group" "away" {
  provider = aws.away
  count    = 3
  name     = "/four/${count.index}"
}
resource "aws_cloudwatch_log_group" "payments" {
  provider = aws.payments
  count    = 3
  name     = "/${var.home}/${count.index}"
}
resource "aws_cloudwatch_log_group" "trading" {
  provider = aws.trading
  count    = 3
  name     = "/${var.home}/${count.index}"
}
"""


TWO_PROVIDERS = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    stubborn = {
      source = "acme/stubborn"
    }
  }
}
provider "aws" {}
provider "stubborn" {}
resource "aws_sns_topic" "warm" { name = "warm" }
resource "aws_ssm_parameter" "plain" {
  provider = stubborn
  name     = "/plain"
  type     = "String"
  value    = "x"
}
"""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A run of its own, in which falling back would be an error."""
    made = Session(resolve({"provider_pool": "on", "parallelism": "4"}, environ=dict(os.environ)))
    yield made
    # What is left stands in this run's own world and ends with it.
    made.close()


@pytest.fixture
def stack(session: Session, tmp_path: Path) -> MakeStack:
    """``stack(way, configuration)``: an initialised stack, plain or with warm providers."""

    def make(way: str, configuration: str, account: str = "", **variables: Any) -> Stack:
        source = tmp_path / "source" / way
        source.mkdir(parents=True)
        (source / "main.tf").write_text(configuration)
        (source / "kill.py").write_text(KILL)
        (source / "west").mkdir()
        (source / "west" / "main.tf").write_text(WEST)
        account = account or ACCOUNTS[way]
        environment = session.backend.environment() | {"AWS_ACCESS_KEY_ID": account, MARK: way}
        made = Stack.copy_of(
            source,
            session.toolchain,
            environment,
            variables,
            into=tmp_path / "copies" / way,
            pool=None if way == "plain" else session.pool,
        )
        made.init()
        return made

    return make


def told(way: str, value: Any) -> Any:
    """A value without what must differ between the ways: account, times and names of one run."""
    text = json.dumps(value, sort_keys=True).replace(ACCOUNTS[way], "ACCOUNT")
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID", text)
    text = re.sub(r'"(timestamp|serial)": ("[^"]*"|\d+)', r'"\1": 0', text)
    return json.loads(text, object_hook=_in_order)


def _in_order(read: dict[str, Any]) -> dict[str, Any]:
    """Terraform writes some sets in any order."""
    for name in ("relevant_attributes", "sensitive_attributes"):
        if name in read:
            read[name].sort(key=str)
    return read


def differences(plain: Any, pooled: Any) -> list[str]:
    """The lines in which two values differ, written as JSON."""
    one, other = (json.dumps(v, sort_keys=True, indent=1).splitlines() for v in (plain, pooled))
    return list(difflib.unified_diff(one, other, "plain", "pooled", lineterm=""))


def state_of(stack: Stack) -> Any:
    return json.loads(stack.workspace.state.read_text())


def both(act: Callable[[str], Any]) -> tuple[Any, Any]:
    """What the two ways give."""
    plain, pooled = (told(way, act(way)) for way in ("plain", "pooled"))
    return plain, pooled


def failure(command: Callable[[], Any]) -> list[str]:
    """What a command fails with; Terraform tells what it found at once in any order."""
    with pytest.raises(TerraformError) as caught:
        command()
    return sorted(caught.value.what.splitlines())


def test_a_sound_stack_has_the_same_plan_and_state(stack: MakeStack) -> None:
    stacks = {}

    def act(way: str) -> list[Any]:
        made = stack(way, SOUND, names=["a", "b"])
        plan = made.plan()._raw
        applied = made.apply()
        state = state_of(made)
        stacks[way] = made
        return [plan, state, made.has_changes(), applied.added]

    plain, pooled = both(act)
    assert differences(plain, pooled) == []
    assert plain[2:] == [False, 5]
    assert stacks["pooled"].destroy().removed == 5
    assert state_of(stacks["pooled"])["resources"] == []


@pytest.mark.parametrize("configuration", [INVALID, REFUSED], ids=["invalid", "refused"])
def test_what_is_invalid_is_refused_in_the_same_words(stack: MakeStack, configuration: str) -> None:
    plain, pooled = both(lambda way: failure(stack(way, configuration).validate))
    assert differences(plain, pooled) == []
    if configuration == INVALID:
        assert 'Did you mean "aws_ssm_parameter"?' in "\n".join(pooled)


@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        pytest.param(FAILS_LATE, "ResourceAlreadyExistsException", id="fails late"),
        pytest.param(
            CRASHES,
            "request was cancelled",
            id="crashes",
            marks=pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc"),
        ),
        pytest.param(INTERRUPTED, "execution halted", id="interrupted"),
    ],
)
def test_what_fails_fails_alike_and_leaves_the_same_state(
    stack: MakeStack, configuration: str, says: str
) -> None:
    stacks = {}

    def act(way: str) -> list[Any]:
        stacks[way] = stack(way, configuration)
        return [failure(stacks[way].apply), state_of(stacks[way])]

    plain, pooled = both(act)
    assert differences(plain, pooled) == []
    assert says in "\n".join(pooled[0])
    # The next command finds a provider that works.
    assert len(stacks["pooled"].plan().changes) >= 1


def test_configurations_never_mix(session: Session, stack: MakeStack) -> None:
    """Four stacks at once, each in two regions and three accounts."""
    homes = ("us-east-1", "us-west-2", "eu-west-1", "eu-north-1")

    def apply(number: int) -> list[tuple[str, str]]:
        home, away = homes[number], homes[(number + 1) % 4]
        own = f"20000000000{number}"
        made = stack(f"pooled-{number}", FOUR, own, home=home, away=away)
        made.apply()
        assert made.has_changes() is False
        expected = {
            "home": (home, own),
            "away": (away, own),
            "payments": (home, ASSUMED["payments"]),
            "trading": (away, ASSUMED["trading"]),
        }
        arns = [
            (address.split(".")[1].split("[")[0], values["arn"])
            for address, values in made.state.managed.items()
        ]
        assert len(arns) == 12
        return [
            (f"{home} {name}: {arn}", ":".join(expected[name]))
            for name, arn in arns
            if tuple(arn.split(":")[3:5]) != expected[name]
        ]

    with ThreadPoolExecutor(4) as threads:
        wrong = [one for found in threads.map(apply, range(4)) for one in found]
    assert wrong == []
    groups = session.backend.client("logs", "us-east-1", ASSUMED["payments"]).describe_log_groups()
    assert [group["logGroupName"] for group in groups["logGroups"]] == [
        f"/us-east-1/{number}" for number in range(3)
    ]


def test_only_the_provider_that_cannot_be_pooled_falls_back(
    session: Session, tmp_path: Path
) -> None:
    """The same provider under another name, there as a program that knows no ``-debug``."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "main.tf").write_text(TWO_PROVIDERS)
    said: list[str] = []
    with closing(ProviderPool(tell=said.append)) as pool:
        stack = Stack.copy_of(
            source,
            session.toolchain,
            session.backend.environment()
            | {"TF_CLI_CONFIG_FILE": str(_with_acme(session, tmp_path))},
            into=tmp_path / "copy",
            pool=pool,
        )
        stack.init()
        assert stack.apply().added == 2
        used = {timing.type_name for timing in pool.timings() if timing.phase == "apply"}
    assert used == {"aws_sns_topic"}
    [line] = said
    assert "acme/stubborn: it does not start with -debug: no debugging here" in line


def _with_acme(session: Session, tmp_path: Path) -> Path:
    """A CLI configuration for a mirror with acme/stubborn, beside what there is already."""
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "main.tf").write_text(HEAD)
    aws = Stack.copy_of(plain, session.toolchain, {}, into=tmp_path / "aws")
    aws.init()
    [binary] = provider_binaries(aws.workspace.folder).values()
    place = tmp_path / "mirror" / "registry.terraform.io" / "acme" / "stubborn" / "1.0.0"
    program = place / binary.parent.name / "terraform-provider-stubborn_v1.0.0"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\n[ "$1" = -debug ] && echo no debugging here && exit 2\nexec "{binary}" "$@"\n'
    )
    program.chmod(0o755)
    mirrors = {"registry.terraform.io/acme/*": tmp_path / "mirror"}
    if session.toolchain.mirror is not None:
        mirrors["registry.terraform.io/hashicorp/*"] = session.toolchain.mirror
    blocks = [
        f'  filesystem_mirror {{\n    path = "{path}"\n    include = ["{name}"]\n  }}\n'
        for name, path in mirrors.items()
    ]
    blocks.append(f"  direct {{\n    exclude = {json.dumps(list(mirrors))}\n  }}\n")
    config = tmp_path / "acme.rc"
    config.write_text("provider_installation {\n" + "".join(blocks) + "}\n")
    return config


def processes_of(mark: str) -> list[str]:
    """The processes whose environment carries a mark."""
    ps = shutil.which("ps") or "ps"
    listed = subprocess.run(
        [ps, "eww", "-A", "-o", "pid=,args="], check=True, capture_output=True, text=True
    )
    return [line for line in listed.stdout.splitlines() if mark in line]


def test_nothing_outlives_a_run_that_is_killed(tmp_path: Path) -> None:
    mark = f"skyproof-killed-{os.getpid()}"
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "main.tf").write_text(HEAD + 'resource "aws_sns_topic" "x" {}\n')
    (tmp_path / "test_it.py").write_text(
        "import signal\n"
        "def test_it(applied, request):\n"
        "    applied('stack')\n"
        "    (request.path.parent / 'applied').touch()\n"
        "    signal.pause()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "--rootdir", ".", "test_it.py"],
        env=os.environ | {MARK: mark, "SKYPROOF_PROVIDER_POOL": "on"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
    )
    applied = Retrying(
        retry=retry_if_result(lambda done: not done),
        wait=wait_fixed(0.1),
        stop=stop_after_delay(60),
    )
    applied(lambda: (tmp_path / "applied").exists() or run.poll() is not None)
    running = [line for line in processes_of(f"{MARK}={mark}") if "terraform-provider-" in line]
    run.send_signal(signal.SIGKILL)
    said = run.communicate()[0].decode()
    assert len(running) >= 2, said
    gone = Retrying(
        retry=retry_if_result(bool),
        wait=wait_fixed(0.1),
        stop=stop_after_delay(GONE_SECONDS),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    assert gone(lambda: processes_of(f"{MARK}={mark}")) == []
