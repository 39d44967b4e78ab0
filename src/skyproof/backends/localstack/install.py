"""LocalStack from PyPI in a virtual environment of its own.

Of its own, because LocalStack brings a fork of moto that is installed over moto itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from filelock import FileLock

from skyproof.errors import ExitCode, SkyproofError

VERSION = "4.9.2"
# 115 packages, 510 MB: 42 s measured with a near index.
PIP_SECONDS = 1800
_DONE = "installed"


def folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where it is installed: one folder for each version of LocalStack and of Python."""
    environ = os.environ if environ is None else environ
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    python = f"py{sys.version_info.major}.{sys.version_info.minor}"
    return cache / "skyproof" / f"localstack-{VERSION}-{python}"


def python_of(place: Path) -> Path | None:
    """The Python of a finished installation; ``None`` where there is none."""
    python = place / "bin" / "python"
    # The second is a link, to a Python that may have been removed since.
    return python if (place / _DONE).exists() and python.exists() else None


def install(place: Path) -> Path:
    """Make the virtual environment, unless it stands already; its Python.

    Raises:
        SkyproofError: pip fails; nothing half done is left.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(f"{place.name}.lock")):
        found = python_of(place)
        if found is not None:
            return found
        shutil.rmtree(place, ignore_errors=True)
        try:
            _make(place)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        (place / _DONE).touch()
    return place / "bin" / "python"


def _make(place: Path) -> None:
    _run("A virtual environment", [sys.executable, "-m", "venv", str(place)])
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    with as_file(files(__package__) / "requirements.txt") as pins:
        _run(f"LocalStack {VERSION}", [*pip, "--no-deps", "--requirement", str(pins)])


def _run(what: str, command: list[str]) -> None:
    # Not isolated: which index to ask is the machine's to say.
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PIP_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SkyproofError(
            f"{what} was not installed within {PIP_SECONDS} s.", "", ExitCode.ENVIRONMENT
        ) from None
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise SkyproofError(
            f"{what} could not be installed:\n{said}",
            "Its packages come from PyPI, or from the index that pip is configured for.",
            ExitCode.ENVIRONMENT,
        )
