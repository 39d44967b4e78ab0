"""``skyproof probe``: the table, the file, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from skyproof.cli import main
from skyproof.emulator import Emulator
from skyproof.errors import ExitCode


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with Emulator() as emulator:
        yield emulator.endpoint


def probe(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["probe", *arguments])


def test_it_prints_a_line_a_check_and_the_total(endpoint: str) -> None:
    result = probe(endpoint, "--service", "sns", "--service", "sqs")
    assert result.exit_code == ExitCode.OK, result.output
    assert "answers list_topics" in result.output
    assert result.output.splitlines()[-1] == "4 checks: 4 hold"


def test_all_of_it_goes_to_a_file(endpoint: str, tmp_path: Path) -> None:
    file = tmp_path / "probe.json"
    result = probe(endpoint, "--service", "sqs", "--against", endpoint, "--json", str(file))
    assert result.exit_code == ExitCode.OK, result.output
    written = json.loads(file.read_text())
    assert written["endpoint"] == endpoint
    assert [one["result"] for one in written["checks"]] == ["holds", "holds"]
    assert written["checks"][0]["calls"][0]["operation"] == "sqs:ListQueues"
    assert written["differences"] == []


def test_a_service_without_checks_is_named(endpoint: str) -> None:
    result = probe(endpoint, "--service", "rum")
    assert result.exit_code == ExitCode.USAGE
    assert "There are no checks of rum." in result.output


@pytest.mark.parametrize("arguments", [(), ("--write",)])
def test_aws_is_not_probed(endpoint: str, arguments: tuple[str, ...]) -> None:
    for urls in (
        ["https://sqs.us-east-1.amazonaws.com"],
        [endpoint, "--against", "https://a.api.aws"],
    ):
        result = probe(*urls, *arguments)
        assert result.exit_code == ExitCode.USAGE
        assert "is AWS itself" in result.output


@pytest.mark.parametrize("which", [0, 1])
def test_where_nobody_answers_it_says_so_and_probes_nothing(endpoint: str, which: int) -> None:
    nobody = "http://127.0.0.1:9"
    urls = [endpoint, "--against", nobody] if which else [nobody]
    result = probe(*urls, "--service", "sqs")
    assert result.exit_code == ExitCode.ENVIRONMENT
    assert result.output.startswith(f"skyproof: Nobody answers at {nobody}.\n"), result.output


def test_two_that_are_alike_have_no_table_of_differences(endpoint: str) -> None:
    result = probe(endpoint, "--service", "sqs", "--against", f"{endpoint}/")
    expected = f"0 differences in 0 checks between {endpoint} and {endpoint}"
    assert result.output.splitlines()[-1] == expected
    assert "┃ call" not in result.output
