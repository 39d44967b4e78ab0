"""Logs Insights queries as a whole: their commands, and what their results look like.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyproof.emulator.services.logs.insights import QueryError, Record, Result, parse, run

#: 2026-01-05 00:00:00 UTC, in milliseconds.
MONDAY = 1_767_571_200_000
MINUTE = 60_000

Rows = list[dict[str, str]]


def event(message: Any, *, after: int = 0, stream: str = "one", pointer: str = "p") -> Record:
    """A log event, ``after`` milliseconds past the beginning of Monday."""
    text = message if isinstance(message, str) else json.dumps(message)
    at = MONDAY + after
    return Record(text, at, at + 5, "123456789012:/app", stream, pointer)


def events(*messages: Any) -> list[Record]:
    """Log events, each a millisecond older than the one before it."""
    return [event(one, after=-i, pointer=f"p{i}") for i, one in enumerate(messages)]


def answer(query: str, records: list[Record], limit: int = 1000) -> Result:
    return run(parse(query), records, limit)


def rows(query: str, records: list[Record], limit: int = 1000) -> Rows:
    """The rows of the result, without the pointers."""
    found = answer(query, records, limit).rows
    return [{name: value for name, value in row.items() if name != "@ptr"} for row in found]


def column(query: str, *messages: Any) -> list[str]:
    """The only field of each row."""
    return [next(iter(row.values()), "(missing)") for row in rows(query, events(*messages))]


LINES: list[tuple[int, str, str, str, str, dict[str, Any]]] = [
    (0, "INFO", "api", "order", "accepted", {"latency_ms": 20}),
    (1, "ERROR", "api", "payment", "declined", {"latency_ms": 35.5}),
    (2, "ERROR", "worker", "ship", "no stock", {}),
    (4, "ERROR", "api", "payment", "timeout", {"latency_ms": 3000}),
    (6, "ERROR", "api", "order", "timeout", {"latency_ms": 40}),
    (7, "INFO", "api", "payment", "paid", {"amount": 12.5, "currency": "EUR"}),
    (8, "INFO", "api", "payment", "paid", {"amount": 7.5, "currency": "EUR"}),
    (9, "INFO", "api", "payment", "paid", {"amount": 99, "currency": "USD"}),
]
REQUESTS = [
    event(
        {
            "level": level,
            "service": service,
            "operation": operation,
            "message": message,
            "trace_id": f"1-{i}",
            **more,
        },
        after=minute * MINUTE,
        pointer=f"p{i}",
    )
    for i, (minute, level, service, operation, message, more) in enumerate(LINES)
]


class TestSavedQueries:
    """The queries that the project's Terraform saves and shows on its dashboard."""

    @pytest.mark.parametrize("limit", [20, 50])
    def test_recent_errors_are_listed_newest_first(self, limit: int) -> None:
        query = f"""
          fields @timestamp, service, operation, message, trace_id
          | filter level = "ERROR"
          | sort @timestamp desc
          | limit {limit}
        """.strip()
        result = answer(query, REQUESTS)
        assert [row["trace_id"] for row in result.rows] == ["1-4", "1-3", "1-2", "1-1"]
        assert result.rows[0] == {
            "@timestamp": "2026-01-05 00:06:00.000",
            "service": "api",
            "operation": "order",
            "message": "timeout",
            "trace_id": "1-4",
            "@ptr": "p4",
        }
        assert (result.matched, result.scanned) == (4, 8)
        assert result.bytes_scanned == sum(len(one.message) for one in REQUESTS)

    def test_errors_are_counted_by_service_and_five_minutes(self) -> None:
        query = """filter level = "ERROR"
          | stats count(*) as errors by service, bin(5m)
          | sort errors desc"""
        midnight, later = "2026-01-05 00:00:00.000", "2026-01-05 00:05:00.000"
        assert rows(query, REQUESTS) == [
            {"service": "api", "bin(5m)": midnight, "errors": "2"},
            {"service": "api", "bin(5m)": later, "errors": "1"},
            {"service": "worker", "bin(5m)": midnight, "errors": "1"},
        ]

    def test_the_slowest_operations_come_first(self) -> None:
        query = """filter ispresent(latency_ms)
          | stats count(*) as requests, avg(latency_ms) as average, pct(latency_ms, 99) as p99
            by service, operation
          | sort p99 desc
          | limit 20"""
        names = ("service", "operation", "requests", "average", "p99")
        assert rows(query, REQUESTS) == [
            dict(zip(names, ("api", "payment", "2", "1517.75", "3000"), strict=True)),
            dict(zip(names, ("api", "order", "2", "30", "40"), strict=True)),
        ]

    def test_the_dashboard_shows_the_slowest_operations(self) -> None:
        query = (
            "filter ispresent(latency_ms)\n| stats count(*) as requests, pct(latency_ms, 99) as "
            "p99 by service, operation\n| sort p99 desc\n| limit 20"
        )
        assert [row["p99"] for row in rows(query, REQUESTS)] == ["3000", "40"]

    def test_transactions_are_totalled_by_currency(self) -> None:
        query = """filter ispresent(amount)
          | stats count(*) as transactions, sum(amount) as total by currency
          | sort total desc"""
        assert rows(query, REQUESTS) == [
            {"currency": "USD", "transactions": "1", "total": "99"},
            {"currency": "EUR", "transactions": "2", "total": "20"},
        ]


