"""What stands: applied once, taken by runs, brought up to date, ended; with real processes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.backends.embedded import Embedded
from skyproof.backends.worlds import Worlds
from skyproof.errors import ExitCode, SkyproofError
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.standing import fingerprint
from skyproof.standing.record import Place, Record, all_places, described, place_of
from skyproof.standing.reuse import Reuse
from skyproof.standing.up import Up, down
from skyproof.terraform import Stack
from skyproof.terraform.discovery import Binary
from skyproof.terraform.progress import Display
from skyproof.terraform.runner import TerraformError

pytestmark = pytest.mark.terraform

STACK = """
variable "name" { default = "orders" }
resource "terraform_data" "one" { input = var.name }
output "name" { value = terraform_data.one.output }
output "text" { value = file("${path.module}/text.txt") }
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "main.tf").write_text(STACK)
    (folder / "text.txt").write_text("first")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    down(folder, None)


class Screen:
    """What was told."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self.display = Display(self._stream)

    def __str__(self) -> str:
        return self._stream.getvalue()


def stand(home: Path, source: Path, name: str = "orders", **how: bool) -> tuple[Record, str]:
    screen = Screen()
    record = Up(Settings(home=home), screen.display, 3600, **how).stand(source, {"name": name})
    return record, str(screen)


def reuse(home: Path, screen: Screen | None = None) -> Session:
    return Session(Settings(home=home, reuse=True), (screen or Screen()).display)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(what: str, holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    wait = Retrying(
        stop=stop_after_delay(60),
        wait=wait_fixed(0.02),
        retry=retry_if_result(lambda done: not done),
        retry_error_callback=lambda _: False,
    )
    assert wait(holds), f"in vain: {what}"


def test_a_stack_stands_is_taken_brought_up_to_date_and_ended(home: Path, source: Path) -> None:
    record, told = stand(home, source)
    assert "applied from nothing: nothing stands" in told
    assert record.is_alive
    assert record.resources == 1

    screen = Screen()
    session = reuse(home, screen)
    applied = session.apply(source, {"name": "orders"})
    assert "stack: stands, nothing has changed" in str(screen)
    assert session.spans == []
    assert applied.stack.spans == [], "no Terraform at all"
    assert applied.stack.pool is not None
    assert applied.stack.pool.pid is None, "nor providers"
    assert dict(applied.outputs) == {"name": "orders", "text": "first"}
    assert applied.backend.endpoint != record.endpoint, "in a copy"
    assert applied.plan().is_empty
    session.close()
    assert Worlds(record.endpoint).living() == []

    (source / "text.txt").write_text("second")
    screen = Screen()
    session = reuse(home, screen)
    applied = session.apply(source, {"name": "payments"})
    assert "what changed is applied: text.txt, variable name" in str(screen)
    assert dict(applied.outputs) == {"name": "payments", "text": "second"}
    session.close()
    assert place_of(home, source).standing() == record, "no test changes what stands"

    later, told = stand(home, source)
    assert "what changed is applied: text.txt" in told
    assert (later.pid, later.since) == (record.pid, record.since)
    _, told = stand(home, source)
    assert "nothing has changed" in told

    assert [place.path for place in down(home, source)] == [place_of(home, source).path]
    until("it has ended", lambda: not runs(record.pid))
    assert all_places(home) == []


def test_what_is_gone_from_the_source_is_gone_from_the_copy(home: Path, source: Path) -> None:
    (source / "more.tf").write_text('resource "terraform_data" "two" {}')
    record, _ = stand(home, source)
    (source / "more.tf").unlink()
    later, _ = stand(home, source)
    assert (record.resources, later.resources) == (2, 1)


def test_nothing_standing_is_said_and_applied_as_always(home: Path, source: Path) -> None:
    screen = Screen()
    session = reuse(home, screen)
    assert session.apply(source).outputs["name"] == "orders"
    assert "stack: applied as always: nothing stands; `skyproof up` lets it stand" in str(screen)
    session.close()
    assert all_places(home) == []


def test_a_second_stack_of_a_run_is_applied_beside_the_first(home: Path, source: Path) -> None:
    stand(home, source)
    screen = Screen()
    session = reuse(home, screen)
    first = session.apply(source, {"name": "orders"})
    second = session.apply(source, {"name": "twin"})
    assert "applied as always: other stacks of this run stand" in str(screen)
    assert first.backend.endpoint == second.backend.endpoint
    session.destroy(second.stack)
    session.destroy(first.stack)
    third = session.apply(source, {"name": "orders"})
    assert third.stack.spans == [], "a new copy, for nothing is left of the first"
    session.close()


@pytest.mark.parametrize(
    ("account", "name", "why"),
    [
        ("123456789012", "x-{skyproof_suffix}", "is another in each run"),
        ("111122223333", "orders", "in account 111122223333 and region us-east-1"),
    ],
)
def test_what_is_not_this_runs_is_not_taken(
    home: Path, source: Path, account: str, name: str, why: str
) -> None:
    where = {"source": str(source), "top": str(home / "top"), "folder": "stack", "log": "log"}
    place_of(home, source).write(
        Record(str(source), where, "http://127.0.0.1:1", 1, "", account, "us-east-1", "", 1)
    )
    screen = Screen()
    taking = Reuse(home, "123456789012", "us-east-1", screen.display.tell)
    binary = Binary(Path("terraform"), "1.11.4")
    assert taking.copy(source, {"name": name}, binary, lambda: pytest.fail("prepared")) is None
    assert why in str(screen)


def test_an_emulator_that_is_gone_is_said_and_replaced(home: Path, source: Path) -> None:
    record, _ = stand(home, source)
    os.kill(record.pid, signal.SIGKILL)
    until("it is gone", lambda: not record.is_alive)
    assert f"pid {record.pid} is gone" in "\n".join(described(place_of(home, source)))
    later, told = stand(home, source)
    assert f"applied from nothing: its emulator, pid {record.pid}, is gone" in told
    assert later.pid != record.pid


def test_a_port_that_somebody_else_has_got_is_not_taken_for_it(home: Path, source: Path) -> None:
    record, _ = stand(home, source)
    os.kill(record.pid, signal.SIGKILL)
    other = Embedded(Settings())
    other.start()
    try:
        assert other.endpoint is not None
        assert other.pid is not None
        place = place_of(home, source)
        place.write(replace(record, endpoint=other.endpoint, pid=other.pid))
        assert place.standing() is None
        down(home, source)
        assert other.client("sts").get_caller_identity()["Account"] == "123456789012"
    finally:
        other.stop()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"source": 1}'])
def test_a_record_that_cannot_be_read_is_no_record(home: Path, source: Path, text: str) -> None:
    place = place_of(home, source)
    place.path.mkdir(parents=True)
    (place.path / "record.json").write_text(text)
    assert place.record() is None
    assert "cannot be read" in described(place)[0]
    down(home, place.path)
    assert not place.path.exists()


def test_of_two_at_once_the_second_finds_what_the_first_applied(home: Path, source: Path) -> None:
    told: list[str] = []
    both = [threading.Thread(target=lambda: told.append(stand(home, source)[1])) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    first, second = sorted(told)
    assert "applied from nothing" in first
    assert "stands, nothing has changed" in second


def test_a_place_that_another_holds_is_refused_in_the_end(home: Path) -> None:
    place = Place(home / "standing" / "x")
    with (
        place.held(),
        pytest.raises(SkyproofError, match="Another process works"),
        place.held(0.01),
    ):
        pass


def test_an_edit_that_fails_leaves_the_world_and_is_applied_once_it_is_mended(
    home: Path, source: Path
) -> None:
    record, _ = stand(home, source)
    (source / "more.tf").write_text('output "bad" { value = nothing.at.all }')
    with pytest.raises(TerraformError):
        stand(home, source)
    assert record.is_alive
    (source / "more.tf").unlink()
    later, told = stand(home, source)
    assert "what changed is applied" in told
    assert later.pid == record.pid


def test_a_first_apply_that_fails_leaves_nothing(home: Path, source: Path) -> None:
    (source / "main.tf").write_text('output "bad" { value = nothing.at.all }')
    with pytest.raises(TerraformError):
        stand(home, source)
    assert [one.name for one in (home / "standing").iterdir() if one.is_dir()] == []


def test_an_up_that_was_killed_over_an_edit_is_begun_anew(home: Path, source: Path) -> None:
    record, _ = stand(home, source)
    place_of(home, source).mark(record, is_whole=False)
    later, told = stand(home, source)
    assert "applied from nothing: the last `skyproof up` of it was killed" in told
    assert later.pid != record.pid
    until("it has ended", lambda: not runs(record.pid))


def test_other_providers_are_begun_anew(
    home: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, _ = stand(home, source)
    chosen = iter(["1.0.0", "1.0.0"])
    monkeypatch.setattr(
        fingerprint, "providers_of", lambda _folder: {"provider x": next(chosen, "2.0.0")}
    )
    place_of(home, source).mark(
        record,
        fingerprint=replace(
            record.fingerprint, tools={**record.fingerprint.tools, "provider x": "1.0.0"}
        ),
    )
    (source / "more.tf").write_text('module "none" {\n  source = "./none"\n  count = 0\n}')
    (source / "none").mkdir()
    (source / "none" / "main.tf").write_text("")
    later, told = stand(home, source)
    assert "applied from nothing: other provider x" in told
    assert later.pid != record.pid


def test_copies_of_runs_that_are_gone_are_ended(home: Path, source: Path) -> None:
    record, _ = stand(home, source)
    gone, here = reuse(home), reuse(home)
    gone.apply(source, {"name": "orders"})
    assert gone._site._copied is not None
    gone._site._copied.claim.release()  # as the system does when a process is gone
    here.apply(source, {"name": "orders"})
    assert [world.pid for world in Worlds(record.endpoint).living()] == [
        here.backend.pid  # type: ignore[attr-defined]  # a backend that moves has one
    ]
    here.close()
    gone.close()


def test_an_open_world_may_be_written_to_and_another_not(home: Path, source: Path) -> None:
    def queue(record: Record) -> str:
        from skyproof.backends.emulated import Emulated

        backend = Emulated(record.account, record.region, record.endpoint)
        try:
            backend.client("sqs").create_queue(QueueName="mine")
        except backend.client("sqs").exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])
        return f"made, {backend.clock().mode}"

    record, _ = stand(home, source)
    assert queue(record) == "SkyproofReadOnlyWorld"
    record, _ = stand(home, source, is_open=True)
    assert queue(record) == "made, real"


def blocking(source: Path) -> Path:
    """A stack whose apply says that it has begun, and goes on until it is ended."""
    begun, never = source.parent / "begun", source.parent / "never"
    os.mkfifo(never)
    (source / "main.tf").write_text(
        f"""
        resource "terraform_data" "one" {{
          provisioner "local-exec" {{ command = "touch {begun}; exec cat {never}" }}
        }}
        """
    )
    return begun


def up_in_a_process(home: Path, source: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "skyproof", "up", str(source)],
        env=os.environ | {"SKYPROOF_HOME": str(home)},
        stderr=subprocess.PIPE,
    )


def test_an_up_that_is_killed_in_the_middle_takes_its_emulator_with_it(
    home: Path, source: Path
) -> None:
    begun = blocking(source)
    process = up_in_a_process(home, source)
    until("terraform works", begun.exists)
    process.kill()
    process.communicate()
    assert all_places(home) == [], "nothing stands"
    (source / "main.tf").write_text(STACK)
    record, told = stand(home, source)
    assert "applied from nothing: nothing stands" in told
    assert record.is_alive


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_cleans_up(home: Path, source: Path) -> None:
    begun = blocking(source)
    process = up_in_a_process(home, source)
    until("terraform works", begun.exists)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED, said
    assert [one.name for one in (home / "standing").iterdir() if one.is_dir()] == []


def test_an_idle_emulator_ends_by_itself(home: Path, source: Path) -> None:
    record = Up(Settings(home=home), Screen().display, 1).stand(source, {})
    until("it has ended", lambda: not runs(record.pid))


def test_outputs_and_counts_are_those_that_terraform_shows(home: Path, source: Path) -> None:
    (source / "more.tf").write_text(
        """
        resource "terraform_data" "each" {
          for_each = toset(["a", "b"])
          input    = each.key
        }
        output "secret" {
          value     = "hidden"
          sensitive = true
        }
        """
    )
    record, _ = stand(home, source)
    settings = Settings(home=home)
    toolchain = Session(settings).toolchain
    stack = Stack(record.where(), toolchain, {}, {})
    shown = stack._run(["output", "-no-color", "-json"])
    assert dict(stack.outputs) == {"name": "orders", "text": "first", "secret": "hidden"}
    assert '"secret"' in shown.out
    assert stack.outputs.sensitive == {"secret"}
    assert stack.count == len(stack.state) == 3
