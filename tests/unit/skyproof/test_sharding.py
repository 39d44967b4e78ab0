"""Parts of a suite: together they are the suite, and no file is in two of them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.errors import SkyproofError
from skyproof.sharding import Shard

FILES = st.sets(st.text(min_size=1, max_size=8))


@given(FILES, st.integers(1, 9))
def test_every_file_is_in_exactly_one_part(files: set[str], parts: int) -> None:
    dealt = [Shard(number, parts).of_files(files) for number in range(1, parts + 1)]
    assert sorted(itertools.chain(*dealt)) == sorted(files)


@given(FILES, st.integers(1, 9), st.randoms())
def test_the_order_of_collection_does_not_matter(
    files: set[str], parts: int, random: object
) -> None:
    shuffled = list(files) * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Shard(1, parts).of_files(shuffled) == Shard(1, parts).of_files(sorted(files))


@given(FILES, st.integers(1, 9))
def test_parts_are_of_nearly_one_size(files: set[str], parts: int) -> None:
    sizes = [len(Shard(number, parts).of_files(files)) for number in range(1, parts + 1)]
    assert max(sizes) - min(sizes) <= 1


def test_a_part_is_read_from_its_text() -> None:
    assert Shard.read("2/3", "--skyproof-shard") == Shard(2, 3)


@pytest.mark.parametrize("text", ["3", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/3/5", " 1/3"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SkyproofError, match=r"^--skyproof-shard: '.*' is no part of a suite"):
        Shard.read(text, "--skyproof-shard")


def test_the_parts_of_a_run_run_every_test_once(pytester: pytest.Pytester) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(2))\ndef test_it(n): pass"
    pytester.makepyfile(test_a=text, test_b=text, test_c=text)
    for part, passed in (("1/2", 4), ("2/2", 2)):
        done = pytester.runpytest_inprocess("-p", "no:randomly", f"--skyproof-shard={part}")
        done.assert_outcomes(passed=passed, deselected=6 - passed)


def test_a_malformed_part_ends_the_run(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_inprocess("--skyproof-shard=3/2")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*'3/2' is no part of a suite.*"])
