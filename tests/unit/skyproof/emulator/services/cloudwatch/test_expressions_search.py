"""The query language of SEARCH.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-examples.html
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyproof.emulator.services.cloudwatch.expressions import ExpressionError
from skyproof.emulator.services.cloudwatch.expressions.search_syntax import parse_search
from skyproof.emulator.services.cloudwatch.expressions.search_tokens import tokens

Metric = tuple[str, str, dict[str, str]]

CPU: Metric = ("AWS/EC2", "CPUUtilization", {"InstanceId": "i-1234567890123456"})
OTHER_CPU: Metric = ("AWS/EC2", "CPUUtilization", {"InstanceId": "i-0000000000000000"})
MICRO: Metric = ("AWS/EC2", "CPUUtilization", {"InstanceType": "t2.micro"})
ALL_CPU: Metric = ("AWS/EC2", "CPUUtilization", {})
ECS: Metric = ("AWS/ECS", "CPUUtilization", {"ClusterName": "ProjectA"})
READS: Metric = ("AWS/EBS", "VolumeReadOps", {"VolumeId": "vol-1"})
ERRORS: Metric = ("AWS/Lambda", "Errors", {"FunctionName": "ProjectA-orders"})
CALLS_A: Metric = ("AWS/Lambda", "Invocations", {"FunctionName": "ProjectA-orders"})
CALLS_C: Metric = ("AWS/Lambda", "Invocations", {"FunctionName": "ProjectC-orders"})
LCUS: Metric = ("AWS/NetworkELB", "ConsumedLCUs", {"LoadBalancer": "net/a"})
FLOWS: Metric = ("AWS/NetworkELB", "ActiveFlowCount", {"LoadBalancer": "net/flow-b"})
CUSTOM: Metric = ("MyNamespace", "CustomCount1", {})
ODD: Metric = ("My Namespace", "Custom:Name[Special_Characters", {"Dimension@Name": "x"})
EVERY = [
    *(CPU, OTHER_CPU, MICRO, ALL_CPU, ECS, READS, ERRORS, CALLS_A, CALLS_C),
    *(LCUS, FLOWS, CUSTOM, ODD),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CustomCount1", {"customcount1", "custom", "count", "1"}),
        ("SDBFailure", {"sdbfailure", "sdb", "failure"}),
        ("Project2-trial333", {"project2trial333", "project", "2", "trial", "333"}),
        ("", set()),
    ],
)
def test_names_fall_into_the_documented_tokens(name: str, expected: set[str]) -> None:
    assert tokens(name) == expected


@pytest.mark.parametrize(
    ("word", "name", "finds"),
    [
        ("count", "CustomCount1", True),
        ("Count", "CustomCount1", True),
        ("COUNT", "CustomCount1", True),
        ("couNT", "CustomCount1", False),
        ("CustomCount", "CustomCount1", True),
        ("Count1", "CustomCount1", True),
        ("customcount", "CustomCount1", False),
        ("count1", "CustomCount1", False),
        ("Custom1", "CustomCount1", False),
        ("cust", "CustomCount1", False),
        ("network/errors", "Network-Errors-2", True),
        ("network+errors", "NetworkErrors2", True),
        ("network-errors", "Network-Errors-2", True),
        ("Network_Errors", "NetworkErrors2", True),
        ("errors-network", "NetworkErrors2", False),
        ('"CustomCount1"', "CustomCount1", True),
        ('"customcount1"', "CustomCount1", False),
        ('"Custom"', "CustomCount1", False),
        ('"Network-Errors-2"', "Network-Errors-2", True),
        ('"Network_Errors_2"', "Network-Errors-2", False),
        (r'"Europe\\France Traffic\(Network\)"', r"Europe\France Traffic(Network)", True),
        ("-", "a-b", False),
    ],
)
def test_words_match_tokens_and_quoted_texts_match_exactly(
    word: str, name: str, finds: bool
) -> None:
    assert parse_search(f" MetricName={word} ").matches("N", name, {}) == finds
    assert parse_search(word).matches("N", "", {"D": name}) == finds


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', [CPU, OTHER_CPU]),
        (' {AWS/EC2,InstanceType} MetricName="CPUUtilization" ', [MICRO]),
        (' {AWS/EC2} MetricName="CPUUtilization" ', [ALL_CPU]),
        ("{AWS/EC2}", [ALL_CPU]),
        (' {AWS/EC2,InstanceType} InstanceType=micro MetricName="CPUUtilization" ', [MICRO]),
        (' InstanceType="t2.micro" Namespace="AWS/EC2" ', [MICRO]),
        (' MetricName="CPUUtilization" ', [CPU, OTHER_CPU, MICRO, ALL_CPU, ECS]),
        (' MetricName="CPUUtilization" AND ("AWS/ECS" OR "AWS/ES") ', [ECS]),
        (' {AWS/ECS, ClusterName}, MetricName="CPUUtilization" ', [ECS]),
        (' {MyNamespace}, "CustomCount1" ', [CUSTOM]),
        (' {AWS/NetworkELB, LoadBalancer} "ConsumedLCUs" OR flow ', [LCUS, FLOWS]),
        (
            ' {AWS/Lambda,FunctionName} MetricName="Errors" OR '
            '(MetricName="Invocations" AND (ProjectA OR ProjectB)) ',
            [ERRORS, CALLS_A],
        ),
        (
            ' {"My Namespace", "Dimension@Name"}, "Custom:Name[Special_Characters" ',
            [ODD],
        ),
        (' {AWS/EC2,InstanceId} MetricName="CPUUtilization" NOT i-1234567890123456 ', [OTHER_CPU]),
        (" NOT Namespace=AWS ", [CUSTOM, ODD]),
        (' {AWS/ECS,ClusterName} MetricName="CPUUtilization" NOT "ProjectA" NOT "ProjectB"', []),
        (" (EC2 OR EBS) AND MetricName=ReadOps ", [READS]),
        (" (EC2 OR EBS) MetricName=ReadOps ", [READS]),
        (" (EC2 OR EBS) AND ReadOps AND ProjectA ", []),
        (' FunctionName=("ProjectA-orders" OR ProjectC) Errors ', [ERRORS]),
        (" FunctionName=(ProjectA NOT orders) ", []),
        ("Errors OR CPUUtilization ECS", [ECS, ERRORS]),
        ("LoadBalancer and", []),
        ('"InstanceType"="t2.micro"', [MICRO]),
    ],
)
def test_the_documented_searches_find_what_they_are_said_to(
    query: str, found: list[Metric]
) -> None:
    assert [metric for metric in EVERY if parse_search(query).matches(*metric)] == found


@pytest.mark.parametrize(
    ("query", "accounts", "finds"),
    [
        (":aws.AccountId = 444455556666 Errors", ["444455556666"], True),
        (':aws.AccountId = "444455556666"', ["111122223333", "LOCAL"], False),
        (":aws.AccountId = 'LOCAL'", ["111122223333", "LOCAL"], True),
    ],
)
def test_a_search_may_name_the_account(query: str, accounts: list[str], finds: bool) -> None:
    assert parse_search(query).matches(*ERRORS, accounts) == finds


def test_a_search_by_account_needs_to_know_it() -> None:
    with pytest.raises(ExpressionError, match=r":aws.AccountId in this search is not implemented"):
        parse_search(":aws.AccountId=LOCAL").matches(*ERRORS)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "Unexpected end of search; a name or value expected at position 0"),
        ("{}", "Unexpected '}'; a name or value expected at position 1"),
        ("{A, B", "Unexpected end of search; '}' expected at position 5"),
        ("a AND", "Unexpected end of search; a name or value expected at position 5"),
        ("OR a", "Unexpected 'OR'; a name or value expected at position 0"),
        ("a )", "Unexpected ')' at position 2"),
        ("a=(b=c)", "'a=' holds another 'b=' at position 5"),
        ("=a", "Unexpected '='; a name or value expected at position 0"),
        ('"a', "Unexpected character '\"' in search at position 0"),
        ('"a(b)"', "Unexpected character '\"' in search at position 0"),
        ("a" * 1025, "A search has at most 1024 characters, not 1025"),
        ("(" * 1000, "Nested deeper than 50 levels at position 50"),
        ("NOT " * 200 + "a", "Nested deeper than 50 levels at position 200"),
    ],
)
def test_what_is_no_search_is_refused(query: str, error: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse_search(query)
    assert str(refused.value) == error


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9./-]{0,12})", fullmatch=True))
def test_every_name_is_found_by_itself(name: str) -> None:
    assert parse_search(f"MetricName={name}").matches("N", name, {})
    assert parse_search(f'"{name}"').matches("N", name, {})