class TestShown:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Display.html"""

    def test_time_and_message_are_shown_where_nothing_is_asked_for(self) -> None:
        assert answer("filter a = 1", [event({"a": 1})]).rows == [
            {"@timestamp": "2026-01-05 00:00:00.000", "@message": '{"a": 1}', "@ptr": "p"}
        ]

    def test_all_fields_commands_count(self) -> None:
        assert rows("fields a | fields b", events({"a": 1, "b": 2})) == [{"a": "1", "b": "2"}]

    def test_only_the_last_display_counts(self) -> None:
        found = rows("fields a | display a, b | display c", events({"a": 1, "b": 2, "c": 3}))
        assert found == [{"c": "3"}]

    def test_a_missing_field_is_left_out(self) -> None:
        assert rows("fields a, b", events({"b": 2})) == [{"b": "2"}]

    def test_an_expression_is_named_by_its_alias_or_as_written(self) -> None:
        found = rows("fields abs(a - b) as distance, a*b", events({"a": 2, "b": 5}))
        assert found == [{"distance": "3", "a*b": "10"}]

    def test_backquotes_allow_any_name(self) -> None:
        assert rows("fields `foo-bar`", events({"foo-bar": "x"})) == [{"foo-bar": "x"}]

    def test_the_events_own_fields_are_shown_on_demand(self) -> None:
        found = rows("fields @ingestionTime, @logStream, @log", [event("x")])
        assert found == [
            {
                "@ingestionTime": "2026-01-05 00:00:00.005",
                "@logStream": "one",
                "@log": "123456789012:/app",
            }
        ]

    def test_groups_have_no_pointer(self) -> None:
        assert answer("stats count(*)", events("x")).rows == [{"count(*)": "1"}]

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("1 / 1", "1"),
            ("1 / 3", "0.3333"),
            ("2.50 + 0", "2.5"),
            ("128000000 / 1024 / 1024", "122.0703"),
            ("0 - 1 / 8", "-0.125"),
            ("a", "1.234567"),
            ("b", "3"),
            ("c", "1"),
            ("fromMillis(1767571200001)", "2026-01-05 00:00:00.001"),
        ],
    )
    def test_numbers_and_times_are_texts(self, value: str, shown: str) -> None:
        assert column(f"fields {value} as x", '{"a": 1.234567, "b": 3.0, "c": true}') == [shown]


class TestFilter:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html"""

    @pytest.mark.parametrize(
        ("condition", "matches"),
        [
            ("n > 9", [10, 20]),
            ("n >= 10", [10, 20]),
            ("n < 10", [9]),
            ("n <= 10", [9, 10]),
            ("n = 10", [10]),
            ("n = '10'", [10]),
            ("n = 10.0", [10]),
            ("n != 10", [9, 20]),
            ("n in [9, 20]", [9, 20]),
            ("n not in [9, 20]", [10]),
            ("(n > 9 and n < 20)", [10]),
            ("n = 9 or n = 10 and n = 20", [9]),
            ("(n = 9 or n = 10) and n != 9", [10]),
            ("not n = 9", [10, 20]),
            ("not (n = 9 or n = 10)", [20]),
            ("n + 1 > 10 * 1 and n % 20 = 0", [20]),
            ("n = 10 and true", [10]),
            ("false", []),
            ("-n = -9", [9]),
        ],
    )
    def test_conditions(self, condition: str, matches: list[int]) -> None:
        found = column(f"fields n | filter {condition}", *({"n": n} for n in (9, 10, 20)))
        assert [int(one) for one in found] == matches

    @pytest.mark.parametrize(
        ("condition", "matches"),
        [
            ("f1 like /Exception/", ["an Exception"]),
            ("f1 =~ /Exception/", ["an Exception"]),
            ('f1 like "Exception"', ["an Exception"]),
            ("f1 like 'Exception'", ["an Exception"]),
            ("f1 like /(?i)Exception/", ["an Exception", "exception"]),
            ("f1 =~ /^(?i)Exception$/", ["exception"]),
            ("f1 not like /(?i)exc/", ["fine"]),
            ("f1 in ['exception', 'fin']", ["exception"]),
            ("f1 > 'a' and f1 < 'b'", ["an Exception"]),
        ],
    )
    def test_documented_matches(self, condition: str, matches: list[str]) -> None:
        messages = [{"f1": one} for one in ("an Exception", "exception", "fine")]
        assert column(f"fields f1 | filter {condition}", *messages) == matches

    @pytest.mark.parametrize(
        "condition", ["x = 1", "x < 1", "x >= 1", "x like 'a'", "x in [1]", "x", "x = y"]
    )
    def test_a_missing_field_matches_no_condition(self, condition: str) -> None:
        assert answer(f"filter {condition}", events("text")).matched == 0

    @pytest.mark.parametrize("condition", ["x != 1", "x not like 'a'", "x not in [1]"])
    def test_a_missing_field_matches_their_opposites(self, condition: str) -> None:
        assert answer(f"filter {condition}", events("text")).matched == 1

    def test_where_is_filter_and_keywords_have_any_case(self) -> None:
        query = "FIELDS n | WHERE n IN [1] AND NOT n = 2 | SORT n DESC | LIMIT 1"
        assert column(query, {"n": 1}, {"n": 2}) == ["1"]

    def test_filters_on_groups_do_not_change_how_many_events_matched(self) -> None:
        result = answer(
            "stats count(*) as n by a | filter n > 1", events(*[{"a": 1}] * 2, {"a": 2})
        )
        assert (len(result.rows), result.matched) == (1, 3)


