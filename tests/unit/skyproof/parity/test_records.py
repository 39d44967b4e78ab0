"""What real runs found, kept in files and shown as a table."""

from __future__ import annotations

from dataclasses import replace
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


def report(folder: Path) -> list[str]:
    result = CliRunner().invoke(main, ["report", "--parity", str(folder)])
    assert result.exit_code == ExitCode.OK, result.output
    return result.output.splitlines()


def cells_of(lines: list[str], what: str) -> list[str]:
    [line] = [line for line in lines if what in line]
    return [cell.strip() for cell in line[1:-1].replace("┃", "│").split("│")]


def test_the_table_has_all_tests_and_backends(tmp_path: Path) -> None:
    write(tmp_path, "localstack", "", {"tests/test_x.py::test_a": PASSED})
    write(tmp_path, "embedded", "", {"tests/test_x.py::test_b[1]": FAILED})
    lines = report(tmp_path)
    heading = ["test", "embedded 4.14.0, 2026-02-05", "localstack 4.9.2, 2026-01-05"]
    assert cells_of(lines, "embedded 4") == heading
    assert cells_of(lines, "tests/test_x.py") == ["tests/test_x.py", "", ""]
    assert cells_of(lines, "test_a") == ["test_a", "not run", "passed"]
    assert cells_of(lines, "test_b") == ["test_b[1]", "failed", "not run"]
    expected = "2 tests; embedded: 1 failed, 1 not run; localstack: 1 not run, 1 passed"
    assert lines[-1] == expected


def test_what_an_older_run_found_says_so(tmp_path: Path) -> None:
    write(tmp_path, "localstack", "", {"test_x.py::test_a": PASSED, "test_x.py::test_b": FAILED})
    lines = report(tmp_path)
    assert cells_of(lines, "localstack 4")[1] == "localstack 4.14.0, 2026-02-05"
    assert cells_of(lines, "test_a")[1] == "passed  4.9.2, 2026-01-05"


def test_a_reason_does_not_repeat_the_backend(tmp_path: Path) -> None:
    skipped = replace(PASSED, outcome="skipped: does not hold on localstack: it waits a day")
    write(tmp_path, "localstack", "", {"test_x.py::test_a": skipped})
    lines = report(tmp_path)
    assert cells_of(lines, "test_a")[1] == "skipped: it waits a day"
    assert lines[-1] == "1 test; localstack: 1 skipped"


def test_a_long_name_is_shown_whole(tmp_path: Path) -> None:
    name = "test_" + "long_" * 60
    write(tmp_path, "localstack", "", {f"test_x.py::{name}": PASSED})
    shown = "".join(line.strip("│ ").partition("│")[0].strip() for line in report(tmp_path))
    assert name in shown


def test_a_report_of_nothing_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["report"])
    assert result.exit_code == ExitCode.USAGE
    assert "say what to report: --parity" in result.output
