"""What the ``parity`` marker says of a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from skyproof.settings import BACKENDS

#: All but the embedded backend must be named.
REQUIRED = tuple(name for name in BACKENDS if name != "embedded")
FAILS = "fails: "


class ParityError(ValueError):
    """The marker is missing or says something that nobody can read; the message says what."""


@dataclass(frozen=True)
class Verdict:
    """What is said of one backend.

    Attributes:
        says: ``holds``, ``supplied`` (holds, for skyproof answers there) or ``fails``.
        reason: why it fails.
    """

    says: str
    reason: str = ""

    @property
    def runs(self) -> bool:
        return self.says != "fails"


def read(said: Mapping[str, Any]) -> dict[str, Verdict]:
    """Backend → verdict, from the marker's keywords.

    Raises:
        ParityError: a backend is unknown, or a verdict is none of the three.
    """
    return {_known(backend): _verdict(backend, text) for backend, text in said.items()}


def missing(said: Iterable[str]) -> list[str]:
    """The backends of which a test says nothing though it must."""
    return [name for name in REQUIRED if name not in set(said)]


def _known(backend: str) -> str:
    if backend not in BACKENDS:
        raise ParityError(f"there is no backend {backend!r}; there are: {', '.join(BACKENDS)}")
    return backend


def _verdict(backend: str, text: Any) -> Verdict:
    if text in ("holds", "supplied"):
        return Verdict(str(text))
    if isinstance(text, str) and text.startswith(FAILS) and text.removeprefix(FAILS).strip():
        return Verdict("fails", text.removeprefix(FAILS).strip())
    raise ParityError(f'{backend}={text!r} is none of "holds", "supplied", "{FAILS}<why>"')