class TestSort:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html"""

    ASCENDING = (
        "!:",
        "#",
        "*%04",
        "0#",
        "5A",
        "111A",
        "2345_",
        "@",
        "@_",
        "A",
        "A9876fghj",
        "a12345hfh",
        "0",
        "2",
        "10",
    )

    def test_the_documented_order(self) -> None:
        messages = [{"x": one} for one in reversed(self.ASCENDING)]
        assert column("fields x | sort x asc", *messages) == list(self.ASCENDING)
        assert column("fields x | sort x desc", *messages) == list(reversed(self.ASCENDING))

    def test_the_first_key_decides_before_the_second(self) -> None:
        pairs = [(1, 1), (2, 2), (1, 3)]
        query = "fields concat(a, b) as x | sort a desc, b"
        assert column(query, *({"a": a, "b": b} for a, b in pairs)) == ["22", "11", "13"]

    def test_events_without_the_field_come_first_upwards(self) -> None:
        assert column("fields x | sort x", {"x": "a"}, {}, {"x": 1}) == ["(missing)", "a", "1"]

    def test_the_newest_events_come_first_by_default(self) -> None:
        records = [event("old"), event("new", after=1)]
        assert [row["@message"] for row in rows("fields @message", records)] == ["new", "old"]

    @given(st.lists(st.integers() | st.floats(-1e9, 1e9)), st.integers(1, 10))
    @settings(max_examples=100)
    def test_sort_and_limit_give_the_least(self, numbers: list[float], limit: int) -> None:
        query = f"fields n | sort n asc | limit {limit}"
        found = column(query, *({"n": n} for n in numbers))
        assert [float(one) for one in found] == [float(n) for n in sorted(numbers)[:limit]]


class TestLimit:
    def test_the_callers_limit_holds_too(self) -> None:
        assert len(rows("limit 3", events(*"abcd"), limit=2)) == 2
        assert len(rows("limit 3", events(*"abcd"))) == 3

    def test_limits_do_not_change_how_many_events_matched(self) -> None:
        assert answer("limit 1", events("a", "b")).matched == 2


class TestParse:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html"""

    def test_events_without_the_source_stay(self) -> None:
        assert rows("parse a '*' as b | fields a, b", events("x")) == [{}]

    LINE = "at 12:00 user=alice, method:GET, latency := 17"

    def test_a_glob_extracts_what_its_stars_stand_for(self) -> None:
        query = """parse @message "user=*, method:*, latency := *" as @user, @method, @latency
          | fields @user, @method, @latency"""
        found = {"@user": "alice", "@method": "GET", "@latency": "17"}
        assert rows(query, events(self.LINE)) == [found]

    def test_extracted_numbers_are_numbers(self) -> None:
        query = """parse @message "user=*, method:*, latency := *" as @user,
                       @method, @latency | stats avg(@latency) by @method, @user"""
        records = events(self.LINE, self.LINE.replace("17", "20"))
        found = {"@method": "GET", "@user": "alice", "avg(@latency)": "18.5"}
        assert rows(query, records) == [found]

    def test_a_nested_field_is_extracted_from_the_message(self) -> None:
        message = "{'fieldsA': 'logs', 'fieldsB': [{'fA': 'a1'}, {'fA': 'a2'}]}"
        query = """parse @message "'fieldsA': '*', 'fieldsB': ['*']" as fld, array
          | fields fld, array"""
        assert rows(query, events(message)) == [{}]
        query = """parse @message "'fieldsA': '*', 'fieldsB': [*]" as fld, array
          | fields fld, array"""
        assert rows(query, events(message)) == [
            {"fld": "logs", "array": "{'fA': 'a1'}, {'fA': 'a2'}"}
        ]

    def test_a_group_of_a_regular_expression_is_a_field(self) -> None:
        flow = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 20641 22 6 20 4249 ACCEPT OK"
        query = "parse @message /(?<NetworkInterface>eni-.*?) / | display NetworkInterface"
        assert rows(query, events(flow)) == [{"NetworkInterface": "eni-1235b8ca123456789"}]

    def test_events_that_do_not_match_stay(self) -> None:
        query = "parse @message 'a=*' as a | fields a, @message"
        assert rows(query, events("b=1")) == [{"@message": "b=1"}]

    def test_an_extracted_field_is_parsed_further(self) -> None:
        query = """parse "url=*" as url
          | parse url "/api/*/users/*" as apiVersion, userId
          | display apiVersion, userId"""
        found = {"apiVersion": "v1", "userId": "7"}
        assert rows(query, events("url=/api/v1/users/7")) == [found]

    def test_stars_at_both_ends(self) -> None:
        assert rows("parse '*-*' as a, b | fields a, b", events("1-2-3")) == [
            {"a": "1", "b": "2-3"}
        ]

    def test_the_documented_filter_on_an_extracted_field(self) -> None:
        query = """fields @message
          | parse @message "[*] *" as loggingType, loggingMessage
          | filter loggingType = "ERROR"
          | display loggingMessage"""
        found = [{"loggingMessage": "it broke"}]
        assert rows(query, events("[ERROR] it broke", "[INFO] fine")) == found


