"""LocalStack in a container, from a project's docker-compose.yml."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from skyproof import children
from skyproof.backends.localstack import keeper
from skyproof.backends.localstack.source import NO_TOKEN, WANTS_TOKEN
from skyproof.errors import EndedError, ExitCode, SkyproofError

SERVICE = "localstack"
FILE = "docker-compose.yml"
ASK_SECONDS = 20
# The image is 1.2 GB and may have to be pulled.
UP_SECONDS = 900
DOWN_SECONDS = 60


class Compose:
    """``docker compose up --wait localstack``; taken down again, if it was not up before.

    Args:
        file: the docker-compose.yml.
    """

    kind = "Docker"

    def __init__(self, file: Path) -> None:
        self._file = file
        self._keeper: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Bring the container up, and answer its URL on this machine."""
        if not self._is_up():
            # First: whoever is killed from here on leaves no container.
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, *self._compose("down")],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._up()
        return f"http://127.0.0.1:{os.environ.get('LOCALSTACK_PORT') or 4566}"

    def _is_up(self) -> bool:
        asked = _run(self._compose("ps", "--status", "running", "--quiet", SERVICE), ASK_SECONDS)
        return asked.returncode == 0 and bool(asked.stdout.strip())

    def _up(self) -> None:
        up = _run(self._compose("up", "--wait", SERVICE), UP_SECONDS)
        if up.returncode == 0:
            return
        failure = self.failure() or SkyproofError(
            f"`docker compose up --wait {SERVICE}` failed:\n{_end_of(up.stderr)}",
            f"See {self._file}.",
            ExitCode.ENVIRONMENT,
        )
        self.stop()
        raise failure

    def stop(self) -> None:
        ending, self._keeper = self._keeper, None
        if ending is not None:
            children.end(ending, DOWN_SECONDS)

    def failure(self) -> SkyproofError | None:
        """Why the container ended by itself, with the last lines of its log."""
        listed = _run(self._compose("ps", "--all", "--format", "json", SERVICE), ASK_SECONDS)
        states = [json.loads(line) for line in listed.stdout.splitlines() if line.startswith("{")]
        ended = next((one for one in states if one.get("State") in ("exited", "dead")), None)
        if ended is None:
            return None
        if ended.get("ExitCode") == NO_TOKEN:
            return WANTS_TOKEN
        log = _run(self._compose("logs", "--no-color", "--tail", "12", SERVICE), ASK_SECONDS)
        return EndedError(
            f"LocalStack's container ended with exit code {ended.get('ExitCode')}:\n"
            f"{_end_of(log.stdout)}",
            "Run again; 137 is often Docker's limit of memory.",
            ExitCode.ENVIRONMENT,
        )

    def _compose(self, *arguments: str) -> list[str]:
        return ["docker", "compose", "--file", str(self._file), *arguments]


def found_in(folder: Path) -> Compose | None:
    """A docker-compose.yml there that has LocalStack, where a Docker engine answers."""
    file = folder / FILE
    if not file.exists() or shutil.which("docker") is None:
        return None
    engine = _run(["docker", "version", "--format", "{{.Server.Version}}"], ASK_SECONDS)
    if engine.returncode != 0:
        return None
    listed = _run(["docker", "compose", "--file", str(file), "config", "--services"], ASK_SECONDS)
    return Compose(file) if SERVICE in listed.stdout.split() else None


def _run(command: list[str], seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        said = f"it took longer than {seconds:.0f} s"
        return subprocess.CompletedProcess(command, 1, "", said)


def _end_of(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-12:]) or "it said nothing"
