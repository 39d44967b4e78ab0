"""Running Terraform commands: tftest, with what is wrong in it mended in this one place.

docs/upstream.md lists the defects with reproductions. Mended here: return codes other than 1 and 11
pass for success; stderr is drained only after stdout; commands have no time limit; cleaning up
deletes state and lock file (we never call ``setup``, which registers it); numbers reach Popen.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import tftest

from skyproof.errors import ExitCode, SkyproofError
from skyproof.terraform import disk, statefile
from skyproof.terraform.busy import Busy

# After an interrupt Terraform ends its providers and writes the state; a kill would lose both.
GRACE_SECONDS = 60
# What providers of a Terraform that is gone may take to end before they are killed.
PROVIDERS_SECONDS = 5
# The causes come first; what fails because of them repeats.
MOST_DIAGNOSTICS = 20

# Their output is the state or a plan, with every secret in it, and says nothing of what went wrong.
DATA = frozenset({"output", "show"})

OnLine = Callable[[str], None]
Redact = Callable[[str], str]


@dataclass(frozen=True)
class Diagnostic:
    """One error that Terraform reported.

    Attributes:
        address: the resource, or "".
        where: ``file:line``, or "".
    """

    summary: str
    detail: str = ""
    address: str = ""
    where: str = ""

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.address, self.where) if part)
        head = f"{place}: {self.summary}" if place else self.summary
        return f"{head}\n{self.detail}" if self.detail else head

    def redacted(self, redact: Redact) -> Diagnostic:
        """The same without secrets."""
        parts = (self.summary, self.detail, self.address, self.where)
        return Diagnostic(*(redact(part) for part in parts))


class Killed(KeyboardInterrupt):
    """Interrupted a second time: Terraform was killed, and its state may lack what it did last."""


class TerraformError(SkyproofError):
    """A Terraform command failed: its diagnostics and where they stand.

    Attributes:
        dump: the state, if Terraform printed it because it could write it nowhere.
    """

    def __init__(
        self,
        what: str,
        hint: str = "",
        exit_code: int = ExitCode.FAILED,
        diagnostics: Sequence[Diagnostic] = (),
        dump: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(what, hint, exit_code)
        self.diagnostics = tuple(diagnostics)
        self.dump = dump


class Terraform(tftest.TerraformTest):  # type: ignore[misc]  # tftest is untyped
    """tftest's commands, typed and mended.

    Args:
        binary: the executable.
        folder: Terraform's working directory.
        environment: the whole environment of its processes.
        log: every command and its output is appended here.
        timeout: seconds that one command may take.
        redact: takes the secrets out of what is logged or told of failures.
    """

    def __init__(
        self,
        binary: Path,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        timeout: float,
        redact: Redact = str,
    ) -> None:
        super().__init__(str(folder), basedir="/", binary=str(binary), cache_dir=str(folder))
        self.env = dict(environment)
        self._log = log
        self._timeout = timeout
        self._redact = redact

    def execute_command(self, cmd: str, *cmd_args: str) -> tftest.TerraformCommandOutput:
        """Run one command; every code but 0 is an error, those of signals included."""
        return self.run([cmd, *(str(argument) for argument in cmd_args)])

    def run(
        self,
        command: Sequence[str],
        *,
        good: Sequence[int] = (0,),
        on_line: OnLine | None = None,
        hurry: bool = False,
    ) -> tftest.TerraformCommandOutput:
        """Run one command and return its code, stdout and stderr.

        Args:
            good: the return codes that are no failure.
            on_line: called with each line of stdout as it comes.
            hurry: an interrupt kills Terraform at once.

        Raises:
            TerraformError: another return code, or the time is over.
            SkyproofError: the log cannot be written; then nothing runs.
            KeyboardInterrupt: after Terraform was interrupted and has ended.
            Killed: after it was killed, for it was interrupted twice or in a hurry.
        """
        self._write_log(f"$ terraform {' '.join(command)}\n")
        process = self._start(command)
        out, err = self._collect(process, command, on_line, hurry)
        shown = _without_states(out) if command[0] not in DATA or process.returncode else ""
        self._write_log(f"{shown}{err}→ {process.returncode}\n\n")
        if process.returncode < 0:
            # Providers outlive a Terraform that was killed.
            Busy(self._log.parent).end(PROVIDERS_SECONDS)
        if process.returncode not in good:
            raise self._failure(command[0], process.returncode, out, err)
        return tftest.TerraformCommandOutput(process.returncode, out, err)

    def _start(self, command: Sequence[str]) -> subprocess.Popen[str]:
        busy = Busy(self._log.parent)
        with busy.mark() as mark:
            process = subprocess.Popen(
                [self.binary, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.tfdir,
                env=self.env,
                encoding="utf-8",
                errors="replace",
                # A group of its own: Ctrl-C reaches Terraform once, from us, and not its providers.
                start_new_session=True,
                pass_fds=(mark,),
            )
        busy.name(process.pid)
        return process

    def _collect(
        self,
        process: subprocess.Popen[str],
        command: Sequence[str],
        on_line: OnLine | None,
        hurry: bool,
    ) -> tuple[str, str]:
        out: list[str] = []
        err: list[str] = []
        readers = [
            threading.Thread(target=_drain, args=(process.stdout, out, on_line), daemon=True),
            threading.Thread(target=_drain, args=(process.stderr, err, None), daemon=True),
        ]
        try:
            for reader in readers:
                reader.start()
            process.wait(self._timeout)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise TerraformError(
                f"terraform {command[0]} took longer than {self._timeout:g} s and was stopped.",
                "Raise --skyproof-timeout if it needs more.",
                ExitCode.FAILED,
            ) from error
        except KeyboardInterrupt as interrupt:
            if hurry:
                _kill(process)
                raise Killed from interrupt
            _end(process)
            raise
        except BaseException:
            _end(process)
            raise
        finally:
            for reader in readers:
                if reader.ident is not None:
                    reader.join(GRACE_SECONDS)
        return "".join(out), "".join(err)

    def _write_log(self, text: str) -> None:
        with disk.writing("The log", self._log), self._log.open("a", encoding="utf-8") as log:
            log.write(self._redact(text))

    def _failure(self, command: str, code: int, out: str, err: str) -> TerraformError:
        how = f"was ended by signal {-code}" if code < 0 else f"failed with code {code}"
        raw = list(diagnostics(out)) or [Diagnostic(err.strip() or out.strip() or "no output")]
        found = [one.redacted(self._redact) for one in raw]
        told = [str(one) for one in found[:MOST_DIAGNOSTICS]]
        if len(found) > MOST_DIAGNOSTICS:
            told.append(f"… and {len(found) - MOST_DIAGNOSTICS} more.")
        what = f"terraform {command} {how}:\n" + "\n".join(told)
        return TerraformError(what, diagnostics=found, dump=statefile.dumped(messages(out)))


def diagnostics(stream: str) -> Iterator[Diagnostic]:
    """The errors in a ``-json`` stream, or in ``validate -json``'s one document."""
    for message in messages(stream):
        for raw in [message.get("diagnostic"), *message.get("diagnostics", ())]:
            if raw and raw.get("severity") == "error":
                place = raw.get("range") or {}
                line = place.get("start", {}).get("line")
                yield Diagnostic(
                    raw.get("summary", ""),
                    raw.get("detail", ""),
                    raw.get("address", ""),
                    f"{place['filename']}:{line}" if place.get("filename") else "",
                )


def messages(stream: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream; Terraform's warnings in plain text are passed over."""
    try:
        whole = json.loads(stream)
    except ValueError:
        for line in stream.splitlines():
            with contextlib.suppress(ValueError):
                parsed = json.loads(line)
                if isinstance(parsed, dict):
                    yield parsed
    else:
        if isinstance(whole, dict):
            yield whole


def _without_states(out: str) -> str:
    """What a log may hold: a state that Terraform printed holds every secret of the stack."""
    lines = out.splitlines(keepends=True)
    return "".join(line for line in lines if statefile.DUMP not in line)


def _drain(pipe: IO[str], into: list[str], on_line: OnLine | None) -> None:
    with pipe:
        for line in pipe:
            into.append(line)
            if on_line is not None:
                on_line(line)


def _end(process: subprocess.Popen[str]) -> None:
    """Interrupt, wait, and only then kill; a second interrupt ends the waiting."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGINT)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
    except KeyboardInterrupt as again:
        _kill(process)
        raise Killed from again


def _kill(process: subprocess.Popen[str]) -> None:
    """The whole group: its providers, and what provisioners have started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
