"""Terraform and a provider mirror are found, or their lack is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform.discovery import (
    cli_config,
    find_mirror,
    find_terraform,
    has_own_cli_config,
    providers_in,
    terraform_environment,
)
from tests.unit.skyproof.terraform.conftest import MakeProgram

AWS = "registry.terraform.io/hashicorp/aws"


def answering(version: str) -> str:
    return f"""echo '{{"terraform_version": "{version}"}}'"""


def mirror_at(folder: Path) -> Path:
    (folder / AWS).mkdir(parents=True)
    return folder


def test_the_one_on_path_is_found(program: MakeProgram) -> None:
    path = program(answering("1.11.4"))
    found = find_terraform(environ={"PATH": str(path.parent)})
    assert (found.path, found.version) == (path, "1.11.4")


def test_the_one_asked_for_comes_first(program: MakeProgram) -> None:
    on_path, wanted = program(answering("1.11.4")), program(answering("1.12.0-beta1"), "other")
    found = find_terraform(wanted, {"PATH": str(on_path.parent)})
    assert (found.path, found.version) == (wanted, "1.12.0-beta1")


@pytest.mark.parametrize("wanted", [None, Path("/nowhere/terraform")])
def test_none_at_all_is_named_with_the_way_out(wanted: Path | None, tmp_path: Path) -> None:
    with pytest.raises(SkyproofError) as caught:
        find_terraform(wanted, {"PATH": str(tmp_path)})
    place = "at /nowhere/terraform" if wanted else "on PATH"
    assert caught.value.what == f"There is no Terraform {place}."
    assert "https://developer.hashicorp.com/terraform/install" in caught.value.hint
    assert "SKYPROOF_TERRAFORM" in caught.value.hint
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


@pytest.mark.parametrize("version", ["1.10.5", "0.15.0", "1.9.0"])
def test_one_that_is_too_old_is_refused(program: MakeProgram, version: str) -> None:
    path = program(answering(version))
    with pytest.raises(SkyproofError, match=f"Terraform {version} at {path} is too old") as caught:
        find_terraform(path)
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


@pytest.mark.parametrize("script", ["exit 1", "echo hello", "echo '{}'"])
def test_what_is_no_terraform_is_refused(program: MakeProgram, script: str) -> None:
    path = program(script)
    with pytest.raises(SkyproofError, match="does not answer as Terraform does") as caught:
        find_terraform(path)
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


def test_a_mirror_is_found_under_a_prefix(tmp_path: Path) -> None:
    mirror = mirror_at(tmp_path / "opt" / "providers")
    assert find_mirror(prefixes=[tmp_path / "missing", tmp_path / "opt"]) == mirror
    assert list(providers_in(mirror)) == [AWS]


def test_a_mirror_that_lies_too_deep_is_not_looked_for(tmp_path: Path) -> None:
    mirror_at(tmp_path / "a" / "b" / "c")
    assert find_mirror(prefixes=[tmp_path], depth=2) is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = mirror_at(tmp_path / "elsewhere")
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt" / "link").symlink_to(elsewhere)
    assert find_mirror(prefixes=[tmp_path / "opt"]) is None


def test_a_mirror_that_is_asked_for_must_be_one(tmp_path: Path) -> None:
    assert find_mirror(mirror_at(tmp_path / "good")) == tmp_path / "good"
    with pytest.raises(SkyproofError, match=f"{tmp_path} is no provider mirror") as caught:
        find_mirror(tmp_path)
    assert caught.value.hint == "Make one with: terraform providers mirror DIR"
    assert caught.value.exit_code == ExitCode.ENVIRONMENT


def test_the_configuration_takes_from_the_mirror_what_it_has(tmp_path: Path) -> None:
    text = cli_config(mirror_at(tmp_path))
    assert f'path    = "{tmp_path}"' in text
    assert f'include = ["{AWS}"]' in text
    assert f'direct {{\n    exclude = ["{AWS}"]' in text


def test_a_configuration_of_the_users_own_counts(tmp_path: Path) -> None:
    assert has_own_cli_config({}, tmp_path) is False
    (tmp_path / ".terraformrc").write_text("provider_installation {}")
    assert has_own_cli_config({}, tmp_path) is True
    other = tmp_path / "other.rc"
    other.write_text("disable_checkpoint = true")
    assert has_own_cli_config({"TF_CLI_CONFIG_FILE": str(other)}, tmp_path) is False


def test_the_environment_loses_what_would_mislead_terraform(tmp_path: Path) -> None:
    kept = tmp_path / "terraform.rc"
    kept.touch()
    given = {
        "PATH": "/bin",
        "TF_LOG": "TRACE",
        "TF_LOG_PATH": "/tmp/log",
        "TF_CLI_ARGS_plan": "-lock=false",
        "TF_VAR_name": "x",
        "TF_DATA_DIR": "/elsewhere",
        "TF_WORKSPACE": "other",
        "TF_CLI_CONFIG_FILE": str(kept),
        "TF_PLUGIN_CACHE_DIR": "/cache",
    }
    assert terraform_environment(given) == {
        "PATH": "/bin",
        "TF_CLI_CONFIG_FILE": str(kept),
        "TF_PLUGIN_CACHE_DIR": "/cache",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
    }


def test_the_environment_is_the_same_in_each_test() -> None:
    """A provider that is kept warm has one; pytest changes this variable with each test."""
    given = {"PYTEST_CURRENT_TEST": "test_it.py::test (call)", "PYTEST_XDIST_WORKER": "gw0"}
    kept = terraform_environment(given)
    assert {name for name in kept if name.startswith("PYTEST")} == {"PYTEST_XDIST_WORKER"}


def test_a_configuration_file_that_is_missing_is_not_passed_on() -> None:
    assert "TF_CLI_CONFIG_FILE" not in terraform_environment({"TF_CLI_CONFIG_FILE": "/nowhere"})
