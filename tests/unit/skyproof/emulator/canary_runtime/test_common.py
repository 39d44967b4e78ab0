"""Configuration and log.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Library_Python.html
"""

from __future__ import annotations

import logging

import pytest

from tests.unit.skyproof.emulator.canary_runtime.conftest import Library

SCREENSHOTS = (
    "screenshot_on_step_start",
    "screenshot_on_step_success",
    "screenshot_on_step_failure",
)


def test_by_default_every_picture_is_taken_and_every_metric_published(library: Library) -> None:
    options = library.common.synthetics_configuration.get_config()
    assert [name for name, on in options.items() if not on] == ["continue_on_step_failure"]


def test_the_documentation_s_example_in_one_call(library: Library) -> None:
    configuration = library.common.synthetics_configuration
    configuration.set_config(
        {
            "screenshot_on_step_start": False,
            "screenshot_on_step_success": False,
            "screenshot_on_step_failure": True,
        }
    )
    assert [configuration.get_config()[name] for name in SCREENSHOTS] == [False, False, True]


def test_the_documentation_s_example_in_a_chain(library: Library) -> None:
    configuration = library.common.synthetics_configuration
    configuration.with_screenshot_on_step_start(False).with_screenshot_on_step_success(
        False
    ).with_screenshot_on_step_failure(True)
    assert not configuration.get_screenshot_on_step_start()
    assert not configuration.get_screenshot_on_step_success()
    assert configuration.get_screenshot_on_step_failure()


def test_all_pictures_can_be_switched(library: Library) -> None:
    configuration = library.common.synthetics_configuration
    configuration.disable_step_screenshots()
    assert not any(configuration.get_config()[name] for name in SCREENSHOTS)
    configuration.enable_step_screenshots()
    assert all(configuration.get_config()[name] for name in SCREENSHOTS)


@pytest.mark.parametrize(
    ("group", "option"),
    [
        ("step_metrics", "step_success_metric"),
        ("step_metrics", "step_duration_metric"),
        ("request_metrics", "4xx_metric"),
        ("request_metrics", "aggregated_4xx_metric"),
        ("aggregated_request_metrics", "aggregated_5xx_metric"),
    ],
)
def test_metrics_can_be_switched_by_group(library: Library, group: str, option: str) -> None:
    configuration = library.common.synthetics_configuration
    getattr(configuration, f"disable_{group}")()
    assert not configuration.get_config()[option]
    getattr(configuration, f"enable_{group}")()
    assert configuration.get_config()[option]


def test_what_does_not_exist_is_said_so(library: Library) -> None:
    with pytest.raises(AttributeError, match="with_colour"):
        library.common.synthetics_configuration.with_colour("red")


@pytest.mark.parametrize(
    ("method", "level", "text"),
    [
        ("info", logging.INFO, "INFO: 5 of 7"),
        ("log", logging.INFO, "INFO: 5 of 7"),
        ("warn", logging.WARNING, "WARNING: 5 of 7"),
        ("error", logging.ERROR, "ERROR: 5 of 7"),
        ("exception", logging.ERROR, "ERROR: 5 of 7"),
    ],
)
def test_messages_follow_their_level(
    library: Library, caplog: pytest.LogCaptureFixture, method: str, level: int, text: str
) -> None:
    getattr(library.common.synthetics_logger, method)("%d of %d", 5, 7)
    [record] = caplog.records
    assert (record.levelno, record.getMessage()) == (level, text)


def test_what_is_below_the_level_is_not_logged(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    logger = library.common.synthetics_logger
    logger.debug("hidden")
    logger.set_level("DEBUG")
    logger.debug("shown")
    logger.set_level(logging.INFO)
    assert logger.get_level() == logging.INFO
    assert [record.getMessage() for record in caplog.records] == ["DEBUG: shown"]
