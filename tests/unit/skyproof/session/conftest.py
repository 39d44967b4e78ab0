"""A session of its own for each test, and a stack without a provider, for speed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.session import Session
from skyproof.settings import Settings
from skyproof.terraform.progress import Display
from tests.unit.skyproof.conftest import ACCOUNT

SOUND = """
variable "name" {
  type = string
  validation {
    condition     = length(var.name) > 2
    error_message = "name needs three characters."
  }
}
resource "terraform_data" "first" { input = var.name }
resource "terraform_data" "each" {
  for_each = toset(["a", "b"])
  input    = "${terraform_data.first.output}-${each.key}"
}
output "name" { value = terraform_data.first.output }
"""
SANDBOX = Settings(backend="sandbox", sandbox_accounts=(ACCOUNT,))


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    session = Session(Settings(home=scratch), Display(io.StringIO()))
    yield session
    session.kept.clear()
    session.close()


def stack_of(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "main.tf").write_text(text)
    return folder


def left_over(tmp_path: Path) -> list[str]:
    return sorted(one.name for one in (tmp_path / "scratch").glob("runs/*/stacks/*"))
