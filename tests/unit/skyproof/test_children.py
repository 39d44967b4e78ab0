from __future__ import annotations

import subprocess
import sys

import pytest

from skyproof import children

READS = "import sys; sys.stdin.read()"
DEAF = "import signal; signal.pause()"


@pytest.mark.parametrize(("source", "seconds", "code"), [(READS, 30, 0), (DEAF, 0.1, -9)])
def test_a_child_ends_with_its_input_or_is_killed(source: str, seconds: float, code: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE)
    children.end(process, seconds)
    assert process.returncode == code


def test_one_that_was_let_go_is_told_for_how_long_to_wait() -> None:
    reads = "import sys; print(sys.stdin.read())"
    with subprocess.Popen(
        [sys.executable, "-c", reads], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        children.let_go(process, 90)
        assert process.stdout is not None
        assert children.told_to_stay(process.stdout.read()) == 90


@pytest.mark.parametrize("said", [b"", b"stay", b"stay long", b"90", b"stay 0", b"go 90"])
def test_one_that_hears_nothing_of_it_ends(said: bytes) -> None:
    assert children.told_to_stay(said) == 0
