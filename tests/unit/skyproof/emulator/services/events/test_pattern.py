"""Which events a pattern matches, and what AWS says to patterns that are none.

Tables are from https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
and the pages beside it; words of refusals are as EventBridge was recorded to say them.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.events.pattern import (
    MAX_COMBINATIONS,
    MAX_DEPTH,
    PatternError,
    parse,
)


def says(pattern: Any, event: Any) -> bool:
    return parse(pattern).matches(event)


def says_of(tests: list[Any], value: Any) -> bool:
    """Whether a field ``x`` with a value matches a list of tests."""
    return says({"x": tests}, {"x": value})


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
EC2_EVENT = {
    "version": "0",
    "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "111122223333",
    "time": "2017-12-22T18:43:48Z",
    "region": "us-west-1",
    "resources": ["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
    "detail": {"instance-id": "i-1234567890abcdef0", "state": "terminated"},
}


def test_the_documented_event_matches_the_documented_pattern() -> None:
    pattern = {
        "source": ["aws.ec2"],
        "detail-type": ["EC2 Instance State-change Notification"],
        "detail": {"state": ["terminated"]},
    }
    assert says(pattern, EC2_EVENT)


def test_all_fields_have_to_match() -> None:
    assert not says({"source": ["aws.ec2"], "region": ["us-east-1"]}, EC2_EVENT)


def test_fields_that_the_pattern_does_not_name_are_ignored() -> None:
    assert says({"source": ["aws.ec2"]}, {"source": "aws.ec2", "more": [1, {"deep": None}]})


COMPARISONS: list[tuple[Any, Any, Any]] = [
    # (tests, a value that matches, one that does not), the rows of the page's first table
    ([{"anything-but": "initializing"}], "running", "initializing"),
    ([{"anything-but": {"prefix": "us-"}}], "eu-west-1", "us-east-1"),
    ([{"anything-but": {"suffix": ".png"}}], "a.jpg", "a.png"),
    ([{"anything-but": {"equals-ignore-case": "initializing"}}], "running", "INITIALIZING"),
    ([{"anything-but": {"wildcard": "*/lib/*"}}], "/usr/bin/a", "/usr/lib/a"),
    ([{"prefix": "us-"}], "us-east-1", "eu-us-1"),
    ([{"prefix": {"equals-ignore-case": "eventb"}}], "EventBridge", "Event"),
    ([""], "", " "),
    (["Alice"], "Alice", "alice"),
    ([{"equals-ignore-case": "alice"}], "ALICE", "Alicia"),
    ([{"suffix": ".png"}], "a.png", "a.PNG"),
    ([{"suffix": {"equals-ignore-case": "tBridge"}}], "EventBRIDGE", "Bridges"),
    ([{"anything-but": ["Raining"]}], "Sunny", "Raining"),
    ([None], None, "null"),
    ([{"numeric": ["=", 100]}], 100, 101),
    ([{"numeric": [">", 10, "<=", 20]}], 20, 10),
    (["Credit", "Debit"], "Debit", "Cash"),
    ([{"wildcard": "dir/*.png"}], "dir/sub/a.png", "dir.png"),
    # Further examples of the page.
    ([{"prefix": "2017-10-02"}], "2017-10-02T18:43:48Z", "2017-10-03T18:43:48Z"),
    ([{"anything-but": 123}], 124, 123.0),
    ([{"anything-but": ["stopped", "overloaded"]}], "running", "overloaded"),
    ([{"anything-but": [100, 200, 300]}], 150, 200),
    ([{"anything-but": {"prefix": ["init", "run"]}}], "stopped", "running"),
    ([{"anything-but": {"suffix": [".png", ".txt"]}}], "a.gif", "a.txt"),
    ([{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}], "/usr/share", "/usr/bin/a"),
    ([{"anything-but": {"equals-ignore-case": ["a", "b"]}}], "c", "B"),
    ([{"numeric": ["<", 10]}], 9.999999, 10),
    ([{"numeric": ["=", 3.018e2]}], 301.8, 301.800001),
    ([{"numeric": [">=", 0, "<", 5]}], 0, 5),
    ([{"numeric": ["<=", 5]}], 5.0, "5"),
    ([{"numeric": [">", 0]}], 1, None),
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", "10.0.1.0"),
    ([{"cidr": "10.0.0.7/24"}], "10.0.0.1", "10.0.1.1"),
    ([{"cidr": "2001:db8:1234:1a00::/56"}], "2001:db8:1234:1aff::1", "2001:db8:1234:1b00::1"),
    ([{"cidr": "0.0.0.0/0"}], "1.2.3.4", "::1"),
    ([{"cidr": "0.0.0.0/0"}], "1.2.3.4", "somewhere"),
    ([True], True, 1),
    ([False], False, None),
    ([1], 1, True),
    ([{"exists": True}], None, []),
    (["a", {"prefix": "b"}], "bc", "c"),
]


@pytest.mark.parametrize(("tests", "good", "bad"), COMPARISONS)
def test_a_comparison_matches_one_value_and_not_the_other(
    tests: list[Any], good: Any, bad: Any
) -> None:
    assert says_of(tests, good)
    assert not says_of(tests, bad)


@pytest.mark.parametrize("value", ["300", "300.0", "3.0e2"])
@pytest.mark.parametrize("wanted", ["300", "300.0", "3.0e2"])
def test_numbers_are_equal_in_any_notation(wanted: str, value: str) -> None:
    assert says_of([json.loads(wanted)], json.loads(value))


@pytest.mark.parametrize(("wanted", "value"), [(300, "300"), ("300", 300), ("true", True)])
def test_text_never_equals_what_is_no_text(wanted: Any, value: Any) -> None:
    assert not says_of([wanted], value)


def test_a_number_that_is_too_large_to_compare_equals_itself() -> None:
    assert says_of([123456789012], 123456789012)
    assert not says_of([123456789012], 123456789013)
    assert not says_of([{"numeric": [">", 0]}], 123456789012)


def test_a_number_with_more_than_six_decimals_is_in_no_range() -> None:
    assert says_of([0.1234567], 0.1234567)
    assert not says_of([{"numeric": [">", 0]}], 0.1234567)


@pytest.mark.parametrize("value", [None, True, 12, "other"])
@pytest.mark.parametrize(
    "test",
    [
        {"anything-but": "a"},
        {"anything-but": {"prefix": "a"}},
        {"anything-but": {"wildcard": "*a*"}},
        {"anything-but": {"equals-ignore-case": "a"}},
    ],
)
def test_anything_but_text_is_any_value_of_any_kind(test: Any, value: Any) -> None:
    assert says_of([test], value)


def test_anything_but_needs_a_value() -> None:
    assert not says({"x": [{"anything-but": "a"}]}, {})
    assert not says({"x": [{"anything-but": "a"}]}, {"x": []})


class TestArrays:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html"""

    def test_any_element_may_match_any_of_the_tests(self) -> None:
        assert says_of(["i-1", "i-2", "i-3"], ["group", "i-1"])
        assert not says_of(["i-1"], ["group", "i-2"])

    def test_one_element_is_enough_for_anything_but(self) -> None:
        assert says_of([{"anything-but": "a"}], ["a", "b"])

    def test_nested_arrays_count_as_their_elements(self) -> None:
        assert says_of([3], [[1, 2], [[3]]])

    def test_an_empty_array_has_no_null(self) -> None:
        assert not says_of([None], [])

    def test_a_field_is_looked_for_in_all_elements(self) -> None:
        event = {"detail": {"jobs": [{"key": "a"}, {"id": "b"}]}}
        assert says({"detail": {"jobs": {"id": [{"exists": True}]}}}, event)

    def test_fields_of_one_array_have_to_be_of_the_same_element(self) -> None:
        """https://github.com/aws/event-ruler, "JSON Array Matching"."""
        event = {"staff": [{"first": "John", "last": "Doe"}, {"first": "Anna", "last": "Smith"}]}
        assert says({"staff": {"first": ["Anna"], "last": ["Smith"]}}, event)
        assert not says({"staff": {"first": ["Anna"], "last": ["Doe"]}}, event)

    def test_that_holds_across_or(self) -> None:
        event = {"staff": [{"first": "John", "last": "Doe"}, {"first": "Anna", "last": "Smith"}]}
        either = [{"staff": {"last": ["Doe"]}}, {"staff": {"last": ["Roe"]}}]
        assert says({"staff": {"first": ["John"]}, "$or": either}, event)
        assert not says({"staff": {"first": ["Anna"]}, "$or": either}, event)


