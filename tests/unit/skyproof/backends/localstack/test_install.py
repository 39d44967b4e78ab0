"""The virtual environment that LocalStack has to itself."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from skyproof.backends.localstack import install
from skyproof.errors import ExitCode, SkyproofError

PYTHON = f"py{sys.version_info.major}.{sys.version_info.minor}"


def pretend(place: Path) -> None:
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").touch()


@pytest.mark.parametrize(
    ("environ", "cache"),
    [({"XDG_CACHE_HOME": "/var/cache"}, "/var/cache"), ({}, str(Path.home() / ".cache"))],
)
def test_each_version_has_its_folder(environ: dict[str, str], cache: str) -> None:
    assert install.folder(environ) == Path(cache, "skyproof", f"localstack-4.9.2-{PYTHON}")


def test_it_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def make(place: Path) -> None:
        pretend(place)
        made.append(place)

    monkeypatch.setattr(install, "_make", make)
    place = tmp_path / "cache" / "localstack"
    assert install.python_of(place) is None
    first, second = install.install(place), install.install(place)
    assert first == second == install.python_of(place) == place / "bin" / "python"
    assert made == [place]


def test_one_whose_python_is_gone_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "_make", pretend)
    place = tmp_path / "localstack"
    python = install.install(place)
    python.unlink()
    assert install.python_of(place) is None
    install.install(place)
    assert install.python_of(place) == python


def test_a_half_made_one_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "localstack"
    (place / "half").mkdir(parents=True)
    monkeypatch.setattr(install, "_make", Path.mkdir)
    install.install(place)
    assert not (place / "half").exists()


def test_when_pip_fails_its_last_lines_are_told_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import sys; sys.exit('line\\n' * 9 + 'ERROR: No matching distribution')"
    command = [sys.executable, "-c", script]
    monkeypatch.setattr(install, "_make", lambda _: install._run("LocalStack", command))
    place = tmp_path / "localstack"
    with pytest.raises(SkyproofError) as caught:
        install.install(place)
    assert "could not be installed:\nline\nline\nline\nline\nERROR: No matching" in str(
        caught.value
    )
    assert caught.value.exit_code == ExitCode.ENVIRONMENT
    assert not place.exists()


def test_every_package_is_pinned() -> None:
    text = (files("skyproof.backends.localstack") / "requirements.txt").read_text()
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin)] == []
    assert f"localstack-core=={install.VERSION}" in pins
