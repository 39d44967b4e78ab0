"""Terraform is run as it must be: what tftest does wrong is put right."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import tftest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform import runner
from skyproof.terraform.runner import Diagnostic, Terraform, TerraformError, diagnostics, messages
from tests.unit.skyproof.terraform.conftest import MakeProgram

pytestmark = pytest.mark.usefixtures("interruptible")


def terraform(binary: Path, timeout: float = 30) -> Terraform:
    folder = binary.parent
    environment = {"PATH": os.environ["PATH"]}
    return Terraform(binary, folder, environment, folder / "terraform.log", timeout)


def error_line(summary: str, **members: object) -> str:
    return json.dumps({"diagnostic": {"severity": "error", "summary": summary, **members}})


def test_code_and_output_come_back_and_are_logged(program: MakeProgram) -> None:
    binary = program('echo "$@"; echo warned >&2')
    answer = terraform(binary).run(["plan", "-json"])
    assert (answer.retcode, answer.out, answer.err) == (0, "plan -json\n", "warned\n")
    log = (binary.parent / "terraform.log").read_text()
    assert log == "$ terraform plan -json\nplan -json\nwarned\n→ 0\n\n"


@pytest.mark.parametrize("code", [1, 2, 3, 11, 127])
def test_every_code_but_the_good_ones_is_a_failure(program: MakeProgram, code: int) -> None:
    with pytest.raises(TerraformError, match=f"terraform apply failed with code {code}") as caught:
        terraform(program(f"echo no >&2; exit {code}")).run(["apply"])
    assert "no" in caught.value.what
    assert caught.value.exit_code == ExitCode.FAILED


def test_a_code_that_is_good_is_none(program: MakeProgram) -> None:
    assert terraform(program("exit 2")).run(["plan"], good=(0, 2)).retcode == 2


def test_a_terraform_that_was_killed_has_failed(program: MakeProgram) -> None:
    with pytest.raises(TerraformError, match="terraform apply was ended by signal 9"):
        terraform(program("kill -9 $$")).run(["apply"])


def test_tftest_takes_a_killed_terraform_for_a_success(program: MakeProgram) -> None:
    binary = program("kill -9 $$")
    theirs = tftest.TerraformTest(str(binary.parent), binary=str(binary))
    assert theirs.execute_command("apply").retcode == -9, "tftest is mended: so can we be"


def test_much_standard_error_blocks_nobody(program: MakeProgram) -> None:
    # More than a pipe holds, 64 KiB on Linux, before standard output says anything.
    binary = program("head -c 1000000 /dev/zero | tr '\\0' e >&2; echo done")
    answer = terraform(binary).run(["plan"])
    assert (answer.out, len(answer.err)) == ("done\n", 1_000_000)


def test_time_is_limited_and_the_end_is_gentle(program: MakeProgram) -> None:
    binary = program("trap 'echo gently > ended; exit 0' INT; while :; do sleep 0.05; done")
    with pytest.raises(TerraformError, match=r"terraform apply took longer than 0\.5 s") as caught:
        terraform(binary, timeout=0.5).run(["apply"])
    assert "--skyproof-timeout" in caught.value.hint
    assert (binary.parent / "ended").read_text() == "gently\n"


def test_what_does_not_end_gently_is_killed(
    program: MakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.3)
    binary = program("trap '' INT; echo $$; while :; do sleep 0.05; done")
    lines: list[str] = []
    with pytest.raises(TerraformError, match="took longer"):
        terraform(binary, timeout=0.3).run(["apply"], on_line=lines.append)
    with pytest.raises(ProcessLookupError):
        os.kill(int(lines[0]), 0)


@contextlib.contextmanager
def running(binary: Path, **options: bool) -> Iterator[subprocess.Popen[str]]:
    """A process that runs Terraform, tells its lines, and dies of what run() raises."""
    script = (
        "from pathlib import Path\n"
        "from skyproof.terraform.runner import Terraform\n"
        f"folder = Path({str(binary.parent)!r})\n"
        "environment = {'PATH': '/usr/bin:/bin'}\n"
        "one = Terraform(folder / 'terraform', folder, environment, folder / 'log', 60)\n"
        "tell = lambda line: print(line, end='', flush=True)\n"
        f"one.run(['apply'], on_line=tell, **{options!r})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_an_interrupt_reaches_terraform_once_and_is_waited_for(program: MakeProgram) -> None:
    binary = program(
        "trap 'echo interrupted >> ended; exit 1' INT; echo begun; while :; do sleep 0.05; done"
    )
    with running(binary) as process:
        assert heard(process) == "begun\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    assert (binary.parent / "ended").read_text() == "interrupted\n"


def test_a_second_interrupt_kills(program: MakeProgram) -> None:
    binary = program("trap 'echo asked' INT; echo $$; while :; do sleep 0.05; done")
    with running(binary) as process:
        pid = int(heard(process))
        process.send_signal(signal.SIGINT)
        assert heard(process) == "asked\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert said.splitlines()[-1] == "skyproof.terraform.runner.Killed"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_in_a_hurry_the_first_interrupt_kills(program: MakeProgram) -> None:
    binary = program("trap 'echo asked > asked' INT; echo $$; while :; do sleep 0.05; done")
    with running(binary, hurry=True) as process:
        pid = int(heard(process))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert said.splitlines()[-1] == "skyproof.terraform.runner.Killed"
    assert not (binary.parent / "asked").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_lines_are_told_as_they_come(program: MakeProgram) -> None:
    binary = program("echo first; read answer < answer; echo $answer")
    os.mkfifo(binary.parent / "answer")
    said: list[str] = []

    def answer(line: str) -> None:
        said.append(line)
        if line == "first\n":
            threading.Thread(target=(binary.parent / "answer").write_text, args=("x\n",)).start()

    terraform(binary).run(["apply"], on_line=answer)
    assert said == ["first\n", "x\n"]


def test_numbers_may_be_options(program: MakeProgram) -> None:
    answer = terraform(program('echo "$@"')).execute_command("plan", 4)  # type: ignore[arg-type]
    assert answer.out == "plan 4\n"


def test_state_and_lock_file_outlive_the_object(program: MakeProgram) -> None:
    binary = program("true")
    for name in ("terraform.tfstate", ".terraform.lock.hcl"):
        (binary.parent / name).write_text("kept")
    one = terraform(binary)
    one.run(["init"])
    del one
    for name in ("terraform.tfstate", ".terraform.lock.hcl"):
        assert (binary.parent / name).read_text() == "kept"


def test_a_failure_tells_what_terraform_told(program: MakeProgram) -> None:
    told = error_line(
        "Invalid value",
        detail="too short",
        address="aws_x.y",
        range={"filename": "main.tf", "start": {"line": 7}},
    )
    with pytest.raises(TerraformError) as caught:
        terraform(program(f"echo '{told}'; exit 1")).run(["plan"])
    assert caught.value.what == (
        "terraform plan failed with code 1:\naws_x.y, main.tf:7: Invalid value\ntoo short"
    )


def test_of_very_many_errors_the_first_are_told(program: MakeProgram) -> None:
    lines = "\n".join(f"echo '{error_line(f'error {n}')}'" for n in range(25))
    with pytest.raises(TerraformError) as caught:
        terraform(program(f"{lines}\nexit 1")).run(["apply"])
    assert "error 19" in caught.value.what
    assert "error 20" not in caught.value.what
    assert caught.value.what.endswith("… and 5 more.")


def test_a_silent_failure_says_that_it_was_silent(program: MakeProgram) -> None:
    with pytest.raises(SkyproofError, match="no output"):
        terraform(program("exit 1")).run(["apply"])


def test_warnings_are_no_errors() -> None:
    stream = json.dumps({"diagnostic": {"severity": "warning", "summary": "old"}})
    assert list(diagnostics(stream)) == []


def test_one_document_of_validate_is_read_too() -> None:
    document = {"diagnostics": [{"severity": "error", "summary": "a"}, {"severity": "warning"}]}
    assert list(diagnostics(json.dumps(document))) == [Diagnostic("a")]


def test_plain_text_between_messages_is_passed_over() -> None:
    stream = 'Warning: something\n{"type": "version"}\n[1]\n'
    assert list(messages(stream)) == [{"type": "version"}]
    assert list(messages("[1, 2]")) == []
