"""What real runs found, kept in files and shown as a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from skyproof.cli import main
from skyproof.errors import ExitCode, SkyproofError
from skyproof.parity.records import Found, read, write

PASSED = Found("passed", "4.9.2", "2026-01-05")
FAILED = Found("failed", "4.14.0", "2026-02-05")


def test_what_is_written_is_read_by_backend(tmp_path: Path) -> None:
    write(tmp_path / "parity", "localstack", "localstack 4.9.2", {"test_a": PASSED})
    write(tmp_path / "parity", "embedded", "embedded", {"test_a": FAILED})
    assert read(tmp_path / "parity") == {
        "embedded": {"test_a": FAILED},
        "localstack": {"test_a": PASSED},
    }


def test_a_run_of_some_tests_keeps_what_was_found_of_the_others(tmp_path: Path) -> None:
    write(tmp_path, "localstack", "old", {"test_a": PASSED, "test_b": PASSED})
    file = write(tmp_path, "localstack", "new", {"test_b": FAILED})
    assert read(tmp_path)["localstack"] == {"test_a": PASSED, "test_b": FAILED}
    assert '"about": "new"' in file.read_text()


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(SkyproofError, match=r"holds no record of a run\.\nMake one: pytest"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"tests": {"a": {"outcome": "passed"}}}'])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "localstack.json").write_text(text)
    with pytest.raises(SkyproofError, match=r"localstack.json is no record of a run"):
        read(tmp_path)


def test_the_table_has_all_tests_and_backends(tmp_path: Path) -> None:
    write(tmp_path, "localstack", "", {"test_a": PASSED})
    write(tmp_path, "embedded", "", {"test_b": FAILED})
    result = CliRunner().invoke(main, ["report", "--parity", str(tmp_path)])
    assert result.exit_code == ExitCode.OK, result.output
    lines = [line for line in result.output.splitlines() if "test_" in line]
    assert ["not run" in line for line in lines] == [True, True]
    assert "passed  4.9.2, 2026-01-05" in lines[0]
    assert "failed  4.14.0, 2026-02-05" in lines[1]


def test_a_report_of_nothing_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["report"])
    assert result.exit_code == ExitCode.USAGE
    assert "say what to report: --parity" in result.output
