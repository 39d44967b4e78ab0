"""Secrets are planted everywhere; nothing that a run writes or prints holds one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skyproof.standing.up import down

# Whatever fails, the tests' own source is shown: there no secret stands in one piece.
VARIABLE = "variable-" + "3f9a1c77"
OUTPUT = "output-" + "b04e55d1"
CREDENTIAL = "credential-" + "77aa90f2"
TOKEN = "ghp_" + "Zz09" * 9
SECRETS = (VARIABLE, OUTPUT, CREDENTIAL, TOKEN)

MODULE = """
variable "password" {
  type      = string
  sensitive = true
}
resource "terraform_data" "made" { input = "output-${join("", ["b04e", "55d1"])}" }
resource "terraform_data" "password" { input = var.password }
output "generated" {
  value     = sensitive(terraform_data.made.output)
  sensitive = true
}
"""
TESTS = """
import os, pytest, subprocess
pytestmark = pytest.mark.stack("module", variables={"password": "variable-" + "3f9a1c77"})
TOKEN = "ghp_" + "Zz09" * 9

def test_asserts(stack, outputs):
    assert outputs["generated"] == TOKEN

def test_prints(stack, record_property, caplog):
    print(os.environ["SHOP_SECRET"], stack.outputs["generated"])
    record_property("token", TOKEN)
    stack.plan()
    local = stack.state.managed["terraform_data.password"]["input"]
    raise ValueError(f"{local} {TOKEN}")

def test_chains(stack):
    try:
        raise KeyError(stack.outputs["generated"])
    except KeyError as error:
        raise ValueError(os.environ["SHOP_SECRET"]) from error

@pytest.fixture
def broken(outputs):
    raise RuntimeError(outputs["generated"])

def test_sets_up(broken):
    pass

def test_skips(outputs):
    pytest.skip(outputs["generated"])

def test_applies(applied):
    applied("failing", {"password": "variable-" + "3f9a1c77"})
"""
FAILING = """
variable "password" { sensitive = true }
resource "terraform_data" "made" { input = "output-${join("", ["b04e", "55d1"])}" }
output "generated" {
  value     = terraform_data.made.output
  sensitive = true
}
resource "terraform_data" "failing" {
  input = terraform_data.made.output
  lifecycle {
    postcondition {
      condition     = self.input == "x"
      error_message = "not x: ${nonsensitive(var.password)}"
    }
  }
}
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    (pytester.path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(pytester.path / "tmp"))
    monkeypatch.setenv("SKYPROOF_HOME", str(pytester.path / "home"))
    monkeypatch.setenv("SHOP_SECRET", CREDENTIAL)
    pytester.mkdir("module").joinpath("main.tf").write_text(MODULE)
    pytester.mkdir("failing").joinpath("main.tf").write_text(FAILING)
    pytester.makepyfile(TESTS)
    return pytester


def holding(folder: Path) -> Iterator[tuple[str, str]]:
    """The files that hold a secret, and which; the test's own source is compiled, too."""
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.suffix != ".pyc":
            content = file.read_bytes()
            yield from ((file.name, secret) for secret in SECRETS if secret.encode() in content)


@pytest.mark.terraform
def test_nothing_that_a_run_writes_or_prints_holds_a_secret(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess(
        *("-p", "no:randomly", "-p", "no:cacheprovider", "-rA", "-l"),
        *("--junitxml=junit.xml", "--skyproof-keep=yes"),
    )
    result.assert_outcomes(failed=4, errors=1, skipped=1)
    printed = f"{result.stdout.str()}\n{result.stderr.str()}"
    assert [secret for secret in SECRETS if secret in printed] == []
    assert "not x: [redacted]" in printed, "the message is there, the secret is not"
    assert "[redacted]" in (project.path / "junit.xml").read_text()
    found = set(holding(project.path))
    real = {"terraform.tfstate", "zz_skyproof.auto.tfvars.json"}
    assert {name for name, _ in found} - {"terraform.tfstate.backup"} == real, found
    [folder] = (project.path / "home" / "runs").glob("*")
    assert folder.stat().st_mode & 0o077 == 0, "for its owner alone"
    assert down(project.path / "home", None) != [], "the emulator of what was kept"


@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native", "no"])
def test_a_report_of_any_style_is_redacted(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    monkeypatch.setenv("SHOP_SECRET", CREDENTIAL)
    pytester.makepyfile(
        test_it="""
        import os, pytest

        def test_chains():
            try:
                raise KeyError(os.environ["SHOP_SECRET"])
            except KeyError as error:
                local = os.environ["SHOP_SECRET"]
                raise ValueError(local) from error

        @pytest.mark.xfail(reason="known")
        def test_is_known():
            print(os.environ["SHOP_SECRET"])
            assert os.environ["SHOP_SECRET"] == "x"
        """,
        test_not_imported="import os; raise RuntimeError(os.environ['SHOP_SECRET'])",
    )
    result = pytester.runpytest_inprocess(
        *("-p", "no:randomly", "--continue-on-collection-errors", "-rA", "-l", f"--tb={style}"),
        "--junitxml=junit.xml",
    )
    result.assert_outcomes(failed=1, errors=1, xfailed=1)
    printed = result.stdout.str() + (pytester.path / "junit.xml").read_text()
    assert "[redacted]" in printed
    assert CREDENTIAL not in printed
