"""``from aws_synthetics.common import synthetics_configuration, synthetics_logger``."""

from __future__ import annotations

from .configuration import SyntheticsConfiguration  # noqa: TID252 (its name is its search path's)
from .logger import SyntheticsLogger  # noqa: TID252

__all__ = ["synthetics_configuration", "synthetics_logger"]

synthetics_configuration = SyntheticsConfiguration()
synthetics_logger = SyntheticsLogger()
