"""LocalStack as a process of this machine, without Docker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from skyproof import children
from skyproof.backends.localstack import launcher
from skyproof.backends.localstack.source import NO_TOKEN, WANTS_TOKEN
from skyproof.errors import EndedError, ExitCode, SkyproofError

STOP_SECONDS = 10
LAST_LINES = 12
#: The discard port: what LocalStack would download fails at once and does not leave the machine.
NOWHERE = "http://127.0.0.1:9"


class Host:
    """LocalStack in its own Python, on a free loopback port; it ends with this process.

    Args:
        python: of an environment with localstack-core[runtime] in it.
    """

    kind = "host mode"

    def __init__(self, python: Path) -> None:
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._log: IO[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """LocalStack's process id, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> str:
        """Start it; harmless when it runs already."""
        assert self._process is None, "started twice"
        self._folder = tempfile.TemporaryDirectory(
            prefix="skyproof-localstack-", ignore_cleanup_errors=True
        )
        folder, port = Path(self._folder.name), _free_port()
        (folder / "tmp").mkdir()
        self._log = (folder / "localstack.log").open("wb")
        self._process = subprocess.Popen(
            [str(self._python), "-I", str(launcher.__file__), str(folder)],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            cwd=folder,
            env=environment(folder, port),
            start_new_session=True,
        )
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            children.end(process, STOP_SECONDS)
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def failure(self) -> SkyproofError | None:
        if self._process is None or self._process.poll() is None:
            return None
        if self._process.returncode == NO_TOKEN:
            return WANTS_TOKEN
        how, hint = _ended(self._process.returncode, self._python.parents[1])
        told = f"LocalStack {how}:\n{self.last_lines()}"
        return EndedError(told, hint, ExitCode.ENVIRONMENT)

    def last_lines(self) -> str:
        """The end of what it said."""
        assert self._folder is not None, "not started"
        text = (Path(self._folder.name) / "localstack.log").read_text(errors="replace")
        return "\n".join(text.strip().splitlines()[-LAST_LINES:]) or "it said nothing"


def environment(folder: Path, port: int) -> dict[str, str]:
    """All that LocalStack is told: no analytics, no downloads, and one folder to write in."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "FILESYSTEM_ROOT": str(folder / "root"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        # Its other server, twisted, ignores the host that it is told (docs/upstream.md).
        "GATEWAY_SERVER": "hypercorn",
        # In a container that is not its own it would take every address and the paths of its image.
        "OVERRIDE_IN_DOCKER": "0",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        # The one form that needs no name server and that Terraform's provider can read: URLs of the
        # "dynamic" strategy are "in the incorrect format" for it.
        "SQS_ENDPOINT_STRATEGY": "off",
        "HTTP_PROXY": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "NO_PROXY": "127.0.0.1,localhost,.localhost.localstack.cloud",
        # Kinesis begins with `npm install`, which tries for a minute.
        "npm_config_offline": "true",
        # moto within asks botocore for credentials, which asks the machine's metadata service.
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PYTHONUNBUFFERED": "1",
    }


def _ended(code: int, place: Path) -> tuple[str, str]:
    """How it ended, and the way out."""
    if code < 0:
        killed = f"was killed by {signal.Signals(-code).name}"
        return killed, "Run again; the system itself kills what takes too much memory (`dmesg`)."
    again = f"remove {place} and run `skyproof localstack install`"
    return f"ended by itself, with exit code {code}", f"If its packages are damaged, {again}."


def _free_port() -> int:
    """One that is free now; LocalStack takes no 0."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
