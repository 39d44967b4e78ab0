"""A world that is only to be read, so that tests can share it.

What comes from outside and would change it is refused, with the name of the call, so that the test
fails that wrote. What happens inside goes on: services that call one another, functions, canaries.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from skyproof.emulator.errors import AwsError
from skyproof.emulator.gate import Visit
from skyproof.emulator.mutating import mutates

#: No client tries again what is refused so.
CODE, STATUS = "SkyproofReadOnlyWorld", 403
#: Of the newest refusals.
KEPT = 1_000


class ReadOnlyWorldError(AwsError):
    """A call would have changed a world that is only to be read."""

    def __init__(self, call: str) -> None:
        super().__init__(
            CODE,
            f"{call} would change this world, which others share and only read: "
            "a test that writes needs a world of its own",
            status=STATUS,
        )


@dataclass
class Guard:
    """Off until it is put on.

    Attributes:
        refused: the calls that were, such as ``"sqs:SendMessage"``, oldest first.
        written: how many operations from outside were let pass that may have changed something.
    """

    on: bool = False
    refused: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))
    written: int = 0

    def put(self, *, on: bool) -> None:
        """On or off; what was refused before is forgotten."""
        self.on = on
        self.refused.clear()

    def admit(self, visit: Visit, service: str, operation: str) -> None:
        """Let a call pass that reads, or comes from inside.

        Raises:
            ReadOnlyWorldError: it would change the world.
        """
        changes = mutates(service, operation)
        self._admit(visit, f"{service}:{operation}", changes=changes)
        self.written += changes and not visit.nested

    def admit_request(self, visit: Visit, service: str, method: str) -> None:
        """The same for a request of which no model knows the operation."""
        self._admit(visit, f"{service}:{visit.what}", changes=method not in ("GET", "HEAD"))

    def _admit(self, visit: Visit, call: str, *, changes: bool) -> None:
        if self.on and changes and not visit.nested:
            self.refused.append(call)
            raise ReadOnlyWorldError(call)
