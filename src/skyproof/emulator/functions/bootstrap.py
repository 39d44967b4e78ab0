"""The program inside the subprocess: Lambda's runtime for Python, on the clock of the world.

It stands alone, as the function's interpreter starts it by its path. It follows Lambda's own
(https://github.com/aws/aws-lambda-python-runtime-interface-client) in what it logs and answers.

What shows virtual time: `time.time`, `datetime.now` and all else that tells the date. What stays
real: `time.monotonic`, socket timeouts, waiting for threads, and other programs that it starts.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import importlib
import ipaddress
import json
import logging
import math
import os
import resource
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace, TracebackType
from typing import Any, NoReturn, SupportsIndex

# time_machine brings a pytest plugin along, and pytest would double the time of a cold start.
_pytest = sys.modules.get("pytest")
sys.modules["pytest"] = None  # type: ignore[assignment]
import time_machine  # noqa: E402

if _pytest is None:
    del sys.modules["pytest"]
else:
    sys.modules["pytest"] = _pytest

Message = dict[str, Any]
Handler = Callable[[Any, Any], Any]

_LENGTHS = struct.Struct(">II")
#: Stands for a line break inside one log event; `skyproof.emulator.functions.log` reads it.
_BREAK = "\0"
_REAL_SLEEP = time.sleep
_REAL_ASYNC_SLEEP = asyncio.sleep
_MONOTONIC = time.monotonic


class Channel:
    """JSON messages and their payloads, to and from the process that started this one."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._stream = self._socket.makefile("rb")
        # A child would hold it open beyond the end of this process, or answer in its place.
        os.register_at_fork(after_in_child=self._hang_up)

    def send(self, message: Message, payload: bytes = b"") -> None:
        body = json.dumps(message).encode()
        self._socket.sendall(_LENGTHS.pack(len(body), len(payload)) + body + payload)

    def receive(self) -> Message | None:
        """The next message, with its ``payload``; None after the last."""
        header = self._stream.read(_LENGTHS.size)
        if len(header) < _LENGTHS.size:
            return None
        of_message, of_payload = _LENGTHS.unpack(header)
        message: Message = json.loads(self._stream.read(of_message))
        message["payload"] = self._stream.read(of_payload)
        return message

    def _hang_up(self) -> None:
        os.close(self._socket.detach())