class TestExists:
    """…/eb-create-pattern-operators.html#eb-filtering-exists-matching"""

    PATTERN: ClassVar[Any] = {"detail": {"c-count": [{"exists": False}]}}

    @pytest.mark.parametrize(
        "detail",
        [
            {"state": ["initializing", "running"]},
            # "… because c-count isn't a leaf node"
            {"state": ["initializing", "running"], "c-count": {"c1": 100}},
            {"c-count": []},
            {"c-count": {}},
        ],
    )
    def test_a_field_without_a_value_does_not_exist(self, detail: Any) -> None:
        assert says(self.PATTERN, {"detail": detail})
        assert not says({"detail": {"c-count": [{"exists": True}]}}, {"detail": detail})

    @pytest.mark.parametrize("value", [None, "", 0, False, [None]])
    def test_a_field_with_a_value_exists(self, value: Any) -> None:
        assert not says(self.PATTERN, {"detail": {"c-count": value}})

    def test_a_field_does_not_exist_without_its_parent(self) -> None:
        assert says(self.PATTERN, {})

    def test_absence_is_one_of_several_alternatives(self) -> None:
        pattern = {"image": {"name": [{"anything-but": ["roses"]}, {"exists": False}]}}
        assert says(pattern, {"image": {}})
        assert says(pattern, {"image": {"name": "tulips"}})
        assert not says(pattern, {"image": {"name": "roses"}})

    def test_absence_is_absence_from_all_elements(self) -> None:
        pattern = {"jobs": {"id": [{"exists": False}]}}
        assert says(pattern, {"jobs": [{"key": 1}]})
        assert not says(pattern, {"jobs": [{"key": 1}, {"id": 2}]})


