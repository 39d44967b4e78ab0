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
    assert result.output.splitlines()[-1] == "4 checks: holds 4"


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
