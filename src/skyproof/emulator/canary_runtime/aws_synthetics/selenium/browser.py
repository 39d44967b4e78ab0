"""SyntheticsBrowser: Selenium's Chrome with what Synthetics adds to it."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import results  # noqa: TID252 (its name is its search path's)

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1920,1080",
)
#: What a script has added, in order.
user_agents: list[str] = []
_open: list[Any] = []


class BrowserUnavailable(RuntimeError):
    """No browser can be started on this machine; says what is missing."""


class SyntheticsMethods:
    """What a SyntheticsBrowser has beyond Selenium's."""

    get_screenshot_as_file: Callable[[str], bool]
    execute_cdp_cmd: Callable[[str, dict[str, Any]], Any]

    def save_screenshot(self, filename: str, suffix: str | None = None) -> bool:
        """Keep a picture of the page among the artifacts, as ``<filename>-<suffix>.png``."""
        stem = Path(filename).stem
        name = f"{stem}-{suffix}.png" if suffix else f"{stem}.png"
        return self.get_screenshot_as_file(str(results.artifact(name)))

    def set_viewport_size(self, width: int, height: int) -> None:
        """Pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def start(
    *args: Any, options: Any = None, chrome_options: Any = None, service: Any = None, **kwargs: Any
) -> Any:
    """A browser. Scripts need not quit it: it ends when a later run starts one, or when the
    process does.

    Raises:
        BrowserUnavailable: Selenium, Chromium or its driver is missing.
    """
    program, driver = _programs()
    webdriver = importlib.import_module("selenium.webdriver")
    services = importlib.import_module("selenium.webdriver.chrome.service")
    chosen = options or chrome_options or webdriver.ChromeOptions()
    chosen.binary_location = chosen.binary_location or program
    for argument in _ARGUMENTS:
        chosen.add_argument(argument)
    if results.is_first("browser"):
        _quit_all()
    _work_in_real_time()
    kind = type("SyntheticsBrowser", (SyntheticsMethods, webdriver.Chrome), {})
    browser = kind(
        *args, options=chosen, service=service or services.Service(executable_path=driver), **kwargs
    )
    _open.append(browser)
    if user_agents:
        own = browser.execute_script("return navigator.userAgent")
        agent = " ".join([own, *user_agents])
        browser.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": agent})
    return browser


def open_browsers() -> list[Any]:
    """Those that were not quit; a browser's session is gone once it is."""
    return [browser for browser in _open if getattr(browser, "session_id", None)]


def _quit_all() -> None:
    while _open:
        browser = _open.pop()
        try:
            browser.quit()
        except Exception:  # noqa: BLE001, S112 (it may have crashed: it is gone in any case)
            continue


def _programs() -> tuple[str, str]:
    """Where Chromium and its driver are. Selenium would look for them on the internet."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = shutil.which("chromedriver")
    needed = {
        f"the Python package selenium (pip install selenium, for {sys.executable})": (
            importlib.util.find_spec("selenium")
        ),
        "Chromium (a program chromium or google-chrome on the PATH)": program,
        "its driver (a program chromedriver on the PATH)": driver,
    }
    missing = [what for what, found in needed.items() if not found]
    if program is None or driver is None or missing:
        raise BrowserUnavailable(
            f"synthetics_webdriver.Chrome() needs {' and '.join(missing)}, which this machine "
            "does not have"
        )
    return program, driver


def _work_in_real_time() -> None:
    """Have waits for a page take their time, as the page does.

    The emulator lets a script that sleeps leap on in time as long as it has one thread.
    """
    if not any(thread.name == "browser" for thread in threading.enumerate()):
        threading.Thread(target=threading.Event().wait, name="browser", daemon=True).start()
