"""The README's example, as it stands on the page, works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from skyproof.extract import extract
from tests.integration.backends import ON_ITS_OWN

pytestmark = ON_ITS_OWN

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readmes_example_passes(tmp_path: Path) -> None:
    written = extract(README, tmp_path, allow_unnamed=True)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "modules/queue/main.tf",
        "test_queue.py",
    }
    # As in a stranger's shell: none of this run's own options.
    ours = ("PYTEST_", "SKYPROOF_BACKEND", "SKYPROOF_KEEP", "COVERAGE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout, done.stdout
