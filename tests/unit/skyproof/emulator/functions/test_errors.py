"""What Lambda answers and logs when a function fails.

https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import re

import pytest

from tests.unit.skyproof.emulator.functions.conftest import (
    NOW,
    REQUEST,
    Start,
    call,
    failure,
    result,
    zipped,
)


def test_an_exception_is_answered_with_its_trace(start: Start) -> None:
    code = "def handler(event, context):\n    raise ValueError('no such order')\n"
    error = failure(call(start(code)))
    (frame,) = error.pop("stackTrace")
    assert re.fullmatch(
        r'  File "/var/task/app\.py", line 2, in handler\n'
        r"    raise ValueError\('no such order'\)\n",
        frame,
    )
    assert error == {
        "errorMessage": "no such order",
        "errorType": "ValueError",
        "requestId": REQUEST,
    }


def test_an_exception_is_logged_as_one_event(start: Start) -> None:
    code = "def handler(event, context):\n    print('before')\n    raise ValueError('bad')\n"
    before, logged = call(start(code)).lines
    assert before == "before"
    first, second, third, fourth = logged.split("\n")
    assert first == "[ERROR] ValueError: bad"
    assert second == "Traceback (most recent call last):"
    assert third.startswith('\xa0\xa0File "')
    assert fourth == "\xa0\xa0\xa0\xa0raise ValueError('bad')"


def test_an_environment_survives_an_exception(start: Start) -> None:
    environment = start("def handler(event, context): return 1 / event")
    assert failure(call(environment, 0))["errorType"] == "ZeroDivisionError"
    assert environment.alive
    outcome = call(environment, 1)
    assert result(outcome) == 1
    assert outcome.init is None


@pytest.mark.parametrize(
    ("files", "handler", "type_", "message"),
    [
        (
            {"other": ""},
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'app'",
        ),
        (
            {"app": "import nothing_like_it"},
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nothing_like_it'",
        ),
        (
            {"app": ""},
            "app.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'app'",
        ),
        (
            {"app": ""},
            "handler",
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        (
            {"app": "def handler(:"},
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        ({"app": "raise KeyError('X')"}, "app.handler", "KeyError", "'X'"),
        (
            {"app": ""},
            "sys.exit",
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
        ),
    ],
)
def test_a_module_that_cannot_be_loaded_fails_the_invocation(
    start: Start, files: dict[str, str], handler: str, type_: str, message: str
) -> None:
    environment = start("", package=zipped(**files), handler=handler)
    outcome = call(environment)
    error = failure(outcome)
    assert (error["errorType"], error["errorMessage"]) == (type_, message)
    assert outcome.lines[0].startswith(f"[ERROR] {type_}: {message}\nTraceback")
    assert not environment.alive


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{1}", "Object of type set is not JSON serializable"),
        ("{(1, 2): 3}", "keys must be str, int, float, bool or None, not tuple"),
    ],
)
def test_a_result_without_json_is_an_error(start: Start, value: str, message: str) -> None:
    error = failure(call(start(f"def handler(event, context): return {value}")))
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"] == f"Unable to marshal response: {message}"


def test_an_event_that_is_no_json_is_an_error(start: Start) -> None:
    environment = start("def handler(event, context): pass")
    outcome = environment.invoke(b"{", request_id=REQUEST, now=NOW)
    assert failure(outcome)["errorType"] == "Runtime.UnmarshalError"


def test_a_client_context_that_is_no_object_is_an_error(start: Start) -> None:
    outcome = call(start("def handler(event, context): pass"), client_context="[]")
    assert failure(outcome)["errorType"] == "Runtime.LambdaContextUnmarshalError"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import sys; sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("import sys; sys.exit(0)", "Runtime exited without providing a reason"),
        ("import os; os._exit(7)", "Runtime exited with error: exit status 7"),
        ("import os; os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("import os; os.abort()", "Runtime exited with error: signal: aborted"),
        ("import os; os.closerange(3, 99)", "Runtime exited with error: exit status 1"),
    ],
)
def test_a_process_that_ends_is_an_exit_error(start: Start, code: str, reason: str) -> None:
    environment = start(f"def handler(event, context):\n print('last words'); {code}")
    outcome = call(environment)
    assert failure(outcome) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {REQUEST} Error: {reason}",
    }
    assert outcome.lines[0] == "last words"
    assert not outcome.exceeded
    assert not environment.alive


def test_a_process_that_ends_as_it_starts_is_an_exit_error(start: Start) -> None:
    environment = start("import sys; sys.exit(3)")
    assert failure(call(environment))["errorMessage"].endswith("exit status 3")
    assert not environment.alive


def test_a_function_that_hangs_times_out(start: Start) -> None:
    environment = start("def handler(event, context):\n while True: pass", timeout=1)
    outcome = call(environment)
    error = failure(outcome)
    assert error["errorType"] == "Sandbox.Timedout"
    stamp, request_id, text = error["errorMessage"].split(" ", 2)
    assert re.fullmatch(r"2030-01-02T03:04:0\d\.\d{3}Z", stamp)
    assert (request_id, text) == (REQUEST, "Task timed out after 1.00 seconds")
    assert outcome.exceeded
    assert outcome.duration == 1
    assert not environment.alive


@pytest.mark.parametrize(
    "hog",
    [
        "return len(bytearray(1 << 30))",
        "held = []\n while True: held.append(bytearray(1 << 24))",
    ],
)
def test_a_function_that_takes_too_much_memory_is_killed(start: Start, hog: str) -> None:
    environment = start(f"def handler(event, context):\n {hog}")
    error = failure(call(environment))
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert not environment.alive


def test_files_have_a_largest_size_and_leave_no_core(start: Start) -> None:
    code = """
import resource
def handler(event, context):
    names = ("RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_DATA")
    return [resource.getrlimit(getattr(resource, name))[1] for name in names]
"""
    size, files, core, data = result(call(start(code)))
    assert size == 512 * 1024 * 1024
    assert files <= 1024
    assert core == 0
    assert data == (128 + 256) * 1024 * 1024
