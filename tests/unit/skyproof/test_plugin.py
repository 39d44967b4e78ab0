"""The pytest plugin, as a user of it sees it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from skyproof.backends.embedded import Embedded
from skyproof.errors import ExitCode
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.standing.up import down
from tests.unit.skyproof.conftest import ACCOUNT

pytestmark = [pytest.mark.terraform, pytest.mark.usefixtures("interruptible")]

MODULE = """
variable "name" {
  type = string
}
resource "terraform_data" "this" { input = var.name }
output "name" { value = terraform_data.this.output }
"""
TESTS = """
import pytest

from skyproof.errors import ExitCode

pytestmark = pytest.mark.stack("module", variables={"name": "orders"})

def test_outputs(outputs):
    assert outputs["name"] == "orders"

def test_plan(plan):
    assert plan.is_empty

def test_client(stack, client):
    for sts in (stack.client("sts"), client("sts")):
        assert sts.get_caller_identity()["Account"] == "123456789012"
    assert client("sts", account="111122223333").get_caller_identity()["Account"] == "111122223333"
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with one module; what it runs keeps its scratch files in the project."""
    (pytester.path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(pytester.path / "tmp"))
    monkeypatch.setenv("SKYPROOF_HOME", str(pytester.path / "tmp"))
    pytester.mkdir("module").joinpath("main.tf").write_text(MODULE)
    pytester.makepyfile(TESTS)
    return pytester


def run(project: pytest.Pytester, *options: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:randomly", *options)


def left_over(project: pytest.Pytester) -> list[str]:
    scratch = project.path / "tmp"
    found = [*scratch.glob("skyproof-*"), *scratch.glob("runs/*"), *scratch.glob("runs/*/stacks/*")]
    return sorted(one.name for one in found)


def test_a_stack_is_applied_asked_and_destroyed(project: pytest.Pytester) -> None:
    result = run(project)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(
        [
            "skyproof: *, backend embedded",
            "backend embedded, 1 resources applied, 3 tests; seconds: init *, apply *, tests *",
        ]
    )
    assert left_over(project) == []


def test_progress_is_seen_though_output_is_captured(project: pytest.Pytester) -> None:
    result = run(project)
    result.stderr.fnmatch_lines(["apply module: 1/1 resources, * s", "destroy module: 1/1 *"])


def test_workers_share_one_apply_and_are_counted_together(project: pytest.Pytester) -> None:
    tests = next(iter(project.path.glob("test_*.py")))
    (project.path / "test_again.py").write_text(tests.read_text())
    result = run(project, "-n", "2", "--dist", "loadfile")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["backend embedded, 1 resources applied, 6 tests; seconds: init *"])
    assert left_over(project) == []


SANDBOX = ("--skyproof-backend=sandbox", f"--skyproof-sandbox-accounts={ACCOUNT}")


def test_workers_share_the_sandbox_that_their_controller_holds(
    aws: Embedded, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(backend, number):
            assert backend.account == "111122223333"
        """
    )
    run(pytester, *SANDBOX, "-n", "2").assert_outcomes(passed=4)
    [lock] = aws.client("ssm").get_parameters_by_path(Path="/skyproof/lock")["Parameters"]
    assert json.loads(lock["Value"])["until"] == "0001-01-01T00:00:00+00:00", "released at the end"


def test_a_sandbox_that_is_held_ends_the_run_before_its_workers_start(
    aws: Embedded, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile("def test_it(backend): pass")
    holder = Session(Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,)))
    assert holder.backend.account == ACCOUNT
    try:
        for workers, code in ((["-n", "2"], pytest.ExitCode.USAGE_ERROR), ([], 1)):
            result = run(pytester, *SANDBOX, *workers)
            assert result.ret == code
            said = result.stdout.str() + result.stderr.str()
            assert f"Account {ACCOUNT} is held by run {holder.run.id}" in said
            assert "Traceback" not in said
    finally:
        holder.close()


