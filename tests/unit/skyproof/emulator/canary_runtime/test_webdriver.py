"""Steps and browsers."""

from __future__ import annotations

import asyncio
import importlib.machinery
import importlib.util
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from tests.unit.skyproof.emulator.canary_runtime.conftest import Library


def fail() -> None:
    raise ValueError("broken")


async def fail_later() -> None:
    raise ValueError("broken")


async def answer_later() -> str:
    return "answer"


@pytest.mark.parametrize("function", [lambda: "answer", answer_later])
def test_a_step_answers_what_its_function_returned(library: Library, function: Any) -> None:
    async def script() -> Any:
        return await library.webdriver.execute_step("ask", function)

    assert asyncio.run(script()) == "answer"
    [step] = library.told("step")
    assert (step["name"], step["result"], step["reason"]) == ("ask", "PASSED", None)
    assert step["started"] <= step["ended"]


@pytest.mark.parametrize("function", [fail, fail_later])
def test_a_step_raises_what_its_function_raised(library: Library, function: Any) -> None:
    async def script() -> Any:
        return await library.webdriver.execute_step("ask", function)

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(script())
    [step] = library.told("step")
    assert (step["result"], step["reason"]) == ("FAILED", "ValueError: broken")


def test_a_plain_step_is_taken_even_if_nobody_awaits_it(library: Library) -> None:
    library.webdriver.execute_step("ask", lambda: "answer")
    assert [step["name"] for step in library.told("step")] == ["ask"]


@pytest.mark.parametrize("function", [fail, fail_later])
def test_a_script_may_go_on_after_a_step_that_failed(library: Library, function: Any) -> None:
    async def script() -> Any:
        return await library.webdriver.execute_step("ask", function)

    library.common.synthetics_configuration.set_config({"continue_on_step_failure": True})
    assert asyncio.run(script()) is None
    [step] = library.told("step")
    assert (step["result"], step["continues"]) == ("FAILED", True)


def test_a_step_s_metrics_are_as_configured(library: Library) -> None:
    library.common.synthetics_configuration.set_config({"step_duration_metric": False})
    library.webdriver.execute_step("ask", lambda: None)
    [step] = library.told("step")
    assert (step["duration_metric"], step["success_metric"]) == (False, True)


