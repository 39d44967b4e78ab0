"""Which fields a command of a query may name."""

from __future__ import annotations

from collections.abc import Iterable


class Scope:
    """The names that the commands so far have defined.

    Of log events, any name may be a field of some. What ``stats`` leaves is known: its columns.
    """

    def __init__(self) -> None:
        self._defined: set[str] = set()
        self._columns: set[str] | None = None

    def knows(self, name: str) -> bool:
        """Whether a field may be read."""
        return self._columns is None or name in self._columns

    def defines(self, name: str) -> bool:
        """Whether a command has calculated or extracted this field."""
        return name in self._defined

    def calculated(self, text: str, at: int) -> str | None:
        """What is written there, if a command before has calculated it without an alias.

        ``stats count(*) by x | sort count(*)`` sorts by the column of that name.
        """
        written = [name for name in self._defined if name.endswith(")") and "(" in name]
        return max((one for one in written if text.startswith(one, at)), key=len, default=None)

    def define(self, name: str) -> None:
        self._defined.add(name)
        if self._columns is not None:
            self._columns.add(name)

    def aggregate(self, columns: Iterable[str]) -> None:
        """Forget all fields but the columns of ``stats``."""
        self._columns = set(columns)
        self._defined = set(self._columns)
