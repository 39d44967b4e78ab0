"""The command line: what it says, and the code it ends with."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

import skyproof
from skyproof.cli import main
from skyproof.emulator.world import World
from skyproof.errors import ExitCode
from skyproof.lifecycle import Leftover, Removed, take
from skyproof.lifecycle.journal import Journal, Phase
from skyproof.lifecycle.kinds import KINDS
from skyproof.lifecycle.removal import Failed
from skyproof.lifecycle.runs import RunFolder
from skyproof.run import Run

DOCUMENT = """
`main.tf`:

```hcl
output "x" { value = 1 }
```

A block without a name:

```sh
echo hello
```
"""


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(main, list(arguments))


def test_help_names_every_command() -> None:
    said = run("--help").output
    assert [
        name
        for name in (
            "doctor",
            "down",
            "emulator",
            "extract",
            "reap",
            "status",
            "sweep",
            "test",
            "up",
        )
        if name not in said
    ] == []
    assert run("-h").output == said


def test_the_version_is_told() -> None:
    assert run("--version").output.strip().endswith(skyproof.__version__)


@pytest.mark.parametrize("arguments", [["nonsense"], ["emulator", "--port", "70000"], ["extract"]])
def test_a_wrong_call_ends_with_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == ExitCode.USAGE


def test_extract_writes_and_names_the_files(tmp_path: Path) -> None:
    document, into = tmp_path / "page.md", tmp_path / "out"
    document.write_text(DOCUMENT)
    done = run("extract", str(document), "--into", str(into), "--allow-unnamed")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{into}/main.tf\n"
    assert done.stderr == f"{document}:10: left out, it names no file\n"
    assert (into / "main.tf").read_text() == 'output "x" { value = 1 }\n'


def test_extract_refuses_with_one_message_and_writes_nothing(tmp_path: Path) -> None:
    document, into = tmp_path / "page.md", tmp_path / "out"
    document.write_text(DOCUMENT)
    done = run("extract", str(document), "--into", str(into))
    assert done.exit_code == ExitCode.USAGE
    assert done.stderr.startswith("skyproof: ")
    assert "Traceback" not in done.output
    assert not into.exists()


def test_a_missing_document_is_named(tmp_path: Path) -> None:
    done = run("extract", str(tmp_path / "gone.md"), "--into", str(tmp_path / "out"))
    assert done.exit_code == ExitCode.USAGE
    assert f"{tmp_path}/gone.md" in done.stderr


@pytest.mark.terraform
def test_doctor_tells_what_it_found() -> None:
    done = run("doctor")
    assert done.exit_code == 0, done.output
    found = [line.split()[0] for line in done.output.splitlines()]
    assert found == ["python", "terraform", "provider", "backend"]
    assert "embedded, http://127.0.0.1:" in done.output


def test_doctor_tells_what_is_missing_and_goes_on() -> None:
    done = run("doctor", SKYPROOF_TERRAFORM="/nowhere/terraform")
    assert done.exit_code == ExitCode.ENVIRONMENT
    assert "terraform        MISSING: There is no Terraform at /nowhere/terraform." in done.output
    assert "backend          embedded, http://127.0.0.1:" in done.output


def emulator(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from skyproof.cli import main; main()", "emulator", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.usefixtures("interruptible")
def test_the_emulator_says_where_it_is_once_it_answers(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with emulator("--port", "0", "--ready-file", str(ready)) as process:
        Retrying(
            stop=stop_after_delay(30),
            wait=wait_fixed(0.05),
            retry=retry_if_result(lambda there: not there),
        )(ready.exists)
        written = json.loads(ready.read_text())
        assert written["pid"] == process.pid
        health = urllib3.request("GET", f"{written['endpoint']}/_skyproof/health").json()
        assert "cloudwatch" in health["services"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode in (0, ExitCode.INTERRUPTED)
    assert not ready.exists(), "the ready file outlives the emulator"


def test_a_port_that_is_taken_ends_with_3_and_the_way_out(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with emulator("--port", str(port), "--ready-file", str(ready)) as process:
            _, said = process.communicate(timeout=30)
    assert process.returncode == ExitCode.ENVIRONMENT
    assert f"port {port}" in said.lower()
    assert "--port 0" in said
    assert not ready.exists()


class Sandbox:
    """A backend of a real account, to the command line; an emulated one behind it."""

    name = "sandbox"
    is_local = False
    account = "111122223333"
    region = "us-east-1"

    def __init__(self, world: World) -> None:
        self._world = world
        self.stopped = False

    def start(self) -> None: ...

    def stop(self) -> None:
        self.stopped = True

    def client(self, service: str, region: str, account: str) -> Any:
        assert self.stopped is False
        return self._world.client(service, region, account)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    world = World()
    backend = Sandbox(world)
    few = tuple(kind for kind in KINDS if kind.service == "sqs")
    monkeypatch.setattr("skyproof.backends.create", lambda *_: backend)
    monkeypatch.setattr("skyproof.settings.BACKENDS", ("embedded", "sandbox"))
    monkeypatch.setattr("skyproof.lifecycle.sweep.take", partial(take, kinds=few))
    yield backend
    world.close()


def expired_queue(backend: Sandbox, region: str = "us-east-1") -> None:
    tags = {"skyproof:run": EXPIRED, "skyproof:expires": "2026-01-05T04:00:00+00:00"}
    sqs = backend.client("sqs", region, backend.account)
    sqs.create_queue(QueueName="left", tags=tags)


def queues_in(backend: Sandbox, region: str = "us-east-1") -> list[str]:
    backend.stopped = False
    sqs = backend.client("sqs", region, backend.account)
    queues: list[str] = sqs.list_queues().get("QueueUrls", [])
    return queues


EXPIRED = "20260105T000000-k3x9qd"
ALLOWED = {"SKYPROOF_BACKEND": "sandbox", "SKYPROOF_SANDBOX_ACCOUNTS": "111122223333"}


def test_sweep_has_nothing_to_do_on_the_embedded_backend() -> None:
    done = run("sweep", "--delete")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Nothing to sweep: the embedded backend ends with its run")


def test_sweep_shows_and_leaves_what_it_found(sandbox: Sandbox) -> None:
    expired_queue(sandbox)
    done = run("sweep", **ALLOWED)
    assert done.exit_code == 0, done.output
    assert "1 thing of 1 expired run; --delete removes it." in done.stdout
    assert EXPIRED in done.stdout
    assert len(queues_in(sandbox)) == 1


def test_sweep_removes_when_told_to(sandbox: Sandbox) -> None:
    expired_queue(sandbox)
    done = run("sweep", "--delete", "--run", EXPIRED, **ALLOWED)
    assert done.exit_code == 0, done.output
    assert "1 removed, 0 not." in done.stdout
    assert sandbox.stopped
    assert queues_in(sandbox) == []


def test_sweep_looks_where_it_is_told_to(sandbox: Sandbox) -> None:
    expired_queue(sandbox, "eu-west-1")
    assert "Nothing to remove." in run("sweep", **ALLOWED).stdout
    sandbox.stopped = False
    done = run("sweep", "--region", "us-east-1", "--region", "eu-west-1", **ALLOWED)
    assert "1 thing of 1 expired run" in done.stdout


def test_sweep_ends_with_1_when_something_stays(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired_queue(sandbox)

    def remove(_client: Any, leftovers: list[Leftover], *_: Any) -> Removed:
        return Removed((), tuple(Failed(one, "AccessDenied") for one in leftovers))

    monkeypatch.setattr("skyproof.lifecycle.sweep.remove", remove)
    done = run("sweep", "--delete", **ALLOWED)
    assert done.exit_code == ExitCode.FAILED
    assert done.stderr.startswith("not removed: 111122223333 us-east-1 sqs queue")
    assert done.stderr.rstrip().endswith("AccessDenied")
    assert "0 removed, 1 not." in done.stdout


def test_sweep_enters_no_account_that_is_not_listed(sandbox: Sandbox) -> None:
    expired_queue(sandbox)
    done = run("sweep", "--delete", **ALLOWED | {"SKYPROOF_SANDBOX_ACCOUNTS": "444455556666"})
    assert done.exit_code == ExitCode.USAGE
    assert "Account 111122223333 is not on the list of sandboxes" in done.stderr
    assert len(queues_in(sandbox)) == 1


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("skyproof.doctor.find_mirror", interrupted)
    done = run("doctor")
    assert (done.exit_code, done.stderr) == (ExitCode.INTERRUPTED, "skyproof: interrupted\n")


def dead_run(home: Path, begun: datetime) -> RunFolder:
    """What a run on the embedded backend leaves that was killed."""
    who = Run(f"{begun:%Y%m%dT%H%M%S}-k3x9qd", "me@here", begun, begun + timedelta(hours=4))
    folder = RunFolder(home / "runs" / who.id)
    written = Journal(folder.path)
    written.begun(who, "embedded", {}, {})
    written.stack("queue-1", Phase.APPLIED, source="/modules/queue")
    written.close()
    return folder


def test_status_names_a_dead_run_and_the_way_on(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, datetime(2026, 1, 5, tzinfo=UTC))
    said = run("status", SKYPROOF_HOME=str(tmp_path)).stdout
    assert "queue-1  applied" in said
    assert f"go on with: skyproof reap --run {folder.id}" in said


def test_reap_finishes_runs_whose_process_is_gone(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, datetime(2026, 1, 5, tzinfo=UTC))
    assert run("reap", SKYPROOF_HOME=str(tmp_path)).exit_code == ExitCode.OK
    assert not folder.path.exists()
    done = run("reap", SKYPROOF_HOME=str(tmp_path))
    assert (done.exit_code, done.stdout) == (ExitCode.OK, "nothing to finish\n")


def test_reap_leaves_younger_runs_alone(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, datetime.now(UTC) - timedelta(minutes=30))
    assert run("reap", "--older-than", "2h", SKYPROOF_HOME=str(tmp_path)).exit_code == ExitCode.OK
    assert folder.path.exists()
    assert run("reap", "--older-than", "10m", SKYPROOF_HOME=str(tmp_path)).exit_code == ExitCode.OK
    assert not folder.path.exists()


def test_reap_refuses_a_run_that_is_at_work(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, datetime(2026, 1, 5, tzinfo=UTC))
    with folder.claimed():
        assert run("reap", SKYPROOF_HOME=str(tmp_path)).stdout == "nothing to finish\n"
        done = run("reap", "--run", "k3x9qd", SKYPROOF_HOME=str(tmp_path))
        assert done.exit_code == ExitCode.FAILED
    assert folder.path.exists()


def test_reap_says_which_runs_there_are(tmp_path: Path) -> None:
    folder = dead_run(tmp_path, datetime(2026, 1, 5, tzinfo=UTC))
    done = run("reap", "--run", "nobody", SKYPROOF_HOME=str(tmp_path))
    assert done.exit_code == ExitCode.USAGE
    assert "'nobody' names no single run" in done.stderr
    assert folder.path.exists()
