"""``--skyproof-stage``: one stage of a test run alone, over what stands between such runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skyproof.applied import AppliedStack
from skyproof.session.reused import Reused
from skyproof.session.tools import Tools
from skyproof.standing.stages import nothing_stands, run_stage
from skyproof.terraform.progress import Display


@dataclass(frozen=True)
class Staged:
    """Applies or destroys what stands in the stages of that name; tests a copy of it in theirs."""

    tools: Tools
    reused: Reused

    def apply(self, source: Path, variables: Mapping[str, Any]) -> AppliedStack:
        """The stack to be tested.

        Raises:
            StageDone: the stage is another, and is done.
            SkyproofError: it failed, or nothing stands that could be tested.
        """
        run_stage(self.tools.settings, self.tools.display or Display(), source, variables)
        applied = self.reused.apply(source, variables)
        if applied is None:
            raise nothing_stands(source)
        return applied