def test_without_worlds_the_shared_stack_is_the_world_and_nobody_destroys_it(
    aws: Embedded, project: pytest.Pytester
) -> None:
    project.makepyfile(
        """
        import pytest
        from skyproof.errors import SkyproofError

        pytestmark = pytest.mark.stack("module", variables={"name": "orders"})

        def test_it(world, stack):
            assert (world.outputs["name"], world.stack) == ("orders", stack.stack)
            with pytest.raises(SkyproofError, match="shared by all tests on the sandbox backend"):
                world.destroy()

        @pytest.mark.destructive
        def test_destroys(world):
            world.destroy()
        """
    )
    result = run(project, *SANDBOX, "-rs")
    result.assert_outcomes(passed=1, skipped=1)
    reason = (
        "*needs a world of its own (capability 'worlds'), and the sandbox backend has no worlds*"
    )
    result.stdout.fnmatch_lines([reason])


def test_the_summary_tells_what_warm_providers_took(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        from skyproof.plugin import SESSION

        def pytest_sessionstart(session):
            report = {"resources": 0, "spans": [], "kept": [], "kept_worlds": [], "told": None}
            report["providers"] = (7, 3, 350_000_000)
            session.config.stash[SESSION].absorb(report)
        """
    )
    result = run(project)
    result.stdout.fnmatch_lines(["warm providers: 7 processes, 3 at once, 350 MB the largest"])


def test_the_summary_tells_which_localstack_it_was(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from skyproof.plugin import SESSION

        def pytest_sessionstart(session):
            told = ("localstack", "4.9.2", "localstack 4.9.2; native: sqs")
            kept = {"kept": [], "kept_worlds": []}
            report = {**kept, "resources": 3, "spans": [], "providers": (0, 0, 0)}
            session.config.stash[SESSION].absorb({**report, "told": told})
        """
    )
    pytester.makepyfile("def test_nothing(): pass")
    result = run(pytester, "--skyproof-backend=localstack")
    result.stdout.fnmatch_lines(
        ["backend localstack, 3 resources applied, 1 tests; *", "localstack 4.9.2; native: sqs"]
    )


