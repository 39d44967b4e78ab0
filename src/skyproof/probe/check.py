"""What a check is, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from skyproof.probe.bench import Bench

Kind = Literal["reads", "writes"]
Body = Callable[[Bench], None]


@dataclass(frozen=True)
class Check:
    """One thing that an AWS does.

    Attributes:
        service: botocore's name.
        what: in a few words.
        kind: whether it makes things; they are deleted again.
        body: returns when it holds; raises Mismatch or ClientError when it does not.
    """

    service: str
    what: str
    kind: Kind
    body: Body

    @property
    def id(self) -> str:
        return f"{self.service}: {self.what}"


CHECKS: list[Check] = []


def check(service: str, what: str) -> Callable[[Body], Body]:
    """Declare a check that makes things, each with what undoes it."""

    def declare(body: Body) -> Body:
        CHECKS.append(Check(service, what, "writes", body))
        return body

    return declare


def answers(service: str, operation: str, **arguments: Any) -> None:
    """Declare that a read is answered."""

    def body(bench: Bench) -> None:
        getattr(bench.client(service), operation)(**arguments)

    CHECKS.append(Check(service, f"answers {operation}", "reads", body))


def refuses(service: str, operation: str, code: str, **arguments: Any) -> None:
    """Declare that a read of what is not there is refused with this code."""

    def body(bench: Bench) -> None:
        bench.refused(code, getattr(bench.client(service), operation), **arguments)

    CHECKS.append(Check(service, f"refuses {operation} of nothing", "reads", body))