class TestNames:
    """Dots join names, as in "Considerations" of …/eb-event-patterns.html."""

    NESTED: ClassVar[Any] = {"detail": {"state": {"status": ["running"]}}}
    JOINED: ClassVar[Any] = {"detail": {"state.status": ["running"]}}

    @pytest.mark.parametrize("pattern", [NESTED, JOINED])
    @pytest.mark.parametrize(
        "event",
        [
            {"detail": {"state": {"status": "running"}}},
            {"detail": {"state.status": "running"}},
            {"detail.state.status": "running"},
            {"detail": {"state.since": 1, "state.status": "running"}},
            {"detail": {"state": "up", "state.status": "running"}},
        ],
    )
    def test_a_dot_is_nesting(self, pattern: Any, event: Any) -> None:
        assert says(pattern, event)

    def test_names_are_case_sensitive(self) -> None:
        assert not says({"source": ["a"]}, {"Source": "a"})


class TestOr:
    """…/eb-create-pattern-operators.html#eb-filtering-complex-example-or"""

    PATTERN: ClassVar[Any] = {
        "source": ["aws.cloudwatch"],
        "$or": [
            {"metricName": ["CPUUtilization", "ReadLatency"]},
            {"metricType": ["MetricType"], "namespace": ["AWS/EC2", "AWS/ES"]},
            {"detail": {"$or": [{"a": [1]}, {"b": [2]}]}},
        ],
    }

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({}, False),
            ({"metricName": "ReadLatency"}, True),
            ({"metricType": "MetricType"}, False),
            ({"metricType": "MetricType", "namespace": "AWS/ES"}, True),
            ({"detail": {"b": 2}}, True),
            ({"detail": {"a": 2}}, False),
        ],
    )
    def test_one_of_the_objects_has_to_match(self, fields: Any, expected: bool) -> None:
        assert says(self.PATTERN, {"source": "aws.cloudwatch", **fields}) is expected
        assert not says(self.PATTERN, {"source": "other", **fields})

    def test_two_of_them_are_independent(self) -> None:
        numbers = [{"c": [{"numeric": [">", 0]}]}, {"d": [{"numeric": ["<", 10]}]}]
        pattern = {"$or": [{"m": [1]}, {"n": [1]}], "detail": {"$or": numbers}}
        assert says(pattern, {"n": 1, "detail": {"c": 1}})
        assert not says(pattern, {"n": 1, "detail": {"d": 10}})


