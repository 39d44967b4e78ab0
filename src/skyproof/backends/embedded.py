"""The embedded backend: the emulator in a process of its own, inside the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

import boto3
from botocore.config import Config
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

import skyproof
from skyproof import children
from skyproof.errors import ExitCode, SkyproofError
from skyproof.expect.emulated import EmulatedClock
from skyproof.settings import Settings

START_SECONDS = 60
STOP_SECONDS = 10
LOG = "emulator.log"

# Each would lead a client or the provider past the endpoint or give it other credentials;
# AWS_CA_BUNDLE makes the provider's second Configure fail ("unable to add custom RootCAs").
UNSET = (
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "https_proxy",
    "http_proxy",
)


class Embedded:
    """An emulator subprocess on a free loopback port; it ends with this process, come what may.

    Args:
        arguments: what the emulator is told beside.
    """

    name = "embedded"
    version = skyproof.__version__
    is_local = True
    capabilities = frozenset({"multi-account", "multi-region"})

    def __init__(self, settings: Settings, arguments: tuple[str, ...] = ()) -> None:
        self._arguments = arguments
        self.account = settings.account
        self.region = settings.region
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._endpoint: str | None = None
        self._clients: dict[tuple[str, str, str], Any] = {}
        # One, which remembers the models of services: an inventory of a second region takes 0.3 s
        # of CPU time with it, and 2.9 s without. Making clients with it is not thread-safe:
        # https://docs.aws.amazon.com/boto3/latest/guide/session.html
        self._session = boto3.session.Session()
        self._making = threading.Lock()

    @property
    def endpoint(self) -> str | None:
        return self._endpoint

    @property
    def pid(self) -> int | None:
        """The emulator's process id, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the emulator and wait until it answers; harmless when it runs already."""
        if self._process is not None:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="skyproof-emulator-")
        ready = Path(self._folder.name) / "ready.json"
        log = Path(self._folder.name) / LOG
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "skyproof.emulator", "--port", "0", "--ready-file", str(ready)),
                # It reads the end of its stdin when we die, even by SIGKILL.
                "--exit-with-stdin",
                *self._arguments,
            ],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env={k: v for k, v in os.environ.items() if k not in UNSET},
            start_new_session=True,
        )
        try:
            self._endpoint = self._wait(ready, log)
        except BaseException:
            self.stop()
            raise

    def _wait(self, ready: Path, log: Path) -> str:
        assert self._process is not None
        process = self._process
        waiting = Retrying(
            stop=stop_after_delay(START_SECONDS),
            wait=wait_fixed(0.02),
            retry=retry_if_result(lambda done: not done),
            retry_error_callback=lambda _: False,
        )
        waiting(lambda: ready.exists() or process.poll() is not None)
        if not ready.exists():
            raise SkyproofError(
                f"The embedded backend did not start: {_end_of(log)}",
                "Run `skyproof doctor` to see what is missing.",
                ExitCode.ENVIRONMENT,
            )
        return str(json.loads(ready.read_text())["endpoint"])

    def failure(self) -> SkyproofError | None:
        """Why the emulator ended by itself, if it did."""
        if self._process is None or self._process.poll() is None:
            return None
        assert self._folder is not None
        return SkyproofError(
            f"The emulator ended by itself, with exit code {self._process.returncode}: "
            f"{_end_of(Path(self._folder.name) / LOG)}",
            "",
            ExitCode.ENVIRONMENT,
        )

    def stop(self) -> None:
        """End the emulator; harmless when it does not run."""
        process, self._process, self._endpoint = self._process, None, None
        self._clients.clear()
        if process is not None:
            children.end(process, STOP_SECONDS)
        if self._log is not None:
            self._log.close()
            self._log = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def environment(self) -> dict[str, str]:
        """The endpoint for every service, plain credentials, and nothing else of AWS."""
        assert self._endpoint is not None, "the backend is not started"
        return {
            **dict.fromkeys(UNSET, ""),
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_ACCESS_KEY_ID": self.account,
            "AWS_SECRET_ACCESS_KEY": "embedded",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def reference(self) -> dict[str, str]:
        """Nothing: the emulator ends with this process."""
        return {}

    def reaches(self, account: str) -> bool:
        """Every account is there."""
        del account
        return True

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client; the access key names the account."""
        assert self._endpoint is not None, "the backend is not started"
        key = (service, region or self.region, account or self.account)
        with self._making:
            if key not in self._clients:
                self._clients[key] = self._session.client(
                    service,
                    endpoint_url=self._endpoint,
                    region_name=key[1],
                    aws_access_key_id=key[2],
                    aws_secret_access_key="embedded",  # noqa: S106 (nothing verifies it)
                    # Nothing here is transient: a failure is shown at once, not after retries.
                    config=Config(
                        retries={"total_max_attempts": 1},
                        s3={"addressing_style": "path"},
                        proxies={},
                    ),
                    verify=False,
                )
        return self._clients[key]

    def clock(self) -> EmulatedClock:
        """The emulator's own clock, which tests may turn."""
        assert self._endpoint is not None, "the backend is not started"
        return EmulatedClock(self._endpoint)

    def describe(self) -> str:
        """The emulator's name and where it listens."""
        return f"embedded, {self._endpoint or 'not started'}"


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-2000:] or "it said nothing"
