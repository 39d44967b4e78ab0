"""Applied once, there is nothing more to do."""

from __future__ import annotations

from skyproof.terraform import Plan
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.conftest import Both

pytestmark = ON_THE_PLATFORM


def test_a_second_plan_is_empty(second_plan: Plan) -> None:
    assert second_plan.is_empty, f"a second plan would change:\n{second_plan}"


def test_terraform_itself_says_so(both: Both) -> None:
    assert both.complete.stack.has_changes() is False, "plan -detailed-exitcode was 2"


def test_a_further_apply_changes_nothing(both: Both) -> None:
    applied = both.complete.stack.apply()
    assert (applied.added, applied.changed, applied.removed) == (0, 0, 0)
