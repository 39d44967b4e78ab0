"""What the workers of one run did adds up."""

from __future__ import annotations

import json

from skyproof.session.tally import Tally, Told
from skyproof.terraform.pool import Usage
from skyproof.terraform.timing import Span


def test_what_workers_took_adds_up() -> None:
    told = Told("embedded", "1.0", "embedded 1.0")
    worker = Tally(
        resources=3,
        spans=[Span("apply", 1.0, 2.5)],
        kept=["folder"],
        kept_worlds=["the world of a test"],
        providers=Usage(3, 2, 400),
        told=told,
    )
    tally = Tally(resources=1)
    for _ in range(2):
        tally.absorb(json.loads(json.dumps(worker.report())))
    assert tally == Tally(
        resources=7,
        spans=worker.spans * 2,
        kept=["folder", "folder"],
        kept_worlds=["the world of a test"] * 2,
        providers=Usage(6, 4, 400),
        told=told,
    )
    assert tally.seconds("apply") == 1.5, "what ran at once counts once"
