"""What an AWS-like endpoint can do: a list of small checks, run against it."""

from __future__ import annotations

from collections.abc import Sequence

from skyproof.errors import SkyproofError
from skyproof.probe.check import CHECKS, Check
from skyproof.probe.checks import behaviour, fields, reads
from skyproof.probe.comparing import Difference, differences
from skyproof.probe.guard import require_answer, require_emulator
from skyproof.probe.running import Outcome, run

__all__ = [
    "CHECKS",
    "Check",
    "Difference",
    "Outcome",
    "chosen",
    "differences",
    "require_answer",
    "require_emulator",
    "run",
]

#: They declare their checks when they are imported.
_DECLARING = (reads, fields, behaviour)


def chosen(*, write: bool, services: Sequence[str] = ()) -> list[Check]:
    """The checks of some services, or of all; those that make things only if asked for.

    Raises:
        SkyproofError: a service has no checks.
    """
    known = {check.service for check in CHECKS}
    unknown = [name for name in services if name not in known]
    if unknown:
        raise SkyproofError(
            f"There are no checks of {', '.join(unknown)}.",
            f"There are of: {', '.join(sorted(known))}.",
        )
    wanted = [
        check
        for check in CHECKS
        if (write or check.kind == "reads") and (not services or check.service in services)
    ]
    return sorted(wanted, key=lambda check: (check.service, check.kind))
