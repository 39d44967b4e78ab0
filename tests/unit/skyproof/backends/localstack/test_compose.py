"""Docker Compose up to the engine: what the client is asked to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from skyproof.backends.localstack.compose import FILE, Compose, found_in
from skyproof.errors import SkyproofError

ROOT = Path(__file__).parents[5]
UP = "up --wait localstack"

# Writes down its arguments and answers as told: subcommand → [exit code, output, error].
DOCKER = """#!{python}
import json, sys
arguments = [one for one in sys.argv[1:] if one not in ("compose", "--file", {file!r})]
with open({calls!r}, "a") as calls:
    calls.write(" ".join(arguments) + "\\n")
code, out, err = json.loads(open({answers!r}).read()).get(arguments[0], [0, "", ""])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""


class Docker:
    """A ``docker`` on PATH that records what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._calls = folder, folder / "calls"
        self._answers = folder / "answers.json"
        self._calls.touch()
        self.answer()
        (folder / FILE).write_text("services: {localstack: {image: localstack}}\n")
        (folder / "bin").mkdir()
        script = folder / "bin" / "docker"
        script.write_text(
            DOCKER.format(
                python=sys.executable,
                file=str(folder / FILE),
                calls=str(self._calls),
                answers=str(self._answers),
            )
        )
        script.chmod(0o755)

    def answer(self, **answers: tuple[int, str, str]) -> None:
        usual = {"version": (0, "28.2.2", ""), "config": (0, "localstack\n", "")}
        self._answers.write_text(json.dumps({**usual, **answers}))

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines()


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    docker = Docker(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("LOCALSTACK_PORT", raising=False)
    return docker


def found(docker: Docker) -> Compose:
    compose = found_in(docker.folder)
    assert compose is not None
    return compose


def test_it_is_brought_up_and_taken_down(docker: Docker) -> None:
    compose = found(docker)
    assert compose.start() == "http://127.0.0.1:4566"
    assert docker.calls[-1] == UP
    compose.stop()
    compose.stop()
    assert docker.calls[-1] == "down"
    assert docker.calls.count("down") == 1


def test_the_port_is_the_one_that_the_file_takes(
    docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSTACK_PORT", "4599")
    compose = found(docker)
    assert compose.start() == "http://127.0.0.1:4599"
    compose.stop()


def test_one_that_is_up_already_stays_up(docker: Docker) -> None:
    docker.answer(ps=(0, "c0ffee\n", ""))
    compose = found(docker)
    compose.start()
    compose.stop()
    assert [call for call in docker.calls if call.startswith(("up", "down"))] == []


def test_it_is_taken_down_when_we_are_killed(docker: Docker) -> None:
    compose = found(docker)
    compose.start()
    keeper = compose._keeper
    assert keeper is not None
    assert keeper.stdin is not None
    keeper.stdin.close()  # as the system does for whoever dies
    assert keeper.wait(10) == 0
    assert docker.calls[-1] == "down"


def test_a_failure_is_told_in_docker_s_words_and_nothing_is_left(docker: Docker) -> None:
    docker.answer(up=(1, "", "manifest unknown\n"))
    with pytest.raises(SkyproofError) as caught:
        found(docker).start()
    assert caught.value.what == "`docker compose up --wait localstack` failed:\nmanifest unknown"
    assert docker.calls[-1] == "down"


def test_a_container_that_wants_a_token_is_told_so(docker: Docker) -> None:
    state = json.dumps({"State": "exited", "ExitCode": 55})
    docker.answer(up=(1, "", "exited (55)"), ps=(0, "", ""))
    compose = found(docker)
    docker.answer(up=(1, "", "exited (55)"), ps=(1, state + "\n", ""))
    with pytest.raises(SkyproofError, match="asks for a token"):
        compose.start()


def test_a_container_that_died_is_told_with_its_last_lines(docker: Docker) -> None:
    compose = found(docker)
    assert compose.failure() is None
    state = json.dumps({"State": "exited", "ExitCode": 137})
    docker.answer(ps=(0, state, ""), logs=(0, "Ready.\nKilled\n", ""))
    failure = compose.failure()
    assert failure is not None
    assert failure.what == "LocalStack's container ended with exit code 137:\nReady.\nKilled"


Prepare = Callable[[Docker], None]


@pytest.mark.parametrize(
    "prepare",
    [
        lambda docker: docker.answer(version=(1, "", "Cannot connect to the Docker daemon")),
        lambda docker: docker.answer(config=(0, "postgres\n", "")),
        lambda docker: (docker.folder / FILE).unlink(),
    ],
    ids=["no engine", "no such service", "no file"],
)
def test_without_engine_file_or_service_there_is_none(docker: Docker, prepare: Prepare) -> None:
    prepare(docker)
    assert found_in(docker.folder) is None


def compose() -> list[str]:
    """Compose 2 or newer, as Docker's plugin or by itself: ``config`` needs no engine."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        asked = _asked([*command, "version", "--short"])
        # 1.29, the last in Python, knows no `name` at the top of a file.
        if asked.returncode == 0 and not asked.stdout.startswith("1."):
            return command
    return []


def _asked(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


# `tox -e lint` holds the file against Compose's own schema everywhere.
@pytest.mark.skipif(not compose(), reason="needs `docker compose` or `docker-compose`, 2 or newer")
@pytest.mark.parametrize("profile", [(), ("--profile", "latest")], ids=["free", "latest"])
def test_compose_takes_the_projects_own_file(profile: tuple[str, ...]) -> None:
    asked = _asked([*compose(), *profile, "--file", str(ROOT / FILE), "config", "--services"])
    assert asked.returncode == 0, asked.stderr
    expected = {"localstack", *(["localstack-latest"] if profile else [])}
    assert set(asked.stdout.split()) == expected


def test_the_projects_own_file_has_what_the_backend_asks_for() -> None:
    services = yaml.safe_load((ROOT / FILE).read_text())["services"]
    assert set(services) == {"localstack", "localstack-latest"}
    # Only the one that needs no token comes up by itself, and no port leaves this machine.
    assert [name for name, one in services.items() if "profiles" not in one] == ["localstack"]
    assert services["localstack"]["image"] == "localstack/localstack:4.14.0"
    ports = [port for one in services.values() for port in one["ports"]]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert all("healthcheck" in one for one in services.values()), "`up --wait` waits for nothing"
