"""One apply for all workers: a host and its workers in one process. No provider, for speed."""

from __future__ import annotations

import io
import json
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed
from urllib3.exceptions import HTTPError

from skyproof.errors import SkyproofError
from skyproof.expect import EmulatedClock
from skyproof.lifecycle import journal
from skyproof.lifecycle.journal import Phase
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.sharing import Guest, Host
from skyproof.terraform.progress import Display

pytestmark = pytest.mark.terraform

MODULE = """
variable "name" { default = "orders" }
variable "applies" { type = string }
variable "zones" {
  type    = set(string)
  default = []
}
resource "terraform_data" "this" {
  input = var.name
  provisioner "local-exec" { command = "echo ${var.name} >> ${var.applies}" }
}
output "name" { value = terraform_data.this.output }
"""


@dataclass
class Team:
    """A controller, and as many workers as a test asks for."""

    folder: Path
    controller: Session
    host: Host
    workers: list[Session] = field(default_factory=list)

    @property
    def module(self) -> Path:
        return self.folder / "module"

    @property
    def applied(self) -> list[str]:
        """The names that were applied with, in their order."""
        file = self.folder / "applies"
        return file.read_text().split() if file.exists() else []

    def worker(self) -> Session:
        worker = Session(self.controller.settings, Display(io.StringIO()), leads=False)
        worker.share(self.host.invitation(), f"gw{len(self.workers)}")
        self.workers.append(worker)
        return worker

    def variables(self, **more: Any) -> dict[str, Any]:
        return {"applies": str(self.folder / "applies"), **more}

    def close(self) -> None:
        for worker in self.workers:
            worker.close()
        self.host.close()
        self.controller.close()


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "main.tf").write_text(MODULE)
    controller = Session(Settings(home=tmp_path / "home"), Display(io.StringIO()))
    team = Team(tmp_path, controller, Host(controller))
    yield team
    team.close()


def topics(session: Session) -> list[str]:
    found = session.backend.client("sns").list_topics()["Topics"]
    return sorted(topic["TopicArn"].rpartition(":")[2] for topic in found)


def clock(session: Session) -> EmulatedClock:
    found = session.backend.clock()
    assert isinstance(found, EmulatedClock)
    return found


