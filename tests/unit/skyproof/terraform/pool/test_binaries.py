"""The provider binaries of an initialised folder."""

from __future__ import annotations

from pathlib import Path

from skyproof.terraform.pool.binaries import locked_providers, provider_binaries
from tests.unit.skyproof.terraform.pool.conftest import MakeWorkspace


def test_the_locked_version_is_the_one(workspace: MakeWorkspace) -> None:
    made = workspace(fake="new", other="x")
    folder = made.folder / ".terraform/providers/registry.terraform.io/acme/fake"
    old = folder / "1.0.0" / "linux_amd64" / "terraform-provider-fake_v1.0.0"
    old.parent.mkdir(parents=True)
    old.write_text("old")
    found = provider_binaries(made.folder)
    assert {address: file.read_text() for address, file in found.items()} == {
        "registry.terraform.io/acme/fake": "new",
        "registry.terraform.io/acme/other": "x",
    }
    assert locked_providers(made.folder)["registry.terraform.io/acme/fake"] == "1.2.3"


def test_what_init_did_not_put_there_is_not_found(workspace: MakeWorkspace, tmp_path: Path) -> None:
    made = workspace(fake="x")
    for file in made.folder.glob(".terraform/providers/**/terraform-provider-*"):
        file.unlink()
    assert provider_binaries(made.folder) == {}
    assert provider_binaries(tmp_path) == {}
