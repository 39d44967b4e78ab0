"""What cannot be applied is refused with one message, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from skyproof.backends import Backend
from skyproof.errors import SkyproofError
from skyproof.session import Session
from skyproof.terraform import TerraformError
from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.conftest import Both

pytestmark = ON_THE_PLATFORM

BROKEN_RULE = """
resource "aws_sns_topic" "made_before" {
  name = "made-before"
}

resource "aws_cloudwatch_composite_alarm" "broken" {
  alarm_name    = "broken"
  alarm_rule    = "ALARM(one) AND OR ALARM(two)"
  alarm_actions = [aws_sns_topic.made_before.arn]
}
"""


def test_an_alarm_rule_that_does_not_parse(
    skyproof_session: Session, backend: Backend, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(BROKEN_RULE)
    with pytest.raises(SkyproofError) as caught:
        skyproof_session.apply(tmp_path)
    said = caught.value.what
    assert "aws_cloudwatch_composite_alarm.broken, main.tf:6" in said, said
    assert "ValidationError" in said, said
    arns = [topic["TopicArn"] for topic in backend.client("sns").list_topics()["Topics"]]
    assert [arn for arn in arns if arn.endswith(":made-before")] == []


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("log_retention_days", 450, "log_retention_days"),
        ("source_account_ids", ["1"], "source_account_ids must name two accounts."),
        ("environment_suffix", "Not Lower", "environment_suffix"),
    ],
)
def test_a_variable_that_fails_its_validation(
    both: Both, tmp_path: Path, variable: str, value: object, said: str
) -> None:
    fork = both.complete.stack.fork(tmp_path / "copy")
    fork.workspace.set_variables({**fork.variables, variable: value})
    with pytest.raises(TerraformError) as caught:
        fork.plan(refresh=False)
    assert "Invalid value for variable" in caught.value.what, caught.value.what
    assert said in caught.value.what, caught.value.what
