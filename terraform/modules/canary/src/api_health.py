"""Canary: every endpoint answers with the status that is expected of it.

Settings are environment variables: ENDPOINT_URLS (a JSON list), EXPECTED_STATUS (200),
TIMEOUT_SECONDS (10), SCREENSHOTS ("true" also opens each endpoint in the browser).
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Library_Python.html
"""

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from aws_synthetics.common import synthetics_configuration, synthetics_logger
from aws_synthetics.selenium import synthetics_webdriver


class CanaryError(Exception):
    """The canary fails: an endpoint is not healthy, or the settings are wrong."""


@dataclass(frozen=True)
class Settings:
    """What the canary checks."""

    urls: tuple[str, ...]
    expected_status: int
    timeout: float
    screenshots: bool


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is a status like any other: the endpoint itself is asked, no other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def parse_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; raises CanaryError."""
    raw = environment.get("ENDPOINT_URLS", "")
    try:
        urls = json.loads(raw)
        expected_status = int(environment.get("EXPECTED_STATUS", "200"))
        timeout = float(environment.get("TIMEOUT_SECONDS", "10"))
    except ValueError as error:
        raise CanaryError(f"ENDPOINT_URLS, EXPECTED_STATUS or TIMEOUT_SECONDS: {error}") from error
    if not isinstance(urls, list) or not urls:
        raise CanaryError(f"ENDPOINT_URLS must be a JSON list with at least one URL, got {raw!r}")
    for url in urls:
        parts = urllib.parse.urlsplit(str(url))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise CanaryError(f"ENDPOINT_URLS has {url!r}: expected http://… or https://…")
    if not 100 <= expected_status <= 599 or not 0 < timeout <= 300:
        raise CanaryError(
            f"EXPECTED_STATUS {expected_status} must be 100 to 599, "
            f"TIMEOUT_SECONDS {timeout} above 0 and at most 300"
        )
    screenshots = environment.get("SCREENSHOTS", "false")
    if screenshots not in {"true", "false"}:
        raise CanaryError(f"SCREENSHOTS is {screenshots!r}: expected true or false")
    return Settings(tuple(urls), expected_status, timeout, screenshots == "true")


def check(url: str, expected_status: int, timeout: float) -> None:
    """Ask ``url`` once; raises CanaryError unless it answers ``expected_status`` in time."""
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(url, timeout=timeout) as response:
            status = response.status
    except urllib.error.HTTPError as error:
        error.close()
        status = error.code
    except (OSError, HTTPException) as error:
        raise CanaryError(f"{url}: no answer within {timeout:g} s: {error}") from error
    if status != expected_status:
        raise CanaryError(f"{url}: expected status {expected_status}, got {status}")


def step_name(number: int, url: str) -> str:
    """Return a name for metrics and files: the endpoint's number and host."""
    host = urllib.parse.urlsplit(url).hostname or ""
    return f"{number}-{re.sub(r'[^A-Za-z0-9.-]', '-', host)}"


async def run(settings: Settings) -> None:
    """Check every endpoint, then fail with all that is wrong; raises CanaryError."""
    # The steps are plain HTTP: there is no browser that could be photographed around each.
    synthetics_configuration.set_config(
        {
            "screenshot_on_step_start": False,
            "screenshot_on_step_success": False,
            "screenshot_on_step_failure": False,
        }
    )
    failures = []
    for number, url in enumerate(settings.urls, start=1):
        try:
            await synthetics_webdriver.execute_step(
                step_name(number, url),
                lambda url=url: check(url, settings.expected_status, settings.timeout),
            )
        except CanaryError as error:
            synthetics_logger.error("%s", error)
            failures.append(str(error))
    if failures:
        raise CanaryError("; ".join(failures))
    if settings.screenshots:
        await photograph(settings)
    synthetics_logger.info("%d endpoints are healthy", len(settings.urls))


async def photograph(settings: Settings) -> None:
    """Open every endpoint in the browser and keep a picture among the artifacts."""
    browser = synthetics_webdriver.Chrome()
    browser.set_viewport_size(1280, 800)
    for number, url in enumerate(settings.urls, start=1):
        name = step_name(number, url)

        def visit(url: str = url, name: str = name) -> None:
            browser.get(url)
            browser.save_screenshot(f"{name}.png", "loaded")

        await synthetics_webdriver.execute_step(f"{name}-browser", visit)


async def handler(_event: object, _context: object) -> None:
    """Synthetics' entry point: returning is a pass, raising a failure."""
    await run(parse_settings(os.environ))