class TestWildcards:
    """…/eb-create-pattern-operators.html#eb-filtering-wildcard-matching"""

    @pytest.mark.parametrize(
        ("wildcard", "value", "expected"),
        [
            ("arn:aws:events:*:*:event-bus/*", "arn:aws:events:us-east-1:1:event-bus/b", True),
            ("a*a", "a", False),
            ("a*a", "aa", True),
            ("*ab*ab*", "ab", False),
            ("*", "", True),
            ("", "", True),
            ("plain", "plain", True),
            ("plain", "plainer", False),
            (r"a\*b", "a*b", True),
            (r"a\*b", "axb", False),
            (r"a\\*", "a\\xyz", True),
            (r"\\", "\\", True),
            ("a.c", "abc", False),
        ],
    )
    def test_an_asterisk_is_any_text(self, wildcard: str, value: str, expected: bool) -> None:
        assert says_of([{"wildcard": wildcard}], value) is expected

    @given(
        parts=st.lists(st.text("ab", max_size=3), min_size=1, max_size=4),
        value=st.text("ab", max_size=12),
    )
    def test_it_is_any_text_for_all_patterns(self, parts: list[str], value: str) -> None:
        wildcard = re.sub(r"\*+", "*", "*".join(parts))
        assert says_of([{"wildcard": wildcard}], value) is fnmatchcase(value, wildcard)

    @given(st.text())
    def test_what_is_escaped_stands_for_itself(self, text: str) -> None:
        escaped = text.replace("\\", "\\\\").replace("*", "\\*")
        assert says_of([{"wildcard": escaped}], text)
        assert not says_of([{"wildcard": escaped}], f"{text}x")


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.integers(-(10**6), 10**6).map(lambda number: number / 1000)
    | st.text(max_size=5)
)


@given(SCALARS)
def test_a_value_equals_itself_after_a_trip_through_json(value: Any) -> None:
    assert says_of([value], json.loads(json.dumps(value)))


@given(st.dictionaries(st.sampled_from("abc"), SCALARS, min_size=1), st.sampled_from("abc"))
def test_a_field_is_absent_or_present_and_never_both(event: dict[str, Any], name: str) -> None:
    assert says({name: [{"exists": True}]}, event) is not says({name: [{"exists": False}]}, event)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_a_range_is_its_two_halves(bottom: int, top: int, value: int) -> None:
    if bottom >= top:
        bottom, top = top, bottom + 1
    both = says_of([{"numeric": [">=", bottom, "<", top]}], value)
    assert both is (bottom <= value < top)