def test_who_asks_at_once_shares_one_apply_and_nothing_else(team: Team) -> None:
    workers = [team.worker() for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        asking = [pool.submit(one.apply, team.module, team.variables()) for one in workers]
    first, second, third = (one.result() for one in asking)
    assert team.applied == ["orders"]
    assert [one.outputs["name"] for one in (first, second, third)] == ["orders"] * 3
    assert len({one.stack.workspace.folder for one in (first, second, third)}) == 3
    assert first.plan().is_empty

    workers[0].backend.client("sns").create_topic(Name="of-the-first")
    assert [topics(one) for one in workers] == [["of-the-first"], [], []]
    later = workers[2].backend.clock().now() + timedelta(days=1)
    clock(workers[1]).set(later, "manual")
    assert clock(workers[1]).now() == later
    assert clock(workers[2]).now() < later

    story = journal.read(team.controller.chronicle.folder.path)
    told = {name: entry.phase for name, entry in story.stacks.items() if entry.facts}
    assert told == {"module-1": Phase.APPLIED}
    assert team.controller.resources == 1
    assert sum(one.resources for one in workers) == 0


def test_all_workers_have_the_suffix_of_their_run(team: Team) -> None:
    first, second = team.worker(), team.worker()
    variables = team.variables(name="a-{skyproof_suffix}", zones={"c", "a", "b"})
    names = [one.apply(team.module, variables).outputs["name"] for one in (first, second)]
    assert names == [f"a-{team.controller.run.suffix}"] * 2
    assert first.run == second.run == team.controller.run
    assert len(team.applied) == 1


def test_one_stack_after_another_is_as_in_one_process(team: Team) -> None:
    """Applied, left, and another applied: the second world never saw the first stack."""
    first, second = team.worker(), team.worker()
    for one in (first, second):
        orders = one.apply(team.module, team.variables())
        one.destroy(orders.stack)
        assert not orders.stack.workspace.top.exists()
        bills = one.apply(team.module, team.variables(name="bills"))
        assert bills.outputs["name"] == "bills"
        one.destroy(bills.stack)
        assert one.apply(team.module, team.variables()).outputs["name"] == "orders"
    assert team.applied == ["orders", "bills"]


def test_stacks_of_one_worker_stand_beside_one_another(team: Team) -> None:
    first, second = team.worker(), team.worker()
    for one in (first, second):
        orders = one.apply(team.module, team.variables())
        bills = one.apply(team.module, team.variables(name="bills"))
        assert orders.stack.environment == bills.stack.environment == one.backend.environment()
        assert (orders.plan().is_empty, bills.plan().is_empty) == (True, True)
    assert team.applied == ["orders", "bills"]


def test_who_has_written_goes_on_alone_and_keeps_what_it_wrote(team: Team) -> None:
    worker, other = team.worker(), team.worker()
    orders = worker.apply(team.module, team.variables())
    worker.backend.client("sns").create_topic(Name="of-a-fixture")
    bills = worker.apply(team.module, team.variables(name="bills"))
    assert bills.outputs["name"] == "bills"
    assert topics(worker) == ["of-a-fixture"]
    worker.destroy(bills.stack)
    worker.destroy(orders.stack)
    assert topics(worker) == ["of-a-fixture"]
    assert worker.chronicle.folder.id == f"{team.controller.run.id}-gw0"
    assert other.apply(team.module, team.variables()).plan().is_empty
    assert topics(other) == []
    assert team.applied == ["orders", "bills"], "orders for all, bills by this worker alone"


def test_time_that_was_halted_is_not_left_either(team: Team) -> None:
    worker = team.worker()
    _ = worker.backend
    clock(worker).set(mode="manual")
    begin = clock(worker).now()
    worker.apply(team.module, team.variables())
    assert clock(worker).now() == begin
    assert team.controller.resources == 0
    assert worker.resources == 1


def test_clients_and_clocks_go_along(team: Team) -> None:
    worker = team.worker()
    sns, there = worker.backend.client("sns"), clock(worker)
    before = worker.backend.endpoint
    worker.apply(team.module, team.variables())
    assert worker.backend.endpoint != before
    sns.create_topic(Name="orders")
    assert topics(worker) == ["orders"]
    there.set(mode="manual")
    there.wait(3600)
    assert clock(worker).now() == there.now()


def test_a_failed_apply_fails_in_every_worker_and_is_not_tried_again(team: Team) -> None:
    (team.folder / "nowhere").mkdir()
    variables = {"applies": str(team.folder / "nowhere")}  # a folder: nothing is written to it
    said = []
    for one in (team.worker(), team.worker()):
        with pytest.raises(SkyproofError, match="terraform apply failed") as caught:
            one.apply(team.module, variables)
        said.append(str(caught.value))
        assert topics(one) == []
    assert said[0] == said[1]
    assert len(journal.read(team.controller.chronicle.folder.path).stacks) == 1


def test_what_is_no_stack_is_told_at_once(team: Team) -> None:
    with pytest.raises(SkyproofError, match="There is no stack at"):
        team.worker().apply(team.folder / "missing")


def test_a_worker_that_is_gone_takes_nothing_with_it(team: Team) -> None:
    lost, other = team.worker(), team.worker()
    lost.apply(team.module, team.variables())
    guest = lost.backend
    assert isinstance(guest, Guest)
    world = guest.worlds()
    assert guest._line is not None
    guest._line.shutdown(socket.SHUT_RDWR)  # as the system does for a process that is gone

    def is_gone() -> bool:
        try:
            world.living()
        except HTTPError:
            return True
        return False

    wait = Retrying(retry=retry_if_result(lambda gone: not gone), stop=stop_after_delay(20))
    assert wait.copy(wait=wait_fixed(0.05))(is_gone)
    assert other.apply(team.module, team.variables()).plan().is_empty
    assert team.applied == ["orders"]


def test_the_controller_destroys_once_and_nothing_is_left(team: Team) -> None:
    for _ in range(2):
        worker = team.worker()
        worker.apply(team.module, team.variables())
        worker.close()
    team.host.close()
    team.controller.close()
    assert len([one for one in team.controller.spans if one.what == "destroy"]) == 1
    assert list((team.folder / "home" / "runs").iterdir()) == []


def test_the_end_of_the_run_ends_an_apply(team: Team) -> None:
    begun = team.folder / "begun"
    os.mkfifo(begun)
    (team.module / "main.tf").write_text(
        f"""
        resource "terraform_data" "slow" {{
          provisioner "local-exec" {{ command = "echo > {begun}; exec sleep 600" }}
        }}
        """
    )
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(team.worker().apply, team.module)
        begun.read_text()
        team.host.close()
        with pytest.raises(SkyproofError):
            asking.result()
    team.controller.close()
    assert list((team.folder / "home" / "runs").glob("*/stacks/module-1")) == []


@pytest.mark.parametrize("said", [b"", b"guess\n", b"0" * 32 + b"\n"])
def test_nobody_is_let_in_without_the_key(team: Team, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", team.host.invitation()["port"])) as line:
        line.sendall(said + json.dumps({"do": "stand", "stacks": []}).encode() + b"\n")
        line.shutdown(socket.SHUT_WR)
        line.settimeout(20)
        heard: Callable[[int], bytes] = line.recv
        assert heard(1) == b""
