from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.lifecycle.inventory import Inventory, Item
from skyproof.lifecycle.ownership import belonging_to, has_token, is_of, suffix_of
from skyproof.run import ALPHABET, SUFFIX_LENGTH

RUN = "20260105T000000-k3x9qd"
SUFFIX = "k3x9qd"
OTHER = "20260105T000000-zzzzzz"

suffixes = st.text(ALPHABET, min_size=SUFFIX_LENGTH, max_size=SUFFIX_LENGTH)
words = string.ascii_letters + string.digits
apart = st.sampled_from([*"-_./: @"])


def queue(name: str) -> Item:
    return Item("1", "us-east-1", "sqs", "queue", name)


@given(suffixes, st.text(), apart, apart, st.text())
def test_a_suffix_between_signs_is_a_token(
    suffix: str, left: str, one: str, other: str, right: str
) -> None:
    assert has_token(f"{left}{one}{suffix}{other}{right}", suffix)
    assert has_token(suffix, suffix)


@given(suffixes, st.text(words, min_size=1), st.booleans())
def test_a_suffix_within_a_word_is_none(suffix: str, more: str, front: bool) -> None:
    assert not has_token(f"a-{more}{suffix}-b" if front else f"a-{suffix}{more}-b", suffix)


@given(suffixes, st.text())
def test_a_token_stands_between_what_is_no_letter_or_digit(suffix: str, name: str) -> None:
    padded = f" {name} "
    places = [i for i in range(len(padded)) if padded.startswith(suffix, i)]
    expected = any(
        padded[i - 1] not in words and padded[i + len(suffix)] not in words for i in places
    )
    assert has_token(name, suffix) == expected


@given(st.text())
def test_no_name_has_an_empty_suffix(name: str) -> None:
    assert not has_token(name, "")


@pytest.mark.parametrize(
    "text", ["prod", "20260105T000000-prod", "20260105T000000-server1", "k3x9qd", ""]
)
def test_only_a_run_s_id_has_a_suffix(text: str) -> None:
    """Else a tag ``skyproof:run = prod`` would make everything called prod that run's."""
    assert suffix_of(text) == ""
    assert not is_of(text, queue("queue-prod-server1-k3x9qd"), {})
    assert suffix_of(RUN) == SUFFIX


@pytest.mark.parametrize(
    ("name", "tags", "known_before", "its"),
    [
        ("orders", {"skyproof:run": RUN}, False, True),
        ("orders", {"skyproof:run": RUN}, True, True),
        ("orders-k3x9qd", {}, False, True),
        ("orders-k3x9qd", {"team": "shop"}, False, True),
        ("orders-k3x9qd", {}, True, False),
        ("orders-k3x9qd", {"skyproof:run": OTHER}, False, False),
        ("orders-k3x9qd2", {}, False, False),
        ("ordersk3x9qd", {}, False, False),
        ("orders-K3X9QD", {}, False, False),
        ("orders", {}, False, False),
        ("orders", {"skyproof:owner": "k3x9qd"}, False, False),
    ],
)
def test_whose_a_thing_is(name: str, tags: dict[str, str], known_before: bool, its: bool) -> None:
    before = Inventory(frozenset([queue(name)] if known_before else []))
    assert is_of(RUN, queue(name), tags, before) is its


def test_a_title_counts_as_a_name() -> None:
    item = Item("1", "us-east-1", "ec2", "VPC", "vpc-1", title="shop-k3x9qd")
    assert is_of(RUN, item, {})


@given(st.dictionaries(st.sampled_from(["skyproof:run", "team"]), st.sampled_from([RUN, OTHER])))
def test_without_tag_and_suffix_nothing_is_a_run_s(tags: dict[str, str]) -> None:
    found = belonging_to(RUN, {queue("orders"): tags})
    assert found == ([queue("orders")] if tags.get("skyproof:run") == RUN else [])