def test_without_a_stack_nothing_is_started_or_said(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    result = run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*resources applied*")


def test_a_stack_is_found_from_the_root_folder_too(project: pytest.Pytester) -> None:
    tests = project.mkpydir("deeper") / "test_it.py"
    next(iter(project.path.glob("test_*.py"))).rename(tests)
    run(project).assert_outcomes(passed=3)


def test_applied_makes_a_stack_on_demand(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(applied, backend, skyproof_settings, run):
            made = applied("module", {"name": "a-{skyproof_suffix}"})
            assert made.outputs["name"] == f"a-{run.suffix}"
            assert applied("module", {"name": "b"}).outputs["name"] == "b"
            assert backend.name == skyproof_settings.backend
        """
    )
    run(project).assert_outcomes(passed=1)
    assert left_over(project) == []


def test_a_failing_apply_is_one_message_without_traceback(project: pytest.Pytester) -> None:
    (project.path / "module" / "main.tf").write_text('resource "terraform_data" "x" { nonsense }')
    result = run(project)
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(["*on main.tf line 1,*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*skyproof/session.py*")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_stack_without_a_marker_says_how_to_name_one(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(stack): pass")
    result = run(project)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['Write: pytestmark = pytest.mark.stack("path/to/module"*'])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--skyproof-backend=azure"],
            "*--skyproof-backend: 'azure' is none of embedded, localstack, sandbox.*",
        ),
        (["--skyproof-account=1"], "*--skyproof-account: '1' is no AWS account id.*"),
    ],
)
def test_a_bad_option_ends_the_run_at_once(
    project: pytest.Pytester, options: list[str], said: str
) -> None:
    result = run(project, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


def test_a_missing_terraform_is_named(project: pytest.Pytester) -> None:
    result = run(project, "--skyproof-terraform=/nowhere/terraform")
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        [
            "There is no Terraform at /nowhere/terraform.",
            "Install it from https://developer.hashicorp.com/terraform/install, or name *",
        ]
    )
    assert left_over(project) == []


def test_an_ini_key_counts(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nskyproof_terraform = /nowhere/terraform")
    run(project).stdout.fnmatch_lines(["There is no Terraform at /nowhere/terraform."])


def test_options_markers_and_fixtures_explain_themselves(project: pytest.Pytester) -> None:
    run(project, "--help").stdout.fnmatch_lines(
        ["skyproof: Terraform stacks applied and proved:", "*--skyproof-backend=NAME*"]
    )
    run(project, "--markers").stdout.fnmatch_lines(["@pytest.mark.stack(path, variables={}): *"])
    run(project, "--fixtures").stdout.fnmatch_lines(["stack *", "*the module's ``stack`` marker*"])


def test_a_kept_stack_is_named(project: pytest.Pytester) -> None:
    result = run(project, "--skyproof-keep=yes", "-k", "test_outputs")
    result.stdout.fnmatch_lines([f"kept: {project.path}/tmp/runs/*/stacks/module-1/module"])
    assert "module-1" in left_over(project)
    assert len(down(project.path / "tmp", None)) == 1
    assert left_over(project) == []


def test_an_interrupt_destroys_what_was_applied(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import os, pytest, signal
        pytestmark = pytest.mark.stack("module", variables={"name": "orders"})

        def test_it(stack):
            print("interrupted now")
            os.kill(os.getpid(), signal.SIGINT)
        """
    )
    result = run(project)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert left_over(project) == []


def test_an_interrupt_during_the_apply_leaves_nothing(project: pytest.Pytester) -> None:
    started = project.path / "started"
    os.mkfifo(started)  # reading it waits until the provisioner has begun
    (project.path / "module" / "main.tf").write_text(
        f"""
        variable "name" {{}}
        resource "terraform_data" "first" {{ input = var.name }}
        resource "terraform_data" "slow" {{
          input = terraform_data.first.output
          provisioner "local-exec" {{ command = "echo begun > {started}; exec sleep 60" }}
        }}
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:randomly", "-q"],
        cwd=project.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert started.read_text() == "begun\n"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.INTERRUPTED, said
    assert left_over(project) == []


def test_the_plugin_costs_little_when_it_is_not_used(project: pytest.Pytester) -> None:
    loaded = project.runpython_c(
        "import sys, skyproof.plugin; print('moto' in sys.modules, 'flask' in sys.modules)"
    )
    loaded.stdout.fnmatch_lines(["False False"])


def test_the_users_folder_is_left_as_it_was(project: pytest.Pytester) -> None:
    run(project).assert_outcomes(passed=3)
    assert [one.name for one in Path(project.path, "module").iterdir()] == ["main.tf"]


SLOW_TO_DESTROY = """
variable "name" {{}}
resource "terraform_data" "first" {{ input = var.name }}
resource "terraform_data" "slow" {{
  input = terraform_data.first.output
  provisioner "local-exec" {{
    when    = destroy
    command = "[ -e {again} ] && exit 0; touch {again}; echo > {started}; exec sleep 600 > {alive}"
  }}
}}
"""


class Run:
    """pytest as a process of its own, whose stack is slow to destroy, and told of each signal."""

    def __init__(self, project: pytest.Pytester, *, once: bool) -> None:
        self._started, alive = project.path / "started", project.path / "alive"
        os.mkfifo(self._started)  # reading it waits until the provisioner has begun
        os.mkfifo(alive)  # reading it finds the end when no provisioner lives
        self._alive = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
        again = project.path / ("again" if once else "never/again")
        (project.path / "module" / "main.tf").write_text(
            SLOW_TO_DESTROY.format(started=self._started, again=again, alive=alive)
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:randomly", "-q", "-k", "test_outputs"],
            cwd=project.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def interrupt(self) -> None:
        """Interrupt it once a destroy has begun."""
        self._started.read_text()
        self.process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """Its code and what it said, when nothing that it started lives any more."""
        said, _ = self.process.communicate(timeout=60)
        ended, _, _ = select.select([self._alive], [], [], 10)
        os.close(self._alive)
        assert ended, "a provisioner lives"
        return self.process.returncode, said


def test_an_interrupted_destroy_is_done_again(project: pytest.Pytester) -> None:
    run = Run(project, once=True)
    run.interrupt()
    code, said = run.end()
    assert code == pytest.ExitCode.INTERRUPTED, said
    assert "destroy module: 2/2 resources" in said
    assert left_over(project) == []


def test_a_second_interrupt_kills_and_says_how_to_go_on(project: pytest.Pytester) -> None:
    run = Run(project, once=False)
    run.interrupt()
    run.interrupt()
    code, said = run.end()
    assert code == ExitCode.INTERRUPTED, said
    [kept] = (project.path / "tmp").glob("runs/*/stacks/module-1/module")
    assert f"terraform -chdir={kept} destroy" in said
    assert "Traceback" not in said
    assert "terraform_data" in (kept / "terraform.tfstate").read_text()
