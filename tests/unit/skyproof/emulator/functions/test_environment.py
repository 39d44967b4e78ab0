"""Handlers, their context and their surroundings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skyproof.emulator.functions import Environment, PackageError, Unsupported, limits
from tests.unit.skyproof.emulator.functions.conftest import (
    NOW,
    REQUEST,
    Start,
    call,
    define,
    failure,
    result,
    zipped,
)


def test_a_handler_takes_the_event_and_answers_json(start: Start) -> None:
    outcome = call(start("def handler(event, context): return {'got': event}"), {"ä": [1, None]})
    assert result(outcome) == {"got": {"ä": [1, None]}}
    assert outcome.error is None
    assert not outcome.exceeded


def test_an_invocation_without_payload_has_an_empty_event(start: Start) -> None:
    environment = start("def handler(event, context): return event")
    outcome = environment.invoke(b"", request_id=REQUEST, now=NOW)
    assert outcome.payload == b"{}"


def test_the_first_invocation_is_cold_and_the_state_of_the_module_stays_warm(start: Start) -> None:
    environment = start(
        "calls = 0\ndef handler(event, context):\n global calls\n calls += 1\n return calls"
    )
    first, second = call(environment), call(environment)
    assert (result(first), result(second)) == (1, 2)
    assert first.init is not None
    assert first.init > 0
    assert second.init is None


def test_the_init_phase_is_billed_and_milliseconds_are_rounded_up(start: Start) -> None:
    outcome = call(start("def handler(event, context): pass"))
    assert outcome.init is not None
    exact = (outcome.init + outcome.duration) * 1000
    assert exact <= outcome.billed < exact + 1


def test_the_memory_used_is_counted(start: Start) -> None:
    environment = start("def handler(event, context): return len(bytearray(event) or b'x')")
    small, large = call(environment, 0), call(environment, 50_000_000)
    assert 10 < small.memory < 100
    assert 40 < large.memory - small.memory < 60


# https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
def test_the_context_has_the_documented_attributes(start: Start) -> None:
    code = """
def handler(event, context):
    names = (
        "function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb",
        "aws_request_id", "log_group_name", "log_stream_name",
    )
    values = {name: getattr(context, name) for name in names}
    return values | {
        "identity": context.identity.cognito_identity_id,
        "title": context.client_context.client.app_title,
        "custom": context.client_context.custom,
        "left": 0 < context.get_remaining_time_in_millis() <= 30_000,
    }
"""
    client_context = json.dumps({"client": {"app_title": "Shop"}, "custom": {"a": "b"}})
    assert result(call(start(code), client_context=client_context)) == {
        "function_name": "checkout",
        "function_version": "$LATEST",
        "invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:checkout",
        "memory_limit_in_mb": "128",
        "aws_request_id": REQUEST,
        "log_group_name": "/aws/lambda/checkout",
        "log_stream_name": "2030/01/02/[$LATEST]0123",
        "identity": None,
        "title": "Shop",
        "custom": {"a": "b"},
        "left": True,
    }


# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
def test_the_environment_is_the_functions_own(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THIS_MACHINE", "1")
    code = "import os\ndef handler(event, context): return [dict(os.environ), os.getcwd()]"
    variables = {"STAGE": "prod", "AWS_REGION": "eu-west-1", "_HANDLER": "overridden"}
    environment = start(code, variables=variables)
    found, folder = result(call(environment, trace_id="Root=1-5759e988-bd862e3fe1be46a994272793"))
    assert found.pop("AWS_EXECUTION_ENV").startswith("AWS_Lambda_python3.")
    assert Path(found.pop("LAMBDA_RUNTIME_DIR")).name == "functions"
    assert found.pop("LAMBDA_TASK_ROOT") == folder
    assert "/usr/bin" in found.pop("PATH").split(":")
    libraries = found.pop("LD_LIBRARY_PATH").split(":")
    assert libraries == [folder, f"{folder}/lib", f"{folder.removesuffix('task')}opt/lib"]
    found.pop("LC_CTYPE", None)  # Python's own, where the system lacks the locale of LANG
    assert found == {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "checkout",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/checkout",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2030/01/02/[$LATEST]0123",
        "AWS_REGION": "eu-west-1",
        "LANG": "en_US.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "STAGE": "prod",
        "TZ": ":UTC",
        "_HANDLER": "app.handler",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793",
    }
    found, _ = result(call(environment))
    assert "_X_AMZN_TRACE_ID" not in found


def test_standard_input_is_empty(start: Start) -> None:
    code = "import sys\ndef handler(event, context): return sys.stdin.read()"
    assert result(call(start(code))) == ""


def test_boto3_is_there(start: Start) -> None:
    code = "import boto3\ndef handler(event, context): return boto3.client('sqs').meta.region_name"
    assert result(call(start(code, variables={"AWS_DEFAULT_REGION": "eu-west-1"}))) == "eu-west-1"


def test_a_handler_may_lie_in_a_folder(start: Start) -> None:
    package = zipped(src__app="def handler(event, context): return __name__")
    environment = start("", package=package, handler="src/app.handler")
    assert result(call(environment)) == "src.app"


def test_modules_are_found_in_package_then_layers_then_search_paths(
    start: Start, tmp_path: Path
) -> None:
    for name in ("everywhere", "layered", "searched"):
        (tmp_path / f"{name}.py").write_text("origin = 'search path'")
    lower = zipped(
        python__everywhere="origin = 'layer 1'",
        python__layered="origin = 'layer 1'",
        python__lower="origin = 'layer 1'",
    )
    upper = zipped(python__layered="origin = 'layer 2'")
    code = """
