"""Log events out of what a function prints and logs."""

from __future__ import annotations

from skyproof.emulator.functions import limits
from tests.unit.skyproof.emulator.functions.conftest import REQUEST, Start, call, result


def test_both_streams_are_read_in_order(start: Start) -> None:
    code = """
import sys
print("imported")
def handler(event, context):
    for number in range(3):
        print("out", number)
        print("error", number, file=sys.stderr)
    sys.stdout.write("unfinished")
"""
    environment = start(code)
    lines = ("out 0", "error 0", "out 1", "error 1", "out 2", "error 2", "unfinished")
    assert call(environment).lines == ("imported", *lines)
    assert call(environment).lines == lines


# https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
def test_logging_has_lambdas_format_and_keeps_an_event_together(start: Start) -> None:
    code = """
import logging
logging.warning("while importing")
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    print("first")
    logging.getLogger("shop").info("two\\nlines")
    logging.debug("hidden")
    context.log("from the context\\n")
"""
    imported, first, logged, last = call(start(code)).lines
    level, stamp, request_id, text = imported.split("\t")
    assert (level, request_id, text) == ("[WARNING]", "", "while importing")
    assert (first, last) == ("first", "from the context")
    level, stamp, request_id, text = logged.split("\t")
    assert (level, request_id, text) == ("[INFO]", REQUEST, "two\nlines")
    assert stamp.startswith("2030-01-02T03:04:0")
    assert stamp.endswith("Z")


def test_the_level_of_the_logging_configuration_counts(start: Start) -> None:
    code = "import logging\ndef handler(event, context): logging.debug('seen')"
    environment = start(code, variables={"AWS_LAMBDA_LOG_LEVEL": "DEBUG"})
    assert any(line.endswith("\tseen") for line in call(environment).lines)


def test_megabytes_of_prints_do_not_block_a_function(start: Start) -> None:
    code = """
def handler(event, context):
    for _ in range(50):
        print("x" * 100_000)
    return "done"
"""
    outcome = call(start(code))
    assert result(outcome) == "done"
    assert [len(line) for line in outcome.lines] == [100_000] * 50


def test_long_lines_are_cut_and_too_many_are_dropped(start: Start) -> None:
    code = """
def handler(event, context):
    print("x" * 1_000_000)
    print("y\\n" * 2_500_000)
    return "done"
"""
    outcome = call(start(code))
    assert result(outcome) == "done"
    assert len(outcome.lines[0]) == limits.MAX_LINE
    assert len(outcome.lines) == limits.MAX_LINES + 1
    assert outcome.lines[-1] == "[2490002 more lines were written and are not kept]"


def test_a_function_may_close_its_streams(start: Start) -> None:
    code = """
import os, sys
def handler(event, context):
    print("before")
    sys.stdout.close()
    os.close(2)
    return "done"
"""
    environment = start(code)
    outcome = call(environment)
    assert result(outcome) == "done"
    assert outcome.lines == ("before",)


def test_what_is_no_text_is_shown_as_far_as_it_goes(start: Start) -> None:
    code = "import os\ndef handler(event, context): os.write(1, b'\\xffoo\\n')"
    assert call(start(code)).lines == ("\ufffdoo",)