class Clock:
    """The function's time: the world's as it started, and what it has worked and slept since.

    Sleeping moves it on without waiting, and tells the other side. Only a function with one
    thread can sleep so: time that leaps would end the waits of others before their work is done.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._process = os.getpid()
        self._traveller = time_machine.travel(0).start()
        self._started = self._seconds = self._slept = 0.0
        self._due: list[float] = []

    def start(self, now: float, seconds: float) -> None:
        """Show `now` (since the epoch); `seconds` are left to the function."""
        self._traveller.move_to(now)
        time.time()  # the traveller's time flows from the first look at it
        self._started, self._seconds, self._slept = _MONOTONIC(), seconds, 0.0

    def left(self) -> float:
        """Seconds until the time limit."""
        return self._seconds - self.elapsed()

    def elapsed(self) -> float:
        """Seconds that were worked and slept."""
        return _MONOTONIC() - self._started + self._slept

    def sleep(self, seconds: float | SupportsIndex) -> None:
        """Stands in for `time.sleep`."""
        if not self._virtual():
            _REAL_SLEEP(float(seconds))
            return
        seconds = float(seconds)
        if not seconds >= 0:
            raise ValueError("sleep length must be non-negative")
        self._channel.send({"slept": seconds})
        if seconds >= self.left():
            self._wait_for_the_end()
        self._slept += seconds
        self._traveller.shift(seconds)

    async def sleep_async(self, delay: float, result: Any = None) -> Any:
        """Stands in for `asyncio.sleep`: the tasks of a loop wake in the order of their times."""
        if not self._virtual() or not delay > 0:
            return await _REAL_ASYNC_SLEEP(delay, result)
        due = self.elapsed() + delay
        self._due.append(due)
        try:
            await _REAL_ASYNC_SLEEP(0)
            while min(self._due) < due:
                await _REAL_ASYNC_SLEEP(0)
        finally:
            self._due.remove(due)
        self.sleep(max(0.0, due - self.elapsed()))
        return result

    def _virtual(self) -> bool:
        return threading.active_count() == 1 and os.getpid() == self._process

    def _wait_for_the_end(self) -> NoReturn:
        while True:
            _REAL_SLEEP(3600)


class Sink:
    """Writes log events that may have several lines, in order with what is printed."""

    def __init__(self) -> None:
        self._descriptor = os.dup(1)

    def log(self, event: str) -> None:
        flush()
        line = event.removesuffix("\n").replace("\n", _BREAK) + "\n"
        left = line.encode(errors="backslashreplace")
        while left:
            left = left[os.write(self._descriptor, left) :]


class RequestFilter(logging.Filter):
    """Gives each record the id of the request."""

    def __init__(self) -> None:
        super().__init__()
        self.request_id = ""

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self.request_id
        return True


class LambdaLoggerHandler(logging.Handler):
    """Lambda's handler of the root logger.

    https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
    """

    def __init__(self, log_sink: Sink) -> None:
        super().__init__()
        self.log_sink = log_sink
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S",
        )
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self.log_sink.log(self.format(record))


@dataclass
class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    aws_request_id: str
    invoked_function_arn: str
    client_context: SimpleNamespace | None
    _clock: Clock
    _sink: Sink

    def __post_init__(self) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(self._clock.left() * 1000))

    def log(self, message: object) -> None:
        self._sink.log(str(message))


class FaultException(Exception):
    """An error that the runtime finds, under one of Lambda's names for them."""

    def __init__(self, type_: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.type, self.message, self.trace = type_, message, trace or []


def find_handler(text: str) -> Handler:
    """Import what `module.function` names.

    :raises FaultException: it cannot be found; what the module itself raises passes.
    """
    module_name, dot, function_name = text.rpartition(".")
    if not dot:
        problem = "not enough values to unpack (expected 2, got 1)"
        raise FaultException("Runtime.MalformedHandlerName", f"Bad handler '{text}': {problem}")
    if module_name.split(".")[0] in sys.builtin_module_names:
        problem = f"Cannot use built-in module {module_name} as a handler module"
        raise FaultException("Runtime.BuiltInModuleConflict", problem)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        problem = f"Unable to import module '{module_name}': {error}"
        raise FaultException("Runtime.ImportModuleError", problem) from error
    except SyntaxError as error:
        problem = f"Syntax error in module '{module_name}': {error}"
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise FaultException("Runtime.UserCodeSyntaxError", problem, trace) from error
    try:
        handler: Handler = getattr(module, function_name)
    except AttributeError as error:
        problem = f"Handler '{function_name}' missing on module '{module_name}'"
        raise FaultException("Runtime.HandlerNotFound", problem) from error
    return handler


def marshal(result: object) -> str:
    """The result as JSON; bytes pass as they are.

    :raises FaultException: it has no JSON.
    """
    if isinstance(result, bytes):
        return result.decode(errors="surrogateescape")
    try:
        # The runtimes before Python 3.12 answer ASCII.
        return json.dumps(result, default=_number, ensure_ascii=sys.version_info < (3, 12))
    except Exception as error:
        problem = f"Unable to marshal response: {error}"
        raise FaultException("Runtime.MarshalError", problem) from error


def _number(value: object) -> float:
    """Decimals, which come from DynamoDB, are numbers to Lambda's runtime."""
    if not isinstance(value, Decimal):
        name = type(value).__name__
        raise TypeError(f"Object of type {name} is not JSON serializable")
    if value.is_nan():
        return math.nan
    return int(value) if value == value.to_integral_value() else float(value)


def describe(error: Exception, request_id: str) -> Message:
    """Lambda's error object."""
    if isinstance(error, FaultException):
        type_, trace = error.type, error.trace
    else:
        type_, trace = type(error).__name__, _own_frames(error.__traceback__)
    return {
        "errorMessage": str(error),
        "errorType": type_,
        "requestId": request_id,
        "stackTrace": trace,
    }


def _own_frames(trace: TracebackType | None) -> list[str]:
    """The function's part of a trace: what follows the frames of this file."""
    frames = traceback.extract_tb(trace)
    own = (at for at, frame in enumerate(frames) if not frame.filename.endswith("/bootstrap.py"))
    return [as_on_lambda(line) for line in traceback.format_list(frames[next(own, 0) :])]


def as_on_lambda(text: str) -> str:
    """A text with the folders of code and layers where they are on Lambda.

    Here they lie in another folder with every environment, and a trace would tell of it.
    """
    task = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
    layers = task.removesuffix("/task") + "/opt"
    return text.replace(f'"{task}/', '"/var/task/').replace(f'"{layers}/', '"/opt/')


def error_event(described: Message) -> str:
    """The log event of an error. Lambda indents with no-break spaces, which consoles keep."""
    lines = [f"[ERROR] {described['errorType']}"]
    if described["errorMessage"]:
        lines[0] += f": {described['errorMessage']}"
    lines.append("Traceback (most recent call last):")
    for line in "\n".join(described["stackTrace"]).splitlines():
        text = line.lstrip(" ")
        lines.append("\xa0" * (len(line) - len(text)) + text)
    return "\n".join(lines)


def parse_client_context(text: str | None) -> SimpleNamespace | None:
    """The client context of mobile applications, as an object.

    :raises FaultException: it is not a JSON object.
    """
    if not text:
        return None
    try:
        values = json.loads(text)
        client = values.get("client")
    except (ValueError, AttributeError) as error:
        problem = f"Unable to parse Client Context JSON: {error}"
        raise FaultException("Runtime.LambdaContextUnmarshalError", problem) from error
    names = (
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    )
    return SimpleNamespace(
        custom=values.get("custom"),
        env=values.get("env"),
        client=client and SimpleNamespace(**{name: client.get(name) for name in names}),
    )


def unmarshal(payload: str) -> Any:
    """The event; that of an invocation without a payload is an empty object.

    :raises FaultException: the payload is not JSON.
    """
    try:
        return json.loads(payload or "{}")
    except ValueError as error:
        problem = f"Unable to unmarshal input: {error}"
        raise FaultException("Runtime.UnmarshalError", problem) from error


def _text(payload: bytes) -> str:
    return payload.decode(errors="surrogateescape")


def peak_memory() -> int:
    """MB. The kernel's `ru_maxrss` would count the process that started this one."""
    with suppress(OSError), open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        for line in status:
            if line.startswith("VmHWM:"):
                return math.ceil(int(line.split()[1]) / 1024)
    return math.ceil(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024)


def flush() -> None:
    """Pass on what is printed; a function may have closed its streams."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()


class Runtime:
    """Answers requests: the first imports the handler, each other invokes it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._process = os.getpid()
        self._clock = Clock(channel)
        self._sink = Sink()
        self._filter = RequestFilter()
        self._arn = ""
        self._is_canary = False
        self._handler: Handler | None = None

    def run(self) -> None:
        """Serve until the other side hangs up, or the import fails."""
        time.sleep = self._clock.sleep
        asyncio.sleep = asyncio.tasks.sleep = self._clock.sleep_async
        handler = LambdaLoggerHandler(self._sink)
        handler.addFilter(self._filter)
        logging.getLogger().addHandler(handler)
        with suppress(KeyError, ValueError):
            logging.getLogger().setLevel(os.environ["AWS_LAMBDA_LOG_LEVEL"])
        while (request := self._channel.receive()) is not None:
            self._clock.start(request["now"], request["seconds"])
            work = self._initialize if self._handler is None else self._invoke
            self._answer(work, request)

    def _answer(self, work: Callable[[Message], str], request: Message) -> None:
        failed = False
        try:
            payload = work(request).encode(errors="surrogateescape")
        except MemoryError:
            # Lambda's kernel kills a function that has used up its memory.
            os.kill(os.getpid(), signal.SIGKILL)
            raise
        except Exception as error:  # noqa: BLE001 (any error of the function is a result)
            failed = True
            described = describe(error, request.get("request_id", ""))
            self._sink.log(error_event(described))
            payload = marshal(described).encode(errors="surrogateescape")
        flush()
        if os.getpid() != self._process:
            os._exit(0)  # a child that the function forked came back from the handler
        told = {"error": failed, "memory": peak_memory(), "seconds": self._clock.elapsed()}
        self._channel.send(told, payload)

    def _initialize(self, request: Message) -> str:
        for name, value in request["limits"].items():
            limit_resource(name, value)
        self._arn, self._is_canary = request["arn"], request["is_canary"]
        # https://docs.aws.amazon.com/lambda/latest/dg/python-package.html (search path)
        python = f"python{sys.version_info.major}.{sys.version_info.minor}"
        os.environ.setdefault("AWS_EXECUTION_ENV", f"AWS_Lambda_{python}")
        layers = f"{request['opt']}/python"
        sys.path[:0] = [
            request["task"],
            f"{layers}/lib/{request['runtime'] or python}/site-packages",
            layers,
            *request["search_paths"],
        ]
        self._handler = find_handler(request["handler"])
        return ""

    def _invoke(self, request: Message) -> str:
        assert self._handler is not None
        self._filter.request_id = request["request_id"]
        set_trace(os.environ, request["trace_id"])
        context = Context(
            request["request_id"],
            self._arn,
            parse_client_context(request["client_context"]),
            self._clock,
            self._sink,
        )
        result = self._handler(unmarshal(_text(request["payload"])), context)
        if self._is_canary and asyncio.iscoroutine(result):
            result = asyncio.run(result)
        return marshal(result)


def set_trace(variables: MutableMapping[str, str], trace_id: str) -> None:
    """Where the X-Ray SDK looks for the trace of an invocation."""
    if trace_id:
        variables["_X_AMZN_TRACE_ID"] = trace_id
    else:
        variables.pop("_X_AMZN_TRACE_ID", None)


def limit_resource(name: str, value: int) -> None:
    """Bind this process and its children, within what already binds it."""
    kind = getattr(resource, name)
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))


