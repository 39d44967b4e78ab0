"""How often a key is rotated, and when it is next; moto keeps only whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from skyproof.emulator.constraints import checked_operations
from skyproof.emulator.service import Call, Params, Result, Service, without_metadata

if TYPE_CHECKING:
    from skyproof.emulator.world import World

#: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
DEFAULT_DAYS = 365

operation = checked_operations("kms")


@dataclass(frozen=True)
class Rotation:
    """An order to rotate a key: every so many days, counted from its own moment."""

    days: int
    since: datetime

    def after(self, moment: datetime) -> datetime:
        """The first rotation after a moment."""
        period = timedelta(days=self.days)
        return self.since + ((moment - self.since) // period + 1) * period


class Kms(Service):
    """moto's KMS; the rotation of its keys has a period and a date."""

    name: ClassVar[str] = "kms"
    complete: ClassVar[bool] = False
    fidelity: ClassVar[str] = (
        "moto's; a key's rotation has its period and its next date, counted from when it was last "
        "enabled. Rotation itself is not seen: none is listed but those on demand."
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        #: By the key's id, which the replicas of a key share as they share its rotation.
        self._rotations: dict[str, Rotation] = {}

    @operation("EnableKeyRotation")
    def enable_key_rotation(self, call: Call, params: Params) -> Result:
        call.base().enable_key_rotation(KeyId=params["KeyId"])
        days = params.get("RotationPeriodInDays", DEFAULT_DAYS)
        self._rotations[_id(params["KeyId"])] = Rotation(days, self.world.clock.now())
        return None

    @operation("GetKeyRotationStatus")
    def get_key_rotation_status(self, call: Call, params: Params) -> Result:
        """https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html

        The period and the date are those of a rotation that is enabled.
        """
        status = without_metadata(call.base().get_key_rotation_status(KeyId=params["KeyId"]))
        key = _id(params["KeyId"])
        status["KeyId"] = key
        if status["KeyRotationEnabled"]:
            rotation = self._rotations[key]
            status["RotationPeriodInDays"] = rotation.days
            status["NextRotationDate"] = rotation.after(self.world.clock.now())
        return status


def _id(key: str) -> str:
    """Of a key by its id or its ARN; these operations take no alias."""
    return key.rpartition("/")[2]
