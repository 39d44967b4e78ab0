"""Which types of instances are offered where: read each time that somebody asks.

moto reads the lists of all regions as soon as anything is asked of EC2, a million objects in 79 MB
(docs/upstream.md), and a fork copies the tables of all those pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from moto.utilities import utils

_FOLDER = PurePosixPath("ec2/resources/instance_type_offerings")
_read = utils.load_resource


class Offerings:
    """The list of one region and kind of place, which moto does nothing with but go through it."""

    def __init__(self, resource: PurePosixPath) -> None:
        self._resource = resource

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for offering in _read(str(self._resource)):
            yield offering | {"LocationType": self._resource.parent.name}


def _load(resource: str) -> Any:
    path = PurePosixPath(resource)
    return Offerings(path) if path.is_relative_to(_FOLDER) else _read(resource)


def read_when_asked() -> None:
    """Have moto do so, from its import of EC2 on."""
    utils.load_resource = _load