def test_by_hand_without_a_folder_steps_still_work(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SKYPROOF_CANARY_FOLDER")
    library.webdriver.execute_step("ask", lambda: None)
    assert not library.folder.exists()


def test_an_execution_error_is_told(library: Library) -> None:
    library.webdriver.add_execution_error("Unable to take screenshot", OSError("dark"))
    library.webdriver.add_execution_error("Just so")
    messages = [one["message"] for one in library.told("execution error")]
    assert messages == ["Unable to take screenshot: dark", "Just so"]


def test_a_file_stays_in_the_folder(library: Library) -> None:
    path: Path = library.results.artifact("../../etc/passwd")
    assert path == library.folder / "artifacts" / "passwd"


class Missing(BaseHTTPRequestHandler):
    """Answers 404 to everything but ``/``."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing on standard error."""


def test_the_status_of_an_address_is_told(library: Library) -> None:
    with HTTPServer(("127.0.0.1", 0), Missing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        ask = library.webdriver.get_http_response
        assert (ask(url), ask(f"{url}missing")) == (200, 404)
        server.shutdown()
        thread.join()
    assert ask(url) is None


# Browsers


def test_without_selenium_and_chromium_the_error_names_them(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(library.browser.BrowserUnavailable) as raised:
        library.webdriver.Chrome()
    for what in ("package selenium", "chromium", "chromedriver"):
        assert what in str(raised.value)


class FakeChrome:
    """Stands in for Selenium's Chrome."""

    made: ClassVar[list[FakeChrome]] = []

    def __init__(self, options: Any, service: Any) -> None:
        self.options, self.service = options, service
        self.session_id: str | None = "session"
        self.commands: list[tuple[str, dict[str, Any]]] = []
        FakeChrome.made.append(self)

    def get_screenshot_as_file(self, path: str) -> bool:
        Path(path).write_bytes(b"picture")
        return True

    def execute_cdp_cmd(self, name: str, parameters: dict[str, Any]) -> None:
        self.commands.append((name, parameters))

    def execute_script(self, script: str) -> str:
        assert script == "return navigator.userAgent"
        return "Chrome/1"

    def quit(self) -> None:
        self.session_id = None


class FakeOptions:
    """Stands in for Selenium's ChromeOptions."""

    binary_location = ""

    def __init__(self) -> None:
        self.arguments: list[str] = []

    def add_argument(self, argument: str) -> None:
        self.arguments.append(argument)


@pytest.fixture
def chrome(library: Library, monkeypatch: pytest.MonkeyPatch) -> type[FakeChrome]:
    """A machine that has Selenium, Chromium and its driver."""
    webdriver = ModuleType("selenium.webdriver")
    webdriver.__dict__.update(Chrome=FakeChrome, ChromeOptions=FakeOptions)
    service = ModuleType("selenium.webdriver.chrome.service")
    service.__dict__.update(Service=SimpleNamespace)
    package = ModuleType("selenium")
    package.__spec__ = importlib.machinery.ModuleSpec("selenium", None)
    for module in (package, webdriver, service):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(FakeChrome, "made", [])
    monkeypatch.setattr(
        library.browser,
        "threading",
        SimpleNamespace(
            enumerate=threading.enumerate,
            Event=threading.Event,
            Thread=lambda **_: SimpleNamespace(start=lambda: None),
        ),
    )
    return FakeChrome


@pytest.mark.usefixtures("chrome")
def test_pictures_are_named_with_their_suffix(library: Library) -> None:
    browser = library.webdriver.Chrome()
    browser.save_screenshot("loaded.png", "page1")
    browser.save_screenshot("loaded.png")
    found = sorted(path.name for path in (library.folder / "artifacts").iterdir())
    assert found == ["loaded-page1.png", "loaded.png"]


@pytest.mark.usefixtures("chrome")
@pytest.mark.parametrize(
    ("function", "pictures"),
    [
        (lambda: None, ["log_in-starting.png", "log_in-succeeded.png"]),
        (fail, ["log_in-failed.png", "log_in-starting.png"]),
    ],
)
def test_each_step_is_photographed(library: Library, function: Any, pictures: list[str]) -> None:
    library.webdriver.Chrome()
    library.common.synthetics_configuration.set_config({"continue_on_step_failure": True})
    library.webdriver.execute_step("log in", function)
    assert sorted(path.name for path in (library.folder / "artifacts").iterdir()) == pictures


def test_a_picture_that_fails_is_an_execution_error(
    library: Library, chrome: type[FakeChrome], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(browser: FakeChrome, path: str) -> bool:
        raise OSError("crashed")

    monkeypatch.setattr(chrome, "get_screenshot_as_file", crash)
    library.webdriver.Chrome()
    library.webdriver.execute_step("ask", lambda: None)
    [step] = library.told("step")
    assert step["result"] == "PASSED"
    assert library.told("execution error")[0]["message"] == "Unable to take screenshot: crashed"


def test_the_viewport_is_set(library: Library, chrome: type[FakeChrome]) -> None:
    library.webdriver.Chrome().set_viewport_size(1280, 800)
    [(command, parameters)] = chrome.made[0].commands
    assert command == "Emulation.setDeviceMetricsOverride"
    assert (parameters["width"], parameters["height"]) == (1280, 800)


def test_a_user_agent_is_appended(library: Library, chrome: type[FakeChrome]) -> None:
    library.webdriver.add_user_agent("MyApp-1.0")
    library.webdriver.Chrome()
    assert chrome.made[0].commands == [
        ("Network.setUserAgentOverride", {"userAgent": "Chrome/1 MyApp-1.0"})
    ]


def test_a_browser_has_no_window_and_keeps_the_script_s_options(
    library: Library, chrome: type[FakeChrome]
) -> None:
    options = FakeOptions()
    options.add_argument("--incognito")
    library.webdriver.Chrome(chrome_options=options)
    assert {"--incognito", "--headless=new"} <= set(chrome.made[0].options.arguments)
    assert chrome.made[0].options.binary_location == "/usr/bin/chromium"
    assert chrome.made[0].service.executable_path == "/usr/bin/chromedriver"


def test_browsers_of_earlier_runs_are_quit(library: Library, chrome: type[FakeChrome]) -> None:
    library.webdriver.Chrome()
    library.webdriver.Chrome()
    assert [one.session_id for one in chrome.made] == ["session", "session"]
    shutil.rmtree(library.folder)
    library.webdriver.Chrome()
    assert [one.session_id for one in chrome.made] == [None, None, "session"]
