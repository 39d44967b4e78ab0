"""Which keys a notification is about, and when two are about the same one.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.s3.filters import Filter, KeyFilter

PART = st.text("ab", max_size=3)
FILTERS = st.builds(KeyFilter, PART, PART)


@given(FILTERS, FILTERS, st.text("ab", max_size=6))
def test_two_filters_that_mean_one_key_overlap(one: KeyFilter, other: KeyFilter, key: str) -> None:
    if one.matches(key) and other.matches(key):
        assert one.overlaps(other)


@given(FILTERS, FILTERS)
def test_two_filters_that_overlap_mean_one_key(one: KeyFilter, other: KeyFilter) -> None:
    key = max(one.prefix, other.prefix, key=len) + max(one.suffix, other.suffix, key=len)
    assert one.overlaps(other) == (one.matches(key) and other.matches(key))


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (("images", ""), ("images/a", ""), True),
        (("images", ""), ("logs", ""), False),
        (("images", ".jpg"), ("images", ".png"), False),
        (("", ".jpg"), ("images", ""), True),
    ],
)
def test_the_documented_examples(
    one: tuple[str, str], other: tuple[str, str], overlap: bool
) -> None:
    assert KeyFilter(*one).overlaps(KeyFilter(*other)) is overlap


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, Filter()),
        ({"Prefix": "a/"}, Filter("a/")),
        ({"Filter": {"Prefix": "a/"}}, Filter("a/")),
        ({"Filter": {"Tag": {"Key": "k", "Value": "v"}}}, Filter(tags={"k": "v"})),
        ({"Filter": {"ObjectSizeLessThan": 9}}, Filter(below=9)),
        (
            {
                "Filter": {
                    "And": {
                        "Prefix": "a/",
                        "Tags": [{"Key": "k", "Value": "v"}],
                        "ObjectSizeGreaterThan": 1,
                    }
                }
            },
            Filter("a/", {"k": "v"}, above=1),
        ),
    ],
)
def test_a_rule_s_filter_is_read_in_each_of_its_forms(
    rule: dict[str, Any], expected: Filter
) -> None:
    assert Filter.of(rule) == expected
