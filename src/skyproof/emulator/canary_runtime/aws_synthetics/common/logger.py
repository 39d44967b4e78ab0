"""SyntheticsLogger: the log of a canary."""

from __future__ import annotations

import logging
from typing import Any


class SyntheticsLogger:
    """Writes to the canary's log, each message after its level.

    AWS writes a second copy to a file among the artifacts; here that file is the log as a whole.
    """

    def __init__(self) -> None:
        self._logger = logging.getLogger("aws_synthetics")
        self._logger.setLevel(logging.INFO)

    def get_level(self) -> int:
        """A level of the module ``logging``."""
        return self._logger.level

    def set_level(self, level: int | str) -> None:
        """From ``DEBUG``, ``INFO``, ``WARN``, ``ERROR`` or a level of the module ``logging``."""
        self._logger.setLevel(level)

    def debug(self, message: object, *args: object, **kwargs: Any) -> None:
        self._log(logging.DEBUG, message, args, kwargs)

    def info(self, message: object, *args: object, **kwargs: Any) -> None:
        self._log(logging.INFO, message, args, kwargs)

    log = info

    def warn(self, message: object, *args: object, **kwargs: Any) -> None:
        self._log(logging.WARNING, message, args, kwargs)

    warning = warn

    def error(self, message: object, *args: object, **kwargs: Any) -> None:
        self._log(logging.ERROR, message, args, kwargs)

    def exception(self, message: object, *args: object, **kwargs: Any) -> None:
        """As ``error``, with the exception that is being handled."""
        self._log(logging.ERROR, message, args, {"exc_info": True, **kwargs})

    def _log(
        self, level: int, message: object, args: tuple[object, ...], kwargs: dict[str, Any]
    ) -> None:
        self._logger.log(level, f"{logging.getLevelName(level)}: {message}", *args, **kwargs)
