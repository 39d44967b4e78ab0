"""What skyproof needs of a machine, each found or missing."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from skyproof import run
from skyproof.backends import create
from skyproof.errors import SkyproofError
from skyproof.settings import Settings
from skyproof.terraform.discovery import find_mirror, find_terraform, providers_in


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for; what is missing has its way out in the text."""

    name: str
    text: str
    is_missing: bool = False

    def __str__(self) -> str:
        return f"{self.name:16} {'MISSING: ' if self.is_missing else ''}{self.text}"


def look(settings: Settings) -> Iterator[Finding]:
    """Look for one thing after another; the backend is started and stopped again."""
    for name, find in _LOOKS.items():
        try:
            yield Finding(name, find(settings))
        except SkyproofError as error:
            yield Finding(name, str(error), is_missing=True)


def _python(_: Settings) -> str:
    return f"{platform.python_version()} at {sys.executable}"


def _terraform(settings: Settings) -> str:
    found = find_terraform(settings.terraform)
    return f"{found.version} at {found.path}"


def _mirror(settings: Settings) -> str:
    found = find_mirror(settings.provider_mirror)
    return f"{found}: {', '.join(providers_in(found))}" if found else "none, the registry it is"


def _backend(settings: Settings) -> str:
    backend = create(settings, run.begin(settings.time_to_live, settings.owner))
    backend.start()
    try:
        return backend.describe()
    finally:
        backend.stop()


_LOOKS: dict[str, Callable[[Settings], str]] = {
    "python": _python,
    "terraform": _terraform,
    "provider mirror": _mirror,
    "backend": _backend,
}
