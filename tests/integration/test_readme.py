"""The README's example, as it stands on the page, works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from skyproof.extract import extract

README = Path(__file__).resolve().parents[2] / "README.md"


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As in a stranger's shell: none of this run's own options."""
    ours = ("PYTEST_", "SKYPROOF_BACKEND", "COVERAGE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_readmes_example_passes(tmp_path: Path) -> None:
    written = extract(README, tmp_path, allow_unnamed=True)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        "modules/queue/main.tf",
        "test_queue.py",
    }
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout, done.stdout


def test_the_readmes_example_fails_when_its_module_is_wrong(tmp_path: Path) -> None:
    right = README.read_text()
    wrong = right.replace("maxReceiveCount     = 1", "maxReceiveCount     = 5")
    assert wrong != right
    document = tmp_path / "wrong.md"
    document.write_text(wrong)
    extract(document, tmp_path / "project", allow_unnamed=True)
    done = run_pytest(tmp_path / "project", "-k", "poison")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout, done.stdout
