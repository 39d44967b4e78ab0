"""A world behind a port, as its clients see it."""

from __future__ import annotations

import json
from typing import Any

import boto3
import urllib3
from botocore.config import Config

SOON = 20.0
# One for all clients: it remembers the services' models, which take a tenth of a second to read.
SESSION = boto3.session.Session()


class Served:
    """A world behind a port: its clients and its admin interface."""

    def __init__(self, endpoint: str, id_: str = "", pid: int = 0) -> None:
        self.endpoint, self.id, self.pid = endpoint, id_, pid

    def client(self, service: str) -> Any:
        return SESSION.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="123456789012",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=SOON),
        )

    def ask(self, what: str, body: Any = None) -> tuple[int, Any]:
        """``ask("POST worlds")``: the status and the answer."""
        method, path = what.split(" ")
        answer = urllib3.request(
            method,
            f"{self.endpoint}/_skyproof/{path}",
            body=None if body is None else json.dumps(body),
            retries=False,
            timeout=SOON,
        )
        return answer.status, answer.json()

    def fork(self, **body: Any) -> Served:
        status, made = self.ask("POST worlds", body)
        assert status == 200, made
        return Served(made["endpoint"], made["id"], made["pid"])

    def drop(self, world: Served) -> None:
        assert self.ask(f"DELETE worlds/{world.id}") == (200, {"dropped": world.id})

    @property
    def worlds(self) -> list[str]:
        return [one["id"] for one in self.ask("GET worlds")[1]["worlds"]]


def queues(world: Served) -> list[str]:
    urls = world.client("sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rpartition("/")[2] for url in urls)
