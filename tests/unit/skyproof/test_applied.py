"""Worlds: what is done in one shows nowhere else. Of a stack without a provider, for speed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from urllib3.exceptions import HTTPError

from skyproof.applied import AppliedStack, World
from skyproof.backends import Backend
from skyproof.backends.emulated import Emulated
from skyproof.errors import SkyproofError
from skyproof.expect import EmulatedClock
from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.terraform.progress import Display

pytestmark = pytest.mark.terraform

MODULE = """
variable "name" { default = "orders" }
resource "terraform_data" "this" { input = var.name }
output "name" { value = terraform_data.this.output }
"""


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppliedStack]:
    folder = tmp_path_factory.mktemp("stack")
    (folder / "main.tf").write_text(MODULE)
    session = Session(Settings(home=tmp_path_factory.mktemp("home")), Display(io.StringIO()))
    yield session.apply(folder)
    session.close()


def stacks(applied: AppliedStack) -> list[str]:
    return sorted(one.name for one in applied.stack.workspace.top.parent.iterdir())


def test_what_is_done_in_a_world_shows_nowhere_else(applied: AppliedStack) -> None:
    before = stacks(applied)
    with applied.fork() as world:
        assert world.outputs["name"] == "orders"
        assert world.plan().is_empty
        world.apply({"name": "bills-{skyproof_suffix}"})
        assert world.outputs["name"] == f"bills-{applied.run.suffix}"
        world.client("sns").create_topic(Name="of-the-world")
        assert applied.outputs["name"] == "orders"
        assert applied.client("sns").list_topics()["Topics"] == []
        assert len(stacks(applied)) == len(before) + 1
    assert stacks(applied) == before
    assert applied.plan().is_empty


def test_a_world_is_destroyed_alone(applied: AppliedStack) -> None:
    with applied.fork() as world:
        assert world.destroy().removed == 1
        assert len(world.state) == 0
    assert len(applied.state) == 1


def test_a_world_of_a_world_goes_with_it(applied: AppliedStack) -> None:
    before = stacks(applied)
    with applied.fork() as first:
        first.client("sns").create_topic(Name="of-the-first")
        with first.fork() as second:
            [topic] = second.client("sns").list_topics()["Topics"]
            second.client("sns").delete_topic(TopicArn=topic["TopicArn"])
            assert first.client("sns").list_topics()["Topics"] == [topic]
        worlds = cast(Emulated, first.backend).worlds()
    with pytest.raises(HTTPError):
        worlds.living()
    assert stacks(applied) == before


def test_the_clock_of_a_world_stands_until_it_is_turned(applied: AppliedStack) -> None:
    with applied.fork() as world:
        begin = world.clock.now()
        assert world.clock.now() == begin
        world.expect.clock.wait(86_400)
        assert (world.clock.now() - begin).total_seconds() == 86_400
        there = applied.backend.clock()
        assert isinstance(there, EmulatedClock)
        assert there.mode == "real"
        assert (begin - there.now()).total_seconds() < 60


def test_a_world_ends_though_its_test_fails(applied: AppliedStack) -> None:
    before = stacks(applied)
    with pytest.raises(ZeroDivisionError), applied.fork():
        _ = 1 / 0
    assert stacks(applied) == before


class _Plain:
    """A backend without worlds."""

    name = "plain"
    capabilities: frozenset[str] = frozenset()


def test_a_backend_without_worlds_says_so(applied: AppliedStack) -> None:
    plain = replace(applied, backend=cast(Backend, _Plain()))
    with pytest.raises(SkyproofError, match="The plain backend has no worlds"), plain.fork():
        pass


def test_the_stack_that_all_share_is_neither_changed_nor_destroyed(applied: AppliedStack) -> None:
    world = World(applied.stack, cast(Backend, _Plain()), applied.run, is_own=False)
    with pytest.raises(SkyproofError, match=r"cannot be destroyed by one of them.\nMark the test"):
        world.destroy()
    with pytest.raises(SkyproofError, match="cannot be applied again by one of them"):
        world.apply()
    world.drop()
    assert applied.plan().is_empty
