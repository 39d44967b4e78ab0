"""Terraform gets providers from the mirror, unless the user tells it where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyproof.terraform.discovery import REGISTRY_HOST, Binary
from skyproof.terraform.toolchain import Toolchain

BINARY = Binary(Path("terraform"), "1.11.4")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    folder = tmp_path / "mirror"
    (folder / REGISTRY_HOST / "acme" / "fake").mkdir(parents=True)
    return folder


def test_a_mirror_is_told_to_terraform_in_a_file(mirror: Path, tmp_path: Path) -> None:
    environment = Toolchain(BINARY, mirror).environment(tmp_path)
    assert environment["TF_CLI_CONFIG_FILE"] == str(tmp_path / "terraform.rc")
    assert str(mirror) in (tmp_path / "terraform.rc").read_text()


def test_without_a_mirror_terraform_asks_where_it_always_does(mirror: Path, tmp_path: Path) -> None:
    assert "TF_CLI_CONFIG_FILE" not in Toolchain(BINARY).environment(tmp_path)
    assert not (tmp_path / "terraform.rc").exists()


def test_what_the_user_tells_of_providers_comes_first(
    mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.rc"
    own.write_text("provider_installation {}\n")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    assert Toolchain(BINARY, mirror).environment(tmp_path)["TF_CLI_CONFIG_FILE"] == str(own)
