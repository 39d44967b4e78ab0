"""An execution environment: one function's code, warm in a subprocess.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
import math
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from skyproof.emulator.functions import limits
from skyproof.emulator.functions.log import Log
from skyproof.emulator.functions.package import unpack
from skyproof.emulator.functions.process import Ended, Message, Process

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


@dataclass(frozen=True)
class Definition:
    """One version of a function.

    :ivar handler: ``module.function`` or ``folder/module.function``.
    :ivar package: the zip.
    :ivar variables: the function's environment, with ``AWS_REGION``, keys and endpoint.
    :ivar timeout: seconds.
    :ivar memory: MB.
    :ivar layers: zips, in the order in which Lambda merges them.
    :ivar search_paths: more folders to import from, after package and layers.
    :ivar runtime: whose folder of the layers is searched, such as ``python3.12``; that of this
        machine's interpreter if empty.
    :ivar is_canary: a coroutine that the handler answers is awaited; Lambda does not.
    """

    name: str
    arn: str
    version: str
    handler: str
    package: bytes
    variables: Mapping[str, str]
    timeout: float
    memory: int
    log_group: str
    log_stream: str
    layers: tuple[bytes, ...] = ()
    search_paths: tuple[Path, ...] = ()
    is_canary: bool = False
    runtime: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one invocation came to.

    :ivar payload: the handler's result as JSON, or Lambda's error object.
    :ivar error: ``"Unhandled"``, or None for success.
    :ivar lines: what the function wrote, one log event each, without START, END and REPORT.
    :ivar duration: seconds of the function's own time, those slept included.
    :ivar billed: milliseconds. The init phase is billed since August 2025
        (https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/).
    :ivar memory: MB, the most that the environment has used so far.
    :ivar init: seconds of a cold start; None when warm.
    :ivar exceeded: the time limit ended it.
    """

    payload: bytes
    error: str | None
    lines: tuple[str, ...]
    duration: float
    billed: int
    memory: int
    init: float | None
    exceeded: bool


class Unsupported(NotImplementedError):
    """Something that Lambda does and this runtime does not."""


@dataclass(frozen=True)
class _Reply:
    """How one phase ended: with a message, or without as the subprocess ended or was too slow."""

    message: Message | None
    seconds: float
    exceeded: bool = False


@dataclass(frozen=True)
class _Sent:
    """A request on its way.

    :ivar at: a time of `time.monotonic`.
    :ivar taken: whether the subprocess was there to take it.
    """

    allowance: float
    at: float
    taken: bool


@dataclass(frozen=True)
class Invocation:
    """One that was begun.

    :ivar under_way: what the handler was sent, or how its import failed.
    """

    request_id: str
    now: datetime
    log: Log
    init: float | None
    under_way: _Sent | _Reply


