"""Requirement 5: a dashboard with at least five widget types, annotations included."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.backends import ON_THE_PLATFORM
from tests.integration.platform import Platform

pytestmark = ON_THE_PLATFORM


@pytest.fixture
def widgets(platform: Platform) -> list[dict[str, Any]]:
    got = platform.client("cloudwatch").get_dashboard(DashboardName=platform.name("main"))
    body = json.loads(got["DashboardBody"])
    found: list[dict[str, Any]] = body["widgets"]
    return found


def kind(widget: dict[str, Any]) -> str:
    """What a reader sees: for metric widgets the view tells it."""
    if widget["type"] != "metric":
        return str(widget["type"])
    return str(widget["properties"].get("view", "timeSeries"))


def annotations_of(widgets: list[dict[str, Any]], direction: str) -> list[Any]:
    return [
        one
        for widget in widgets
        for one in widget["properties"].get("annotations", {}).get(direction, ())
    ]


def test_it_shows_every_kind_that_the_requirement_names(widgets: list[dict[str, Any]]) -> None:
    kinds = {kind(widget) for widget in widgets}
    assert {"timeSeries", "singleValue", "alarm", "log", "text"} <= kinds, kinds
    assert kinds & {"gauge", "bar"}, kinds


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_it_is_annotated(widgets: list[dict[str, Any]], direction: str) -> None:
    assert annotations_of(widgets, direction), f"no {direction} annotation"


def test_widgets_do_not_overlap_and_stay_on_the_grid(widgets: list[dict[str, Any]]) -> None:
    taken: dict[tuple[int, int], int] = {}
    for number, widget in enumerate(widgets):
        assert widget["x"] + widget["width"] <= 24, widget
        for x in range(widget["x"], widget["x"] + widget["width"]):
            for y in range(widget["y"], widget["y"] + widget["height"]):
                assert (x, y) not in taken, f"widgets {taken[x, y]} and {number} overlap"
                taken[x, y] = number


def test_the_alarms_that_it_shows_exist(platform: Platform, widgets: list[dict[str, Any]]) -> None:
    shown = {
        arn
        for widget in widgets
        if widget["type"] == "alarm"
        for arn in widget["properties"]["alarms"]
    }
    existing = {alarm["AlarmArn"] for alarm in platform.all_alarms()}
    assert shown, "the alarm widget shows nothing"
    assert shown <= existing, sorted(shown - existing)


def test_the_log_groups_that_it_queries_exist(
    platform: Platform, widgets: list[dict[str, Any]]
) -> None:
    queries = [w["properties"]["query"] for w in widgets if w["type"] == "log"]
    assert any(platform.outputs["log_group_application"] in query for query in queries), queries


def test_the_output_leads_to_it(platform: Platform) -> None:
    url = platform.outputs["dashboard_url"]
    assert platform.name("main") in url
    assert "us-east-1" in url