import everywhere, layered, lower, searched
def handler(event, context):
    return [module.origin for module in (everywhere, layered, lower, searched)]
"""
    environment = start(
        "",
        package=zipped(app=code, everywhere="origin = 'package'"),
        layers=(lower, upper),
        search_paths=(tmp_path,),
    )
    assert result(call(environment)) == ["package", "layer 2", "layer 1", "search path"]


def test_only_a_canarys_coroutine_is_awaited(start: Start) -> None:
    code = "async def handler(event, context): return 'awaited'"
    assert result(call(start(code, is_canary=True))) == "awaited"
    assert failure(call(start(code)))["errorType"] == "Runtime.MarshalError"


def test_a_response_larger_than_lambdas_limit_is_an_error(start: Start) -> None:
    environment = start("def handler(event, context): return 'x' * event")
    assert len(result(call(environment, limits.MAX_RESPONSE - 2))) == limits.MAX_RESPONSE - 2
    error = failure(call(environment, limits.MAX_RESPONSE))
    assert error["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_large_event_arrives(start: Start) -> None:
    environment = start("def handler(event, context): return len(event)")
    assert result(call(environment, "x" * 6_000_000)) == 6_000_000


def test_a_package_that_cannot_be_unpacked_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(PackageError):
        Environment(define("", package=b"no zip"))
    assert list(tmp_path.iterdir()) == []


def test_json_logs_are_named_as_unsupported() -> None:
    with pytest.raises(Unsupported, match="AWS_LAMBDA_LOG_FORMAT"):
        Environment(define("", variables={"AWS_LAMBDA_LOG_FORMAT": "JSON"}))


def test_closing_twice_is_closing_and_leaves_no_folder(start: Start) -> None:
    code = "import os\ndef handler(event, context): return os.getcwd()"
    environment = start(code)
    folder = Path(result(call(environment)))
    assert folder.exists()
    environment.close()
    environment.close()
    assert not environment.alive
    assert not folder.parent.exists()
    with pytest.raises(RuntimeError, match="closed"):
        call(environment)


def test_nothing_leaves_the_machine(start: Start) -> None:
    code = (
        "import socket\n"
        "def attempt(action):\n"
        "    try:\n"
        "        action()\n"
        "    except OSError as error:\n"
        "        return str(error)\n"
        "def handler(event, context):\n"
        "    there = ('192.0.2.1', 443)\n"
        "    with socket.socket() as one, socket.create_server(('127.0.0.1', 0)) as here:\n"
        "        here_too = socket.create_connection(('localhost', here.getsockname()[1]))\n"
        "        here_too.close()\n"
        "        return [attempt(lambda: one.connect(there)),\n"
        "                attempt(lambda: socket.create_connection(('example.com', 443)))]\n"
    )
    answers = result(call(start(code)))

    assert "192.0.2.1 is not on this machine" in answers[0]
    assert "example.com is not on this machine" in answers[1]