class Environment:
    """One subprocess for one definition; for one thread at a time, save `kill`.

    :raises PackageError: the package or a layer cannot be unpacked.
    :raises Unsupported: the function asks for JSON logs.
    """

    def __init__(self, definition: Definition, python: str = sys.executable) -> None:
        if definition.variables.get("AWS_LAMBDA_LOG_FORMAT", "Text").lower() == "json":
            raise Unsupported("Lambda's JSON log format (AWS_LAMBDA_LOG_FORMAT)")
        self._definition = definition
        self._folder = Path(tempfile.mkdtemp(prefix="skyproof-function-"))
        self._task, self._opt = self._folder / "task", self._folder / "opt"
        self._warm = False
        self._closed = False
        self._memory = 0
        try:
            taken = unpack([definition.package], self._task, allowance=limits.MAX_UNZIPPED)
            unpack(definition.layers, self._opt, allowance=limits.MAX_UNZIPPED - taken)
            self._process = Process(
                # -I keeps this machine's own settings out, -B its package's folder as unpacked.
                [python, "-I", "-B", "-X", "utf8", str(_BOOTSTRAP)],
                folder=self._task,
                variables=self._variables(python),
            )
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def alive(self) -> bool:
        """False once it is closed, has crashed or was ended for its time."""
        return not self._closed and self._process.alive

    def invoke(self, payload: bytes, **request: Any) -> Outcome:
        """Run the handler once, and wait for it: `begin` and `end`."""
        return self.end(self.begin(payload, **request))

    def begin(
        self,
        payload: bytes,
        *,
        request_id: str,
        now: datetime,
        client_context: str | None = None,
        trace_id: str = "",
        imported: Callable[[], None] = lambda: None,
    ) -> Invocation:
        """Let the handler run once; `end` waits for it. One that is cold imports its module first.

        In an environment that is not alive any more every invocation is a crash.

        :param payload: the event, JSON.
        :param now: what the function's clocks show as it starts.
        :param client_context: JSON, as the Invoke API takes it after base64.
        :param imported: called when the module is imported, just before the handler runs.
        :raises RuntimeError: the environment is closed.
        """
        if self._closed:
            raise RuntimeError("the environment is closed")
        log = Log()
        init = None
        if not self._warm:
            reply = self._initialize(now, log)
            init = reply.seconds
            # The clock of a function never goes back between its import and its handler.
            now += timedelta(seconds=init)
            if not self._warm:
                return Invocation(request_id, now, log, init, reply)
        imported()
        sent = self._send(
            {
                "now": now.timestamp(),
                "seconds": self._definition.timeout,
                "request_id": request_id,
                "client_context": client_context,
                "trace_id": trace_id,
            },
            payload,
        )
        return Invocation(request_id, now, log, init, sent)

    def end(self, begun: Invocation) -> Outcome:
        """Wait for the handler; whatever the function does becomes an outcome.

        Its time limit counts from here: what it did before is the work of others' time.
        """
        reply = begun.under_way
        if isinstance(reply, _Sent):
            reply = self._receive(reply, begun.log)
        return self._outcome(
            reply, begun.log, init=begun.init, request_id=begun.request_id, now=begun.now
        )

    def kill(self) -> None:
        """End an invocation from another thread; it becomes a crash. Call `close` all the same."""
        self._process.kill()

    def close(self) -> None:
        """End all its processes and remove its folder; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._process.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _variables(self, python: str) -> dict[str, str]:
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: the first ones
        # may be overridden by the function, the reserved ones may not.
        definition = self._definition
        return {
            "PATH": f"{Path(python).parent}:/usr/local/bin:/usr/bin:/bin:{self._opt / 'bin'}",
            "LD_LIBRARY_PATH": f"{self._task}:{self._task / 'lib'}:{self._opt / 'lib'}",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            **definition.variables,
            "LAMBDA_TASK_ROOT": str(self._task),
            "LAMBDA_RUNTIME_DIR": str(_BOOTSTRAP.parent),
            "AWS_LAMBDA_FUNCTION_NAME": definition.name,
            "AWS_LAMBDA_FUNCTION_VERSION": definition.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(definition.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": definition.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": definition.log_stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "_HANDLER": definition.handler,
        }

    def _initialize(self, now: datetime, log: Log) -> _Reply:
        definition = self._definition
        sent = self._send(
            {
                "now": now.timestamp(),
                "seconds": max(limits.INIT_SECONDS, definition.timeout),
                "handler": definition.handler,
                "arn": definition.arn,
                "is_canary": definition.is_canary,
                "limits": limits.resources(definition.memory),
                "runtime": definition.runtime,
                "task": str(self._task),
                "opt": str(self._opt),
                "search_paths": [str(path) for path in definition.search_paths],
            }
        )
        reply = self._receive(sent, log)
        self._warm = reply.message is not None and not reply.message["error"]
        return reply

    def _send(self, request: Message, payload: bytes = b"") -> _Sent:
        allowance: float = request["seconds"]
        now = time.monotonic()
        try:
            self._process.send(request, payload, seconds=allowance)
        except Ended:
            return _Sent(allowance, now, taken=False)
        return _Sent(allowance, now, taken=True)

    def _receive(self, sent: _Sent, log: Log) -> _Reply:
        """Wait for a request's end, however that comes, in real or in slept seconds."""
        started = time.monotonic()
        slept = 0.0
        try:
            if not sent.taken:
                raise Ended
            while True:
                message = self._process.receive(started + sent.allowance - slept, log)
                if "slept" not in message:
                    break
                slept += message["slept"]
        except Ended:
            return _Reply(None, time.monotonic() - sent.at + slept)
        except TimeoutError:
            return _Reply(None, sent.allowance, exceeded=True)
        self._memory = message["memory"]
        # As the function measured it: its answer may have waited here.
        return _Reply(message, message["seconds"])

    def _outcome(
        self, reply: _Reply, log: Log, *, init: float | None, request_id: str, now: datetime
    ) -> Outcome:
        duration = reply.seconds if self._warm else 0.0
        if reply.exceeded:
            self._process.kill()
            payload = _timed_out(self._definition.timeout, request_id, now)
            duration = self._definition.timeout
        elif reply.message is None:
            payload = _exited(self._process.wait_and_kill(), request_id)
        else:
            payload = reply.message["payload"]
        failed = reply.message is None or reply.message["error"]
        if not failed and len(payload) > limits.MAX_RESPONSE:
            failed, payload = True, _too_large()
        self._process.drain(log)
        if not self._warm:
            # A failed import is tried again by the next environment, as on Lambda.
            self._process.kill()
        return Outcome(
            payload=payload,
            error="Unhandled" if failed else None,
            lines=log.finish(),
            duration=duration,
            billed=math.ceil((duration + (init or 0.0)) * 1000),
            memory=self._memory,
            init=init,
            exceeded=reply.exceeded,
        )


def _timed_out(timeout: float, request_id: str, started: datetime) -> bytes:
    ended = (started + timedelta(seconds=timeout)).astimezone(UTC)
    stamp = ended.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = f"{stamp} {request_id} Task timed out after {timeout:.2f} seconds"
    return _json(errorType="Sandbox.Timedout", errorMessage=message)


def _exited(status: int, request_id: str) -> bytes:
    """The error of a runtime that is gone; `status` as `subprocess` gives it."""
    if status == 0:
        reason = "Runtime exited without providing a reason"
    elif status > 0:
        reason = f"Runtime exited with error: exit status {status}"
    else:
        name = (signal.strsignal(-status) or f"signal {-status}").lower()
        reason = f"Runtime exited with error: signal: {name}"
    message = f"RequestId: {request_id} Error: {reason}"
    return _json(errorType="Runtime.ExitError", errorMessage=message)


def _too_large() -> bytes:
    return _json(
        errorType="Function.ResponseSizeTooLarge",
        errorMessage="Response payload size exceeded maximum allowed payload size "
        f"({limits.MAX_RESPONSE} bytes).",
    )


def _json(**values: Any) -> bytes:
    return json.dumps(values).encode()
