"""On which midnight something is due.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.s3.due import Rule, midnight

SECONDS_UNTIL_2100 = 4_102_444_800
MOMENTS = st.floats(0, SECONDS_UNTIL_2100).map(lambda at: datetime.fromtimestamp(at, UTC))


@given(MOMENTS)
def test_a_moment_is_rounded_up_to_midnight(moment: datetime) -> None:
    rounded = midnight(moment)
    assert rounded.time() == time()
    assert timedelta(0) <= rounded - moment < timedelta(days=1)


@given(MOMENTS, st.integers(1, 3650))
def test_an_upload_is_aborted_so_many_days_later_at_midnight(moment: datetime, days: int) -> None:
    spec = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}}
    due = Rule(spec, "").abort("key", moment)
    assert due == midnight(moment) + timedelta(days=days)


def test_an_upload_under_another_prefix_is_not_aborted() -> None:
    spec = {"Prefix": "a/", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    assert Rule(spec, "").abort("b/key", datetime(2026, 1, 5, tzinfo=UTC)) is None
