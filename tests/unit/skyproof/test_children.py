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
