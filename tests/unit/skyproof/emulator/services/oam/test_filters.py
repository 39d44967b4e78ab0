"""Link filters are read as AWS documents them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.oam.filters import FilterSyntaxError, parse

names = st.text(alphabet="AWS/abc-", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "passing", "refused"),
    [
        ("Namespace = 'AWS/EC2'", ["AWS/EC2"], ["AWS/S3", "aws/ec2"]),
        ("Namespace != 'AWS/EC2'", ["AWS/S3"], ["AWS/EC2"]),
        ("Namespace LIKE 'AWS/%'", ["AWS/EC2", "AWS/"], ["Shop"]),
        ("Namespace NOT LIKE 'AWS/%'", ["Shop"], ["AWS/EC2"]),
        ("Namespace IN ('a', 'b')", ["a", "b"], ["c"]),
        ("Namespace not in ('a','b')", ["c"], ["a", "b"]),
        ("Namespace = 'a' OR Namespace = 'b'", ["a", "b"], ["c"]),
        (
            "Namespace = 'x' OR Namespace LIKE 'a%' AND Namespace != 'ab'",
            ["x", "a", "ac"],
            ["ab", "b"],
        ),
    ],
)
def test_it_lets_pass_what_it_says(text: str, passing: list[str], refused: list[str]) -> None:
    wanted = parse(text, "Namespace")
    got = {name: wanted.matches(name) for name in passing + refused}
    assert got == dict.fromkeys(passing, True) | dict.fromkeys(refused, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs Namespace where it has its end"),
        ("LogGroupName = 'a'", "needs Namespace where it has LogGroupName"),
        ("Namespace", "needs =, !=, LIKE, IN or NOT where it has its end"),
        ("Namespace NOT = 'a'", "needs LIKE or IN where it has ="),
        ("Namespace = a", "needs a name in single quotation marks where it has a"),
        ("Namespace IN ('a'", "needs ) where it has its end"),
        ("Namespace IN 'a'", "needs ( where it has 'a'"),
        ("Namespace = 'a' 'b'", "needs AND, OR or the end where it has 'b'"),
        ("Namespace LIKE '%a'", "has % elsewhere than at the end of '%a'"),
        ("Namespace = 'a", "cannot be read from ''a'"),
        (
            " OR ".join(["Namespace = 'a'"] * 7),
            "has 6 conditional operands, at most 5 are allowed",
        ),
    ],
)
def test_what_is_no_filter_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        parse(text, "Namespace")
    assert str(caught.value) == said


@given(st.lists(names, min_size=1, max_size=5), names)
def test_in_is_a_chain_of_equals(values: list[str], name: str) -> None:
    listed = parse(f"Namespace IN ({', '.join(repr(v) for v in values)})", "Namespace")
    chained = parse(" OR ".join(f"Namespace = {v!r}" for v in values), "Namespace")
    assert listed.matches(name) == chained.matches(name) == (name in values)


@given(names, names)
def test_not_turns_a_prefix_round(prefix: str, name: str) -> None:
    like = parse(f"LogGroupName LIKE '{prefix}%'", "LogGroupName").matches(name)
    unlike = parse(f"LogGroupName NOT LIKE '{prefix}%'", "LogGroupName").matches(name)
    assert (like, unlike) == (name.startswith(prefix), not name.startswith(prefix))