def die_with(lifeline: int) -> None:
    """Have the kernel kill this process group once the other end of a pipe is closed.

    PR_SET_PDEATHSIG would watch the thread that started this process, not its process. Elsewhere
    than on Linux the process ends when it next reads its channel.
    """
    if sys.platform != "linux":
        return
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)


def stay_here() -> None:
    """Let nothing leave this machine: no host but itself is reached, and no other name is known.

    A guard against accidents, such as a URL of production in a variable, not against intent.
    """
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
            raise OSError(errno.ENETUNREACH, f"{address[0]} is not on this machine")
        connect(self, address)

    def look_up_here(host: Any, *arguments: Any, **named: Any) -> Any:
        if host is not None and not is_here(host):
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is not on this machine")
        return look_up(host, *arguments, **named)

    socket.socket.connect = connect_here  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = look_up_here


def is_here(host: str | bytes) -> bool:
    """Whether a name or an address is this machine's own."""
    text = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return text in ("", "localhost")


def main(arguments: list[str]) -> NoReturn:
    """Take the descriptors of the channel and of the lifeline."""
    channel, lifeline = map(int, arguments)
    for descriptor in (channel, lifeline):
        os.set_inheritable(descriptor, False)
    die_with(lifeline)
    stay_here()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    Runtime(Channel(channel)).run()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
