"""The platform's own canary, its alarm's metric and an endpoint that goes down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.unit.skyproof.emulator.conftest import MONDAY
from tests.unit.skyproof.emulator.services.synthetics.conftest import Probe, package

ROOT = Path(__file__).parents[6]
SCRIPT = ROOT / "terraform/modules/canary/src/api_health.py"


class Healthy(BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def endpoint() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Healthy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def health(probe: Probe, endpoint: HTTPServer) -> Probe:
    url = f"http://127.0.0.1:{endpoint.server_port}/health"
    code = {
        "ZipFile": package(SCRIPT.read_text(), "python/api_health.py"),
        "Handler": "api_health.handler",
    }
    variables = {"ENDPOINT_URLS": json.dumps([url]), "EXPECTED_STATUS": "200"}
    config = {"TimeoutInSeconds": 50, "EnvironmentVariables": variables}
    probe.make("", Code=code, RunConfig=config)
    return probe


def averages(probe: Probe, **dimensions: str) -> list[float]:
    """Of SuccessPercent, minute by minute."""
    answer = probe.client("cloudwatch").get_metric_statistics(
        Namespace="CloudWatchSynthetics",
        MetricName="SuccessPercent",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=MONDAY,
        EndTime=MONDAY + timedelta(hours=1),
        Period=60,
        Statistics=["Average"],
    )
    points = sorted(answer["Datapoints"], key=lambda point: str(point["Timestamp"]))
    return [point["Average"] for point in points]


def test_it_passes_and_fails_once_the_endpoint_is_down(health: Probe, endpoint: HTTPServer) -> None:
    health.clock.advance(0)
    endpoint.shutdown()
    endpoint.socket.close()
    health.clock.advance(60)
    failed, passed = health.runs()
    assert passed["Status"]["State"] == "PASSED"
    assert failed["Status"]["State"] == "FAILED"
    assert "Connection refused" in failed["Status"]["StateReason"]
    assert failed["Status"]["StateReason"].startswith("CanaryError: http://127.0.0.1:")
    assert averages(health, CanaryName="probe") == [100, 0]
    assert averages(health, CanaryName="probe", StepName="1-127.0.0.1") == [100, 0]
    assert any("1 endpoints are healthy" in line for line in health.log())
