"""Synthetics runtime versions.

Names, dependencies and deprecation dates are those of the user guide's "Runtime versions" pages as
of November 2026; descriptions and release dates up to 2024 are a recorded DescribeRuntimeVersions.
Where AWS publishes no release date there is none here.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Library.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Runtime:
    """A runtime version.

    Attributes:
        engine: the Lambda runtime that its canaries run on, e.g. ``python3.12``.
        released: ``None`` where AWS publishes no date.
        deprecated: from when on no canary can be made with it; ``None`` while none is announced.
    """

    name: str
    engine: str
    description: str
    released: datetime | None
    deprecated: datetime | None

    def is_deprecated(self, now: datetime) -> bool:
        return self.deprecated is not None and self.deprecated <= now

    @property
    def has_browser(self) -> bool:
        return any(tool in self.name for tool in ("selenium", "puppeteer", "playwright"))

    def described(self) -> dict[str, Any]:
        """A ``RuntimeVersion`` of the API."""
        dates = {"ReleaseDate": self.released, "DeprecationDate": self.deprecated}
        return {
            "VersionName": self.name,
            "Description": self.description,
            **{name: date for name, date in dates.items() if date is not None},
        }


def _runtime(
    name: str, engine: str, description: str, released: str = "", deprecated: str = ""
) -> Runtime:
    def date(text: str) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    return Runtime(f"syn-{name}", engine, description, date(released), date(deprecated))


def _selenium(
    version: str, python: str, selenium: str, chromium: str, deprecated: str = ""
) -> Runtime:
    return _runtime(
        f"python-selenium-{version}",
        f"python{python}",
        f"Dependencies: Python {python}, Selenium {selenium}, Chromium {chromium}",
        deprecated=deprecated,
    )


def _playwright(version: str, node: int, playwright: str, chromium: str) -> Runtime:
    return _runtime(
        f"nodejs-playwright-{version}",
        f"nodejs{node}.x",
        f"Dependencies: Node JS {node}.x, Playwright {playwright}, Chromium {chromium}",
    )


def _puppeteer(version: str, node: int, puppeteer: str, chromium: str) -> Runtime:
    return _runtime(
        f"nodejs-puppeteer-{version}",
        f"nodejs{node}.x",
        f"Dependencies: Node JS {node}.x, Puppeteer-core {puppeteer}, Chromium {chromium}",
    )


def _recorded(
    version: str, node: int, text: str, dependencies: str, released: str, deprecated: str = ""
) -> Runtime:
    return _runtime(
        f"nodejs-puppeteer-{version}",
        f"nodejs{node}.x",
        f"{text}. Dependencies: Node JS {node}.x, {dependencies}",
        released,
        deprecated,
    )


_CHROMIUM_111 = "Puppeteer-core 19.7.0, Chromium 111.0.5563.146"

_ALL = (
    # Seen in use; the user guide's pages stop at 12.0.
    _runtime("python-selenium-14.0", "python3.12", "Dependencies: Python 3.12"),
    _runtime("python-selenium-13.0", "python3.12", "Dependencies: Python 3.12"),
    _selenium("12.0", "3.12", "4.32.0", "150.0.7871.24"),
    _selenium("11.1", "3.12", "4.32.0", "147.0.7727.57"),
    _selenium("11.0", "3.12", "4.32.0", "147.0.7727.57"),
    _selenium("10.0", "3.11", "4.32.0", "145.0.7632.77"),
    _selenium("9.0", "3.11", "4.32.0", "143.0.7499.169"),
    _selenium("8.0", "3.11", "4.32.0", "142.0.7444.175"),
    _selenium("7.0", "3.11", "4.32.0", "138.0.7204.168"),
    _selenium("6.0", "3.11", "4.21.0", "131.0.6778.264"),
    _selenium("5.1", "3.9", "4.21.0", "131.0.6778.264", "2026-02-03"),
    _selenium("5.0", "3.9", "4.21.0", "131.0.6778.264", "2026-02-03"),
    _selenium("4.1", "3.9", "4.15.1", "126.0.6478.126", "2026-02-03"),
    _selenium("4.0", "3.9", "4.15.1", "126.0.6478.126", "2026-02-03"),
    _selenium("3.0", "3.8", "4.15.1", "121.0.6167.139", "2026-01-22"),
    _selenium("2.1", "3.8", "4.15.1", "111.0.5563.146", "2026-01-22"),
    _selenium("2.0", "3.8", "4.10.0", "111.0.5563.146", "2024-03-08"),
    _selenium("1.3", "3.8", "3.141.0", "92.0.4512.0", "2024-03-08"),
    _selenium("1.2", "3.8", "3.141.0", "92.0.4512.0", "2024-03-08"),
    _selenium("1.1", "3.8", "3.141.0", "83.0.4103.0", "2024-03-08"),
    _selenium("1.0", "3.8", "3.141.0", "83.0.4103.0", "2024-03-08"),
    _playwright("8.0", 22, "1.61.1", "150.0.7871.24"),
    _playwright("7.1", 22, "1.59.1", "147.0.7727.15"),
    _playwright("7.0", 22, "1.59.1", "147.0.7727.15"),
    _playwright("6.1", 22, "1.59.1", "147.0.7727.15"),
    _playwright("6.0", 22, "1.58.2", "145.0.7632.77"),
    _playwright("5.1", 22, "1.57.0", "143.0.7499.169"),
    _playwright("5.0", 22, "1.57.0", "143.0.7499.4"),
    _playwright("4.0", 22, "1.55.0", "140.0.7339.16"),
    _playwright("3.0", 20, "1.53.0", "138.0.7204.168"),
    _playwright("2.0", 20, "1.49.1", "131.0.6778.264"),
    _playwright("1.0", 20, "1.44.1", "126.0.6478.126"),
    _puppeteer("15.0", 22, "24.37.5", "145.0.7632.77"),
    _puppeteer("14.0", 22, "24.34.0", "143.0.7499.169"),
    _puppeteer("13.1", 22, "24.25.0", "142.0.7444.175"),
    _puppeteer("13.0", 22, "24.25.0", "142.0.7444.175"),
    _puppeteer("12.0", 22, "24.22.1", "140.0.7339.185"),
    _puppeteer("11.0", 20, "24.15.0", "138.0.7204.168"),
    _puppeteer("10.0", 20, "24.2.0", "131.0.6778.264"),
    _recorded(
        "9.1",
        20,
        "Security fixes and bug fix for date range error in har",
        "Puppeteer-core 22.12.1, Chromium 126.0.6478.126",
        "2024-10-02",
    ),
    _recorded(
        "9.0",
        20,
        "Upgraded Chromium and Puppeteer",
        "Puppeteer-core 22.12.1, Chromium 126.0.6478.126",
        "2024-07-22",
    ),
    _recorded(
        "8.0",
        20,
        "Upgraded Chromium and Puppeteer",
        "Puppeteer-core 22.10.0, Chromium 125.0.6422.112",
        "2024-06-21",
    ),
    _recorded(
        "7.0",
        18,
        "Upgraded Chromium and Puppeteer",
        "Puppeteer-core 21.9.0, Chromium 121.0.6167.139",
        "2024-03-08",
        "2026-01-22",
    ),
    _recorded(
        "6.2",
        18,
        "Updated shared libraries for Chromium and added ephemeral storage monitoring",
        _CHROMIUM_111,
        "2024-02-02",
        "2026-01-22",
    ),
    _recorded(
        "6.1",
        18,
        "Added puppeteer launch retry",
        _CHROMIUM_111,
        "2023-11-13",
        "2024-03-08T08:00:00",
    ),
    _recorded(
        "6.0",
        18,
        "Reduced X-Ray traces of a canary run, improved duration metric and upgraded to NodeJS "
        "18.x",
        _CHROMIUM_111,
        "2023-09-15",
        "2024-03-08T08:00:00",
    ),
    _recorded(
        "5.2",
        16,
        "Updated shared libraries for Chromium",
        _CHROMIUM_111,
        "2024-02-01",
        "2026-01-22",
    ),
    _recorded(
        "5.1",
        16,
        "Fixes a bug about missing request headers in har",
        _CHROMIUM_111,
        "2023-08-09",
        "2024-03-08T08:00:00",
    ),
    _recorded(
        "5.0",
        16,
        "Upgraded Puppeteer and Chromium",
        _CHROMIUM_111,
        "2023-07-21",
        "2024-03-08T08:00:00",
    ),
    _recorded(
        "4.0",
        16,
        "Upgraded to NodeJS 16.x",
        "Puppeteer-core 5.5.0, Chromium 92.0.4512.0",
        "2023-05-01",
        "2024-03-08T08:00:00",
    ),
    _runtime("nodejs-3.1", "nodejs20.x", "Dependencies: Node JS 20.x"),
    _runtime("nodejs-3.0", "nodejs20.x", "Dependencies: Node JS 20.x"),
    _runtime("java-1.0", "java21", "Dependencies: Java 21"),
)

#: By name, newest first within each family.
RUNTIMES = {runtime.name: runtime for runtime in _ALL}
