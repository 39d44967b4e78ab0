"""Host mode: LocalStack's own Python runs it, and it ends with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from skyproof.backends.localstack import source as sources
from skyproof.backends.localstack.host import Host, environment
from skyproof.errors import ExitCode, SkyproofError

# In the place of LocalStack: the launcher is the real one, run by a Python that finds this module.
MAIN = """
import http.server, json, os

def main():
    {first}
    host, _, port = os.environ["GATEWAY_LISTEN"].partition(":")
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            health = dict(version="4.9.2", services=dict(sqs="running"))
            self.wfile.write(json.dumps(health).encode())
    http.server.HTTPServer((host, int(port)), Handler).serve_forever()

main()
"""

Python = Callable[..., Path]


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """``python(first="...")``: an interpreter that has a LocalStack which begins with that."""

    def make(first: str = "pass") -> Path:
        package = tmp_path / "site" / "localstack" / "runtime"
        package.mkdir(parents=True)
        (package / "main.py").write_text(MAIN.format(first=first))
        script = tmp_path / "python"
        script.write_text(
            f"#!{sys.executable}\n"
            "import runpy, sys\n"
            f"sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
            "sys.argv[:] = sys.argv[2:]\n"
            "runpy.run_path(sys.argv[0], run_name='__main__')\n"
        )
        script.chmod(0o755)
        return script

    return make


def is_gone_soon(pid: int) -> bool:
    def is_alive() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    waiting = Retrying(
        stop=stop_after_delay(10),
        wait=wait_fixed(0.05),
        retry=retry_if_result(bool),
        retry_error_callback=lambda _: True,
    )
    return not waiting(is_alive)


def test_it_answers_on_loopback_and_leaves_nothing(python: Python) -> None:
    host = Host(python())
    url = host.start()
    pid = host.pid
    assert pid is not None
    try:
        assert sources.until_ready(url, host).version == "4.9.2"
        assert url.startswith("http://127.0.0.1:")
        folder = Path(f"/proc/{pid}/cwd").resolve()
        assert folder.name.startswith("skyproof-localstack-")
    finally:
        host.stop()
        host.stop()
    assert is_gone_soon(pid)
    assert not folder.exists()


def test_it_ends_with_us_even_when_we_are_killed(python: Python, tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\n"
        "from skyproof.backends.localstack.host import Host\n"
        "from skyproof.backends.localstack.source import until_ready\n"
        f"host = Host(Path({str(python())!r}))\n"
        "until_ready(host.start(), host)\n"
        "print(host.pid, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    assert is_gone_soon(pid), f"LocalStack {pid} outlives its parent"
    assert list(tmp_path.glob("skyproof-localstack-*")) == []


def started_in_vain(host: Host) -> SkyproofError:
    url = host.start()
    try:
        with pytest.raises(SkyproofError) as caught:
            sources.until_ready(url, host)
    finally:
        host.stop()
    return caught.value


def test_one_that_ends_by_itself_is_told_with_its_last_lines(python: Python) -> None:
    error = started_in_vain(Host(python("print('boom', flush=True); raise SystemExit(3)")))
    assert error.what == "LocalStack ended by itself, with exit code 3:\nboom"
    assert "`skyproof localstack install`" in error.hint
    assert error.exit_code == ExitCode.ENVIRONMENT


def test_one_that_was_killed_is_told_by_what(python: Python) -> None:
    first = "print('boom', flush=True); os.kill(os.getpid(), 9)"
    error = started_in_vain(Host(python(first)))
    assert error.what == "LocalStack was killed by SIGKILL:\nboom"
    assert "memory" in error.hint


def test_one_that_wants_a_token_is_told_so(python: Python) -> None:
    error = started_in_vain(Host(python("raise SystemExit(55)")))
    assert "asks for a token: it ended with exit code 55" in error.what
    assert "LOCALSTACK_AUTH_TOKEN" in error.hint


def test_all_that_it_writes_is_in_one_folder_and_nothing_leaves_the_machine() -> None:
    told = environment(Path("/run/x"), 4566)
    folders = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "FILESYSTEM_ROOT")
    assert [told[name] for name in folders if not told[name].startswith("/run/x")] == []
    assert told["GATEWAY_LISTEN"] == "127.0.0.1:4566"
    assert told["GATEWAY_SERVER"] == "hypercorn"
    assert (told["DISABLE_EVENTS"], told["SKIP_SSL_CERT_DOWNLOAD"]) == ("1", "1")
    assert told["HTTPS_PROXY"] == "http://127.0.0.1:9"


def test_secrets_of_ours_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-a-real-account")
    assert "of-a-real-account" not in environment(Path("/run/x"), 4566).values()
