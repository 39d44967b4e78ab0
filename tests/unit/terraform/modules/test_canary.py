import asyncio
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest

from tests.unit.terraform.modules.sources import MODULES, load


class Synthetics:
    """Stands for the aws_synthetics library: notes what the canary asked of it."""

    def __init__(self) -> None:
        self.config: dict[str, bool] = {}
        self.steps: list[tuple[str, bool]] = []
        self.pictures: list[tuple[str, str]] = []
        self.visits: list[str] = []

    def set_config(self, options: dict[str, bool]) -> None:
        self.config.update(options)

    async def execute_step(self, name: str, function: Callable[[], Any]) -> Any:
        try:
            answer = function()
        except Exception:
            self.steps.append((name, False))
            raise
        self.steps.append((name, True))
        return answer

    def Chrome(self) -> "Synthetics":  # noqa: N802
        return self

    def set_viewport_size(self, width: int, height: int) -> None:
        assert width > 0
        assert height > 0

    def get(self, url: str) -> None:
        self.visits.append(url)

    def save_screenshot(self, filename: str, suffix: str) -> None:
        self.pictures.append((filename, suffix))


@pytest.fixture
def synthetics() -> Synthetics:
    return Synthetics()


@pytest.fixture
def api_health(synthetics: Synthetics, monkeypatch: pytest.MonkeyPatch) -> Any:
    common: Any = ModuleType("aws_synthetics.common")
    common.synthetics_configuration = synthetics
    common.synthetics_logger = logging.getLogger("synthetics")
    selenium: Any = ModuleType("aws_synthetics.selenium")
    selenium.synthetics_webdriver = synthetics
    for module in (ModuleType("aws_synthetics"), common, selenium):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return load(MODULES / "canary" / "src", "api_health")


class Endpoint(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/hang":
            self.server.released.wait(30)  # type: ignore[attr-defined]
        if self.path == "/hang-up":
            self.close_connection = True
            return
        status = int(self.path.removeprefix("/")) if self.path[1:].isdigit() else 200
        self.send_response(status)
        if status in {301, 302, 307}:
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as http:
        http.daemon_threads = True
        released: Any = threading.Event()
        http.released = released  # type: ignore[attr-defined]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        released.set()
        http.shutdown()
        thread.join()


def settings(api_health: Any, *urls: str, **environment: str) -> Any:
    return api_health.parse_settings({"ENDPOINT_URLS": json.dumps(urls), **environment})


def run(api_health: Any, *urls: str, **environment: str) -> None:
    asyncio.run(api_health.run(settings(api_health, *urls, **environment)))


def test_healthy_endpoints_pass(api_health: Any, synthetics: Synthetics, server: str) -> None:
    run(api_health, f"{server}/a", f"{server}/b")

    assert synthetics.steps == [("1-127.0.0.1", True), ("2-127.0.0.1", True)]
    assert synthetics.pictures == []
    assert set(synthetics.config.values()) == {False}


@pytest.mark.parametrize("status", [204, 301, 404, 503])
def test_another_status_fails(api_health: Any, server: str, status: int) -> None:
    with pytest.raises(
        api_health.CanaryError, match=f"/{status}: expected status 200, got {status}"
    ):
        run(api_health, f"{server}/{status}")


@pytest.mark.parametrize("status", [204, 302, 401])
def test_the_expected_status_can_be_chosen(api_health: Any, server: str, status: int) -> None:
    run(api_health, f"{server}/{status}", EXPECTED_STATUS=str(status))


def test_all_endpoints_are_checked_and_all_failures_told(
    api_health: Any, synthetics: Synthetics, server: str
) -> None:
    with pytest.raises(api_health.CanaryError, match=r"/500: .* got 500; .*/404: .* got 404"):
        run(api_health, f"{server}/500", f"{server}/200", f"{server}/404")

    assert [passed for _, passed in synthetics.steps] == [False, True, False]


def test_no_answer_in_time_fails(api_health: Any, server: str) -> None:
    with pytest.raises(api_health.CanaryError, match=r"/hang: no answer within 0.05 s"):
        run(api_health, f"{server}/hang", TIMEOUT_SECONDS="0.05")


def test_a_broken_connection_fails(api_health: Any, server: str) -> None:
    with pytest.raises(api_health.CanaryError, match="/hang-up: no answer"):
        run(api_health, f"{server}/hang-up")


def test_nobody_listening_fails(api_health: Any, server: str) -> None:
    with pytest.raises(api_health.CanaryError, match=r"127.0.0.1:1: no answer .*refused"):
        run(api_health, "http://127.0.0.1:1")


def test_screenshots_open_every_endpoint_in_the_browser(
    api_health: Any, synthetics: Synthetics, server: str
) -> None:
    run(api_health, f"{server}/a", f"{server}/b", SCREENSHOTS="true")

    assert synthetics.visits == [f"{server}/a", f"{server}/b"]
    assert synthetics.pictures == [("1-127.0.0.1.png", "loaded"), ("2-127.0.0.1.png", "loaded")]
    assert ("2-127.0.0.1-browser", True) in synthetics.steps


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "ENDPOINT_URLS"),
        ({"ENDPOINT_URLS": "https://a.example"}, "ENDPOINT_URLS"),
        ({"ENDPOINT_URLS": "[]"}, "at least one URL"),
        ({"ENDPOINT_URLS": '"https://a.example"'}, "must be a JSON list"),
        ({"ENDPOINT_URLS": '["file:///etc/passwd"]'}, "'file:///etc/passwd': expected http"),
        ({"ENDPOINT_URLS": '["https://"]'}, "expected http"),
        ({"ENDPOINT_URLS": "[7]"}, "expected http"),
        ({"ENDPOINT_URLS": '["https://a.example"]', "EXPECTED_STATUS": "ok"}, "EXPECTED_STATUS"),
        ({"ENDPOINT_URLS": '["https://a.example"]', "EXPECTED_STATUS": "99"}, "100 to 599"),
        ({"ENDPOINT_URLS": '["https://a.example"]', "TIMEOUT_SECONDS": "0"}, "above 0"),
        ({"ENDPOINT_URLS": '["https://a.example"]', "TIMEOUT_SECONDS": "nan"}, "above 0"),
        ({"ENDPOINT_URLS": '["https://a.example"]', "SCREENSHOTS": "yes"}, "SCREENSHOTS is 'yes'"),
    ],
)
def test_bad_settings_are_named(api_health: Any, environment: dict[str, str], message: str) -> None:
    with pytest.raises(api_health.CanaryError, match=message):
        api_health.parse_settings(environment)


def test_the_handler_reads_the_environment(
    api_health: Any, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("ENDPOINT_URLS", json.dumps([f"{server}/503"]))

    with pytest.raises(api_health.CanaryError, match="got 503"):
        asyncio.run(api_health.handler({}, None))