REFUSALS: list[tuple[Any, str]] = [
    (["a"], "Filter is not an object"),
    ({}, "Empty objects are not allowed"),
    ({"detail": {}}, "Empty objects are not allowed"),
    ({"int": 42}, '"int" must be an object or an array'),
    ({"string": "my-value"}, '"string" must be an object or an array'),
    ({"detail": {"state": None}}, '"state" must be an object or an array'),
    ({"resources": []}, "Empty arrays are not allowed"),
    ({"x": [["a"]]}, "Match value must be String, number, true, false, or null"),
    ({"x": [{}]}, "Match expression name not found"),
    ({"x": [{"EXISTS": True}]}, "Unrecognized match type EXISTS"),
    ({"x": [{"NUMERIC": ["=", 5]}]}, "Unrecognized match type NUMERIC"),
    ({"x": [{"prefix": "a", "suffix": "b"}]}, "Only one key allowed in match expression"),
    ({"x": [{"exists": "true"}]}, "exists match pattern must be either true or false."),
    ({"x": [{"prefix": 123}]}, "prefix match pattern must be a string"),
    ({"x": [{"prefix": ["2022"]}]}, "prefix match pattern must be a string"),
    ({"x": [{"prefix": {}}]}, "Prefix expression name not found"),
    ({"x": [{"prefix": {"suffix": "a"}}]}, "Unsupported prefix pattern: suffix"),
    ({"x": [{"suffix": 123}]}, "suffix match pattern must be a string"),
    ({"x": [{"suffix": [".png"]}]}, "suffix match pattern must be a string"),
    (
        {"x": [{"suffix": {"equals-ignore-case": 1}}]},
        "equals-ignore-case match pattern must be a string",
    ),
    (
        {"x": [{"equals-ignore-case": ["a"]}]},
        "equals-ignore-case match pattern must be a string",
    ),
    (
        {"x": [{"equals-ignore-case": {"prefix": "a"}}]},
        "equals-ignore-case match pattern must be a string",
    ),
    ({"x": [{"wildcard": 123}]}, "wildcard match pattern must be a string"),
    (
        {"x": [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]},
        "Consecutive wildcard characters at pos 26",
    ),
    ({"x": [{"wildcard": "ä\\b"}]}, "Invalid escape character at pos 3"),
    ({"x": [{"wildcard": "a\\"}]}, "Invalid escape character at pos 2"),
    ({"x": [{"numeric": 5}]}, "Value of numeric must be an array."),
    ({"x": [{"numeric": []}]}, "Invalid member in numeric match: ]"),
    ({"x": [{"numeric": [5]}]}, "Invalid member in numeric match: 5"),
    ({"x": [{"numeric": ["=="]}]}, "Unrecognized numeric range operator: =="),
    ({"x": [{"numeric": ["=", "5"]}]}, "Value of equals must be numeric"),
    ({"x": [{"numeric": ["=", True]}]}, "Value of equals must be numeric"),
    ({"x": [{"numeric": ["<"]}]}, "Value of < must be numeric"),
    ({"x": [{"numeric": ["<", 5, ">", 1]}]}, "Too many elements in numeric expression"),
    ({"x": [{"numeric": [">", 0, ">", 0]}]}, "Bad numeric range operator: >"),
    ({"x": [{"numeric": [">", 0, 5]}]}, "Bad value in numeric range: 5"),
    ({"x": [{"numeric": [">", 0, "<"]}]}, "Value of < must be numeric"),
    ({"x": [{"numeric": [">", 0, "<", 1, 2]}]}, "Too many terms in numeric range expression"),
    ({"x": [{"numeric": [">", 5, "<", 5]}]}, "Bottom must be less than top"),
    ({"x": [{"numeric": [">", 5e9 + 1]}]}, "Value must be between -5.0E9 and 5.0E9, inclusive"),
    ({"x": [{"numeric": [">", 0.1234567]}]}, "Only values upto 6 decimals are supported"),
    (
        {"x": [{"numeric": [">", 0], "exists": True}]},
        "Too many elements in numeric expression",
    ),
    ({"x": [{"cidr": ["10.0.0.0/8"]}]}, "prefix match pattern must be a string"),
    ({"x": [{"cidr": "10.0.0.0"}]}, "Malformed CIDR, one '/' required"),
    ({"x": [{"cidr": "10.0.0.0/8/8"}]}, "Malformed CIDR, one '/' required"),
    ({"x": [{"cidr": "10.0.0.0/xx"}]}, "Malformed CIDR, mask bits must be an integer"),
    ({"x": [{"cidr": "10.0.0.0/-1"}]}, "Malformed CIDR, mask bits must not be negative"),
    ({"x": [{"cidr": "xx.11.xx/8"}]}, "Nonstandard IP address: xx.11.xx"),
    (
        {"x": [{"cidr": "xxxx:db8:1234:1a00::/56"}]},
        "Nonstandard IP address: xxxx:db8:1234:1a00::",
    ),
    ({"x": [{"cidr": "10.0.0.0/32"}]}, "IPv4 mask bits must be < 32"),
    ({"x": [{"cidr": "::/128"}]}, "IPv6 mask bits must be < 128"),
    ({"x": [{"anything-but": {}}]}, "Anything-But expression name not found"),
    ({"x": [{"anything-but": {"cidr": "a"}}]}, "Unsupported anything-but pattern: cidr"),
    (
        {"x": [{"anything-but": None}]},
        "Value of anything-but must be an array or single string/number value.",
    ),
    (
        {"x": [{"anything-but": {"prefix": {"equals-ignore-case": "file"}}}]},
        "Value of anything-but must be an array or single string/number value.",
    ),
    (
        {"x": [{"anything-but": ["a", None]}]},
        "Inside anything but list, start|null|boolean is not supported.",
    ),
    (
        {"x": [{"anything-but": ["a", 1]}]},
        "Inside anything but list, either all values are number or string, "
        "mixed type is not supported",
    ),
    (
        {"x": [{"anything-but": []}]},
        "Inside anything but list, either all values are number or string, "
        "mixed type is not supported",
    ),
    ({"x": [{"anything-but": 5e9 + 1}]}, "Value must be between -5.0E9 and 5.0E9, inclusive"),
    ({"x": [{"anything-but": {"prefix": ""}}]}, "Null prefix/suffix not allowed"),
    ({"x": [{"anything-but": {"suffix": []}}]}, "Empty arrays are not allowed"),
    (
        {"x": [{"anything-but": {"prefix": [123, "test"]}}]},
        "prefix/suffix match pattern must be a string",
    ),
    (
        {"x": [{"anything-but": {"suffix": 123}}]},
        "prefix/suffix match pattern must be a string",
    ),
    (
        {"x": [{"anything-but": {"wildcard": [123, "*/dir/*"]}}]},
        "wildcard match pattern must be a string",
    ),
    (
        {"x": [{"anything-but": {"equals-ignore-case": [123, 456]}}]},
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    ),
    (
        {"x": [{"anything-but": {"prefix": "a", "suffix": "b"}}]},
        "Too many elements in numeric expression",
    ),
    (
        {"x": [{"prefix": {"equals-ignore-case": "a", "b": "c"}}]},
        "Only one key allowed in match expression",
    ),
    ({"$or": {"a": [1]}}, "It must be an Array followed with $or."),
    ({"$or": [{"a": [1]}]}, "There must have at least 2 Objects in $or relationship."),
    ({"$or": [{"a": [1]}, 2]}, "Only JSON object is allowed in array of $or relationship."),
    ({"$or": [{"a": [1]}, {}]}, "Empty objects are not allowed"),
    (
        {"$or": [{"a": [1]}, {"prefix": ["b"]}]},
        "prefix is Ruler reserved fieldName which cannot be used inside $or.",
    ),
    (
        {"$or": [{"a": [number]} for number in range(MAX_COMBINATIONS + 1)]},
        "$or makes over 1000 rule combinations",
    ),
    (
        {str(i): {"$or": [{"a": [1]}, {"b": [1]}]} for i in range(500)},
        "$or makes over 1000 rule combinations",
    ),
    (
        {".".join("a" * (MAX_DEPTH + 1)): [1]},
        "the pattern is nested more than 100 levels deep",
    ),
]


@pytest.mark.parametrize(("pattern", "reason"), REFUSALS)
def test_what_is_no_pattern_is_refused_with_a_reason(pattern: Any, reason: str) -> None:
    with pytest.raises(PatternError) as refusal:
        parse(pattern)
    assert str(refusal.value) == f"Event pattern is not valid. Reason: {reason}"


def test_nested_or_is_bounded() -> None:
    pattern: Any = {"a": [1]}
    for _ in range(150):
        pattern = {"$or": [pattern, {"b": [1]}]}
    with pytest.raises(PatternError, match="nested more than"):
        parse(pattern)


def test_the_deepest_pattern_and_event_are_matched() -> None:
    pattern: Any = ["here"]
    event: Any = "here"
    for _ in range(MAX_DEPTH):
        pattern, event = {"a": pattern}, {"a": [event]}
    assert says(pattern, event)


def test_an_event_is_as_deep_as_it_likes() -> None:
    event: Any = [1]
    for _ in range(100_000):
        event = [event]
    assert says_of([1], event)
