"""Warm providers, as Terraform sees them: a process for each instance, none mixed with another."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.terraform.pool import ProviderPool, Usage
from skyproof.terraform.pool.client import PoolFailed
from skyproof.terraform.pool.protocol import Schema
from skyproof.terraform.workspace import Workspace
from tests.unit.skyproof.terraform.pool.conftest import (
    ENVIRONMENT,
    FAKE,
    Instance,
    MakeWorkspace,
    command,
    runs,
)
from tests.unit.skyproof.terraform.pool.provider import text

OTHER = "registry.terraform.io/acme/other"
NO_DEBUG = "#!/bin/sh\necho 'flag provided but not defined: -debug'; exit 2\n"


def runs_still(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(done: Callable[[], bool]) -> None:
    """Wait for what other processes do, and fail after five seconds."""
    wait = Retrying(
        retry=retry_if_result(lambda is_done: not is_done),
        wait=wait_fixed(0.02),
        stop=stop_after_delay(5),
    )
    wait(done)


def test_each_configured_instance_has_a_process_to_itself(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(pool, workspace()) as terraform:
        first, second = terraform.configured(b"east"), terraform.configured(b"west")
        told = [one.read() for one in (first, second, first)]
    assert [one["configured"] for one in told] == [["east"], ["west"], ["east"]]
    assert told[0]["pid"] == told[2]["pid"] != told[1]["pid"]


def test_a_process_is_lent_again_for_the_same_configuration_alone(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made = workspace()
    with command(own_pool, made) as terraform:
        east = terraform.configured(b"east").read()["pid"]
    with command(own_pool, made) as terraform:
        west, again = terraform.configured(b"west").read(), terraform.configured(b"east").read()
    assert again == again | {"pid": east, "configured": ["east", "east"]}, "configured anew"
    assert west["configured"] == ["west"]
    assert own_pool.close().started == 3, "two configurations, and one that has none"


def test_processes_are_prepared_for_the_blocks_that_configure_some(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made = workspace(configuration='provider "fake" {}\nprovider "fake" { alias = "west" }')
    with command(own_pool, made):
        pass  # it fails before it configures any
    with command(own_pool, made) as terraform:
        told = [terraform.configured(name).read() for name in (b"east", b"west")]
    with command(own_pool, made):
        pass  # those that were configured wait, too
    assert [one["configured"] for one in told] == [["east"], ["west"]]
    assert own_pool.close().started == 3, "one is never configured"


def test_a_command_that_configures_none_has_none_prepared(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(own_pool, workspace(configuration='provider "fake" {}'), "validate"):
        pass
    assert own_pool.close().started == 1


def test_a_pool_that_was_begun_is_there_for_the_first_command(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    own_pool.begin()
    until(lambda: own_pool.pid is not None)
    begun = own_pool.pid
    with command(own_pool, workspace()) as terraform:
        assert terraform.configured(b"east").read()["configured"] == ["east"]
    assert own_pool.pid == begun


def test_a_pool_that_was_closed_does_not_begin(own_pool: ProviderPool) -> None:
    own_pool.close()
    before = set(threading.enumerate())
    own_pool.begin()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert own_pool.pid is None


def test_a_closed_connection_gives_its_process_back(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(pool, workspace()) as terraform:
        first = terraform.configured(b"east")
        pid = first.read()["pid"]
        first.close()
        again = None
        while again != pid:  # the pool hears of the end in its own time
            one = terraform.configured(b"east")
            again = one.read()["pid"]
            one.close()


def test_what_is_not_configured_shares_a_process_that_never_is(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(pool, workspace()) as terraform:
        one, two = terraform.instance(), terraform.instance()
        terraform.configured(b"east")
        told = [one.read(), two.read()]
    assert [one["configured"] for one in told] == [[], []]
    assert told[0]["pid"] == told[1]["pid"]


def test_folder_and_environment_are_terraforms_own(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made, exact = workspace(), {"PATH": "/usr/bin:/bin", "AWS_REGION": "eu-west-1", "EMPTY": ""}
    with command(pool, made, environment=exact | {"AWS_CA_BUNDLE": "/x.pem"}) as terraform:
        told = terraform.instance().read()
    # The shell in the provider's place sets two of its own, and Python one.
    own = {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}
    assert told["folder"] == str(made.folder)
    others = {k: v for k, v in told["environment"].items() if k not in own}
    logs = {name: others.pop(name) for name in list(others) if name.startswith("TF_LOG")}
    assert (others.pop("GOGC"), others.pop("GOMEMLIMIT")) == ("400", "160MiB")
    assert others == exact
    assert {
        "TF_LOG_SDK": "OFF",
        "TF_LOG_SDK_PROTO": "OFF",
        "TF_LOG_PROVIDER_FAKE": "OFF",
    }.items() <= logs.items()


def test_another_environment_is_another_process(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made, pids = workspace(), set()
    for account in ("1", "2", "1"):
        with command(pool, made, environment=ENVIRONMENT | {"KEY": account}) as terraform:
            told = terraform.configured(b"same").read()
            assert told["environment"]["KEY"] == account
            pids.add(told["pid"])
    assert len(pids) == 2


@pytest.mark.parametrize(
    ("version", "method"), [(5, "PrepareProviderConfig"), (6, "ValidateProviderConfig")]
)
def test_an_answer_is_remembered_for_the_same_bytes_unless_it_has_errors(
    pool: ProviderPool, workspace: MakeWorkspace, version: int, method: str
) -> None:
    with command(pool, workspace(fake=runs(version))) as terraform:
        asked = [
            terraform.instance().call(method, request)[2:3]
            for request in (b"a", b"a", b"b", b"error", b"error", b"warning", b"warning", b"a")
        ]
    # The provider counts how often it was asked.
    assert asked == [b"1", b"1", b"2", b"3", b"4", b"5", b"5", b"1"]


@pytest.mark.parametrize(
    ("version", "method"),
    [
        (5, "ValidateResourceTypeConfig"),
        (6, "ValidateResourceConfig"),
        (5, "ValidateDataSourceConfig"),
    ],
)
def test_a_block_is_validated_anew_by_a_provider_that_is_configured(
    pool: ProviderPool, workspace: MakeWorkspace, version: int, method: str
) -> None:
    def asked(instance: Instance, *values: bytes) -> list[bytes]:
        kind = text(1, b"fake_one")
        return [instance.call(method, kind + text(2, value))[-1:] for value in values]

    with command(pool, workspace(fake=runs(version))) as terraform:
        blank, configured = terraform.instance(), terraform.configured(b"east")
        remembered = asked(blank, b"a", b"a", b"b", b"error", b"error", b"a")
        anew = asked(configured, b"a", b"a")
    # The provider counts how often it was asked.
    assert (remembered, anew) == ([b"1", b"1", b"2", b"3", b"4", b"1"], [b"1", b"2"])


def test_copies_of_a_stack_share_what_is_remembered_and_other_stacks_do_not(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    first, copy, other = (workspace(name, fake=runs()) for name in ("first", "copy", "other"))
    binary = next(first.folder.glob(".terraform/providers/**/terraform-provider-*"))
    for made in (copy, other):
        link = next(made.folder.glob(".terraform/providers/**/terraform-provider-*"))
        link.unlink()
        link.symlink_to(binary)
    other = replace(other, source=Path("/elsewhere"))
    asked = []
    for made in (first, copy, other):
        with command(pool, made) as terraform:
            instance = terraform.instance()
            instance.call("PrepareProviderConfig", b"another")
            asked.append(instance.call("PrepareProviderConfig", b"same")[2:3])
    assert asked == [b"2", b"2", b"2"]
    # The copy's own process was never asked.
    with command(pool, copy) as terraform:
        assert terraform.instance().call("PrepareProviderConfig", b"new")[2:3] == b"1"


def test_the_schema_is_cut_to_what_the_stack_speaks_of(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made = workspace(configuration='resource "fake_two" "x" {}')
    with command(pool, made) as terraform:
        schema = Schema.read(terraform.instance().call("GetSchema"))
    assert schema.types == {"fake_two"}
    (made.folder / "main.tf").write_text('resource "fake_tow" "x" {}')
    with command(pool, made) as terraform:
        schema = Schema.read(terraform.instance().call("GetSchema"))
    assert "fake_three" in schema.types, "Terraform proposes the most similar of all"


def test_errors_come_through_with_code_details_and_metadata(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(pool, workspace()) as terraform:
        instance = terraform.configured(b"east")
        with pytest.raises(grpc.RpcError) as caught:
            instance.read("fail")
        told: Any = caught.value
        trailing = dict(told.trailing_metadata())
        sent = instance.read(metadata=(("x-id", "7"),))["metadata"]
    assert (told.code(), told.details()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "too much")
    assert (trailing["why"], trailing["details-bin"]) == ("asked", b"\x00\xff")
    assert sent == {"x-id": "7"}


def test_streams_and_large_messages_pass(pool: ProviderPool, workspace: MakeWorkspace) -> None:
    with command(pool, workspace()) as terraform:
        instance = terraform.configured(b"east")
        assert instance.streams(b"a", b"b") == [b"<a>", b"<b>"]
        # gRPC's own limit is 4 MiB.
        assert len(instance.read(f"big {20 << 20}")) == 20 << 20


def test_a_crash_is_seen_as_one_and_the_next_command_gets_a_fresh_process(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made = workspace()
    with command(pool, made) as terraform:
        instance = terraform.configured(b"east")
        pid = instance.read()["pid"]
        codes = [code_of(instance, "crash")]
        while codes[-1] == grpc.StatusCode.UNAVAILABLE:  # until its end is noticed
            codes.append(code_of(instance, ""))
    # Terraform says "Plugin did not respond" to the first and "Request cancelled" to the last.
    assert (codes[0], codes[-1]) == (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    with command(pool, made) as terraform:
        again = terraform.configured(b"east").read()
    assert again["pid"] != pid
    assert again["configured"] == ["east"]


def code_of(instance: Instance, order: str) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        instance.read(order)
    told: Any = caught.value
    return told.code()


@pytest.mark.parametrize("how", ["blank", "free"])
def test_a_process_that_dies_while_it_waits_is_replaced(
    pool: ProviderPool, workspace: MakeWorkspace, how: str
) -> None:
    made = workspace()

    def ask() -> dict[str, Any]:
        with command(pool, made) as terraform:
            instance = terraform.instance() if how == "blank" else terraform.configured(b"east")
            told: dict[str, Any] = instance.read()
            return told

    first = ask()
    os.kill(first["pid"], signal.SIGKILL)
    # The pool hears of the death by the guardian's end.
    until(lambda: not runs_still(first["guardian"]))
    assert not runs_still(first["pid"])
    assert ask()["pid"] != first["pid"]


def test_stop_reaches_the_process_of_its_instance_and_that_is_not_lent_again(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made = workspace()
    with command(pool, made) as terraform:
        first, second = terraform.configured(b"east"), terraform.configured(b"east")
        pids = [one.read()["pid"] for one in (first, second)]
        waiting = first.future("ReadResource", b"\x0a\x01x\x12\x04wait")
        while first.read("")["pid"] != pids[0]:
            pass
        first.call("Stop")
        assert waiting.result() == b"stopped"
    with command(pool, made) as terraform:
        lent = {terraform.configured(b"east").read()["pid"] for _ in range(2)}
    assert pids[0] not in lent
    assert pids[1] in lent


def test_a_configuration_that_is_refused_ends_its_process(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made, pids = workspace(), set()
    for _ in range(2):
        with command(pool, made) as terraform:
            pids.add(terraform.configured(b"bad configuration").read()["pid"])
    assert len(pids) == 2


def test_each_provider_of_a_stack_has_its_own(pool: ProviderPool, workspace: MakeWorkspace) -> None:
    with command(pool, workspace(fake=runs(5), other=runs(6))) as terraform:
        told = [terraform.configured(b"x", one).read()["pid"] for one in (FAKE, OTHER)]
        versions = [terraform.reattach[one]["ProtocolVersion"] for one in (FAKE, OTHER)]
    assert len(set(told)) == 2
    assert versions == [5, 6]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (NO_DEBUG, "it does not start with -debug: flag provided but not defined: -debug"),
        ("#!/bin/sh\nexit 0\n", "it does not start with -debug: it said nothing"),
        (runs(4), "it speaks grpc 4, not grpc 5 or 6"),
        ("#!/no/such/program\n", "No such file"),
    ],
    ids=["no -debug", "silent", "protocol 4", "no program"],
)
def test_a_provider_that_cannot_be_pooled_falls_back_alone_and_says_so_once(
    own_pool: ProviderPool, workspace: MakeWorkspace, told: list[str], program: str, why: str
) -> None:
    made = workspace(fake=runs(), other=program)
    for _ in range(2):
        with command(own_pool, made) as terraform:
            assert set(terraform.reattach) == {FAKE}
    assert len(told) == 1
    assert OTHER in told[0]
    assert why in told[0]


def test_required_the_plain_way_is_an_error_each_time(
    workspace: MakeWorkspace, told: list[str]
) -> None:
    stubborn, sound = workspace("stubborn", fake=NO_DEBUG), workspace("sound")
    with closing(ProviderPool(required=True, tell=told.append)) as pool:
        for _ in range(2):
            refused = refusal(pool, stubborn)
            assert f"{FAKE}: it does not start with -debug: flag provided" in refused.what
            assert "--skyproof-provider-pool=auto" in refused.hint
        with command(pool, sound) as terraform:
            assert set(terraform.reattach) == {FAKE}
        assert pool.pid is not None
        os.kill(pool.pid, signal.SIGKILL)
        for _ in range(2):
            assert "it does not answer" in refusal(pool, sound).what
    assert told == []


def refusal(pool: ProviderPool, workspace: Workspace) -> PoolFailed:
    with pytest.raises(PoolFailed) as caught, command(pool, workspace):
        pytest.fail("it went on")
    return caught.value


def test_a_pool_that_is_dead_leaves_the_plain_way_and_no_provider(
    own_pool: ProviderPool, workspace: MakeWorkspace, told: list[str]
) -> None:
    made = workspace()
    with command(own_pool, made) as terraform:
        provider = terraform.configured(b"east").read()["pid"]
    assert own_pool.pid is not None
    os.kill(own_pool.pid, signal.SIGKILL)
    for _ in range(2):
        with command(own_pool, made) as terraform:
            assert terraform.reattach == {}
    assert len(told) == 1
    assert "it does not answer" in told[0]
    until(lambda: not runs_still(provider))


def test_a_pool_that_hangs_leaves_the_plain_way(
    own_pool: ProviderPool,
    workspace: MakeWorkspace,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = workspace()
    with command(own_pool, made):
        pass
    assert own_pool.pid is not None
    os.kill(own_pool.pid, signal.SIGSTOP)
    monkeypatch.setattr("skyproof.terraform.pool.client.ORDER_SECONDS", 0.2)
    with command(own_pool, made) as terraform:
        assert terraform.reattach == {}
    os.kill(own_pool.pid, signal.SIGCONT)
    assert told == [
        "skyproof: no warm provider, Terraform starts its own: it does not answer (timed out)"
    ]


def test_a_pool_that_does_not_start_in_time_leaves_the_plain_way(
    own_pool: ProviderPool,
    workspace: MakeWorkspace,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("skyproof.terraform.pool.client.START_SECONDS", 0.0)
    with command(own_pool, workspace()) as terraform:
        assert terraform.reattach == {}
    [line] = told
    assert line.endswith("its process did not start: it said nothing")


@pytest.mark.parametrize("arguments", [("init",), ("output", "-json")])
def test_what_asks_no_provider_starts_none(
    own_pool: ProviderPool, workspace: MakeWorkspace, arguments: tuple[str, ...]
) -> None:
    with command(own_pool, workspace(), *arguments) as terraform:
        assert terraform.reattach == {}
    assert own_pool.pid is None


def test_a_folder_without_providers_starts_nothing(own_pool: ProviderPool, tmp_path: Path) -> None:
    empty = Workspace(tmp_path, tmp_path, tmp_path, tmp_path / "terraform.log")
    with command(own_pool, empty) as terraform:
        assert terraform.reattach == {}
    assert own_pool.pid is None


@pytest.mark.parametrize(
    ("given", "growth"),
    [({}, "400"), ({"GOGC": "50"}, None), ({"GOMEMLIMIT": "500MiB"}, None)],
)
def test_terraform_collects_less_garbage_unless_the_user_has_a_say(
    pool: ProviderPool, workspace: MakeWorkspace, given: dict[str, str], growth: str | None
) -> None:
    with pool.serving(["plan"], workspace(), ENVIRONMENT | given) as where:
        assert where.get("GOGC") == growth


@pytest.mark.parametrize("given", [{"GOGC": "50"}, {"GOMEMLIMIT": "500MiB"}])
def test_so_do_providers_unless_the_user_has_a_say(
    pool: ProviderPool, workspace: MakeWorkspace, given: dict[str, str]
) -> None:
    with command(pool, workspace(), environment=ENVIRONMENT | given) as terraform:
        told = terraform.instance().read()["environment"]
    assert {name: told[name] for name in ("GOGC", "GOMEMLIMIT") if name in told} == given


def test_who_attaches_providers_himself_is_left_alone(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    mine = ENVIRONMENT | {"TF_REATTACH_PROVIDERS": "{}"}
    with pool.serving(["plan"], workspace(), mine) as where:
        assert where == {}


def test_calls_are_timed_by_phase_and_type(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(own_pool, workspace()) as terraform:
        instance = terraform.configured(b"east")
        for kind in ("fake_one", "fake_one", "fake_two"):
            instance.read(kind=kind)
    timings = {(t.phase, t.type_name): t for t in own_pool.timings()}
    assert {key: t.calls for key, t in timings.items()} == {
        ("read", "fake_one"): 2,
        ("read", "fake_two"): 1,
    }
    one = timings["read", "fake_one"]
    assert 0 < one.longest <= one.seconds <= 2 * one.longest


def test_what_providers_log_is_dropped_and_what_else_they_say_is_kept(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    made = workspace()
    with command(own_pool, made):
        pass
    own_pool.close()
    assert made.log.with_name("providers.log").read_text() == "something else\n"


def test_closing_ends_everything_and_tells_what_it_took(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    with command(own_pool, workspace()) as terraform:
        pids = [terraform.configured(b"east").read()["pid"], terraform.instance().read()["pid"]]
    usage = own_pool.close()
    assert own_pool.close() == usage, "closing twice is harmless"
    assert [runs_still(pid) for pid in pids] == [False, False]
    assert (usage.started, usage.most) == (2, 2)
    assert 5e6 < usage.peak_bytes < 500e6
    assert str(usage).startswith("2 processes, 2 at once, ")


def test_a_stack_that_is_gone_takes_its_processes_along(
    pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    gone, stays = workspace("gone"), workspace("stays")
    pids = []
    for made in (gone, stays):
        with command(pool, made) as terraform:
            pids.append(terraform.configured(b"east").read()["pid"])
    pool.forget(gone.top)
    assert [runs_still(pid) for pid in pids] == [False, True]


def test_after_the_end_commands_go_the_plain_way(
    own_pool: ProviderPool, workspace: MakeWorkspace
) -> None:
    own_pool.close()
    with command(own_pool, workspace()) as terraform:
        assert terraform.reattach == {}
    assert own_pool.pid is None


def test_pools_at_once_and_one_after_the_other_add_up() -> None:
    one, other = Usage(3, 2, 500), Usage(4, 3, 400)
    assert one + other == Usage(7, 5, 500)
    assert one.then(other) == Usage(7, 3, 500)