class TestDedup:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Dedup.html"""

    def test_the_newest_event_of_each_server_is_kept(self) -> None:
        query = "fields server, n | sort @timestamp desc | dedup server"
        records = events(*({"server": one, "n": i} for i, one in enumerate("abab")))
        assert rows(query, records) == [{"server": "a", "n": "0"}, {"server": "b", "n": "1"}]

    def test_events_without_the_field_are_no_duplicates(self) -> None:
        assert len(rows("dedup server", events("a", "b"))) == 2

    def test_a_combination_of_fields_counts(self) -> None:
        pairs = [(1, 1), (1, 2), (1, 1)]
        assert len(rows("dedup a, b", events(*({"a": a, "b": b} for a, b in pairs)))) == 2

    def test_duplicates_count_as_matches(self) -> None:
        assert answer("dedup a | limit 5", events({"a": 1}, {"a": 1})).matched == 2

    def test_only_limit_may_follow(self) -> None:
        with pytest.raises(QueryError, match="Only limit can follow dedup at line 1"):
            parse("dedup a | sort a")


class TestStats:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html"""

    @pytest.mark.parametrize(
        ("statistic", "value"),
        [
            ("count(*)", "5"),
            ("count()", "5"),
            ("count(n)", "4"),
            ("count_distinct(n)", "2"),
            ("avg(n)", "3.25"),
            ("sum(n)", "13"),
            ("min(n)", "1"),
            ("max(n)", "10"),
            ("stddev(n)", "3.8971"),
            ("pct(n, 0)", "1"),
            ("pct(n, 50)", "1"),
            ("pct(n, 75)", "1"),
            ("pct(n, 76)", "10"),
            ("pct(n, 100)", "10"),
            ("earliest(s)", "b"),
            ("latest(s)", "d"),
            ("sortsFirst(s)", "a"),
            ("sortsLast(s)", "d"),
            ("sum(n) / count(*)", "2.6"),
            ("ceil(avg(n)) - min(n)", "3"),
            ("sum(n * 2)", "26"),
            ("sum(strlen(s))", "4"),
        ],
    )
    def test_a_statistic_leaves_missing_values_out(self, statistic: str, value: str) -> None:
        messages = [{"n": 1, "s": "d"}, {"n": "1", "s": "a"}, {"n": 10, "s": "c"}, {"n": 1.0}]
        found = rows(f"stats {statistic} as x", events(*messages, {"s": "b"}))
        assert found == [{"x": value}]

    @pytest.mark.parametrize("statistic", ["avg", "sum", "min", "max", "stddev", "latest"])
    def test_nothing_has_no_statistic(self, statistic: str) -> None:
        assert rows(f"stats {statistic}(n) as x, count(n) as y", events("a")) == [{"y": "0"}]

    def test_no_events_give_no_row(self) -> None:
        assert rows("stats count(*)", []) == []

    def test_groups_without_the_field_are_shown_without_it(self) -> None:
        assert rows("stats count(*) as n by a", events({"a": 1}, "x")) == [
            {"a": "1", "n": "1"},
            {"n": "1"},
        ]

    def test_a_key_has_an_alias(self) -> None:
        found = rows("stats count(*) as n by bin(1h) as hour", events("x"))
        assert found == [{"hour": "2026-01-05 00:00:00.000", "n": "1"}]

    @pytest.mark.parametrize(
        ("condition", "value"), [("max(a) > 1", "1"), ("max(a) in [1]", "0"), ("not max(a)", "0")]
    )
    def test_a_condition_on_a_statistic_is_a_column(self, condition: str, value: str) -> None:
        assert rows(f"stats {condition} as x", events({"a": 1}, {"a": 2})) == [{"x": value}]

    def test_the_documented_memory_that_a_function_does_not_need(self) -> None:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-examples.html
        query = """filter @type = "REPORT"
          | stats max(@memorySize / 1000 / 1000) as provisonedMemoryMB,
              min(@maxMemoryUsed / 1000 / 1000) as smallestMemoryRequestMB,
              avg(@maxMemoryUsed / 1000 / 1000) as avgMemoryUsedMB,
              max(@maxMemoryUsed / 1000 / 1000) as maxMemoryUsedMB,
              provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB"""
        report = (
            "REPORT RequestId: 8f507cfc-0123-4697-b07a-ac58fc914c95\tDuration: 2.5 ms\t"
            "Billed Duration: 3 ms\tMemory Size: 128 MB\tMax Memory Used: {} MB\t\n"
        )
        assert rows(query, events(report.format(60), report.format(69), "END")) == [
            {
                "provisonedMemoryMB": "128",
                "smallestMemoryRequestMB": "60",
                "avgMemoryUsedMB": "64.5",
                "maxMemoryUsedMB": "69",
                "overProvisionedMB": "59",
            }
        ]

    def test_columns_without_alias_are_sorted_by_what_is_written(self) -> None:
        records = events({"a": 1}, {"a": 2}, {"a": 2})
        found = rows("stats count(*), max(a) by a | sort count(*) desc, max(a)", records)
        assert [row["count(*)"] for row in found] == ["2", "1"]

    def test_the_documented_statistic_of_statistics(self) -> None:
        query = """FIELDS strlen(@message) AS message_length
          | STATS sum(message_length)/1024/1024 as logs_mb BY bin(5m)
          | STATS max(logs_mb) AS peak_ingest_mb, min(logs_mb) AS min_ingest_mb"""
        records = [event("x" * 2**19, after=i * MINUTE) for i in (0, 1, 6)]
        assert rows(query, records) == [{"peak_ingest_mb": "1", "min_ingest_mb": "0.5"}]

    def test_fields_calculated_from_columns_are_shown_too(self) -> None:
        assert rows("stats count(*) as n | fields n * 2 as m", events("x")) == [
            {"n": "1", "m": "2"}
        ]

    @given(st.lists(st.sampled_from(["a", "b", "7", 7, None, "A"])))
    @settings(max_examples=100)
    def test_count_agrees_with_a_naive_one(self, values: list[str | int | None]) -> None:
        found = rows("stats count() as n by x", events(*({"x": value} for value in values)))
        expected = Counter(None if value is None else str(value) for value in values)
        assert {row.get("x"): int(row["n"]) for row in found} == expected
