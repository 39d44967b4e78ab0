from __future__ import annotations

import json
from datetime import timedelta

from skyproof import run
from skyproof.run import Run


def test_a_run_is_known_by_its_begin_and_its_suffix() -> None:
    begun = run.begin(timedelta(hours=2))
    assert begun.id == f"{begun.begun:%Y%m%dT%H%M%S}-{begun.suffix}"
    assert len(begun.suffix) == run.SUFFIX_LENGTH


def test_its_owner_may_be_named() -> None:
    assert run.begin(timedelta(hours=2), "ci@example.com").owner == "ci@example.com"
    assert "@" in run.begin(timedelta(hours=2)).owner


def test_no_two_runs_of_one_second_share_a_suffix() -> None:
    runs = {run.begin(timedelta(hours=2)).suffix for _ in range(100)}
    assert len(runs) == 100


def test_the_tags_say_whose_and_until_when() -> None:
    begun = run.begin(timedelta(hours=2))
    assert begun.expires - begun.begun == timedelta(hours=2)
    assert begun.tags == {
        "skyproof:run": begun.id,
        "skyproof:owner": begun.owner,
        "skyproof:expires": begun.expires.isoformat(),
    }


def test_the_suffix_is_filled_in_at_any_depth() -> None:
    begun = run.begin(timedelta(hours=2))
    variables = {
        "name": "shop-{skyproof_suffix}",
        "names": ["a-{skyproof_suffix}", {"b-{skyproof_suffix}": "{skyproof_suffix}{other}"}],
        "count": 3,
        "nothing": None,
        "is": True,
    }
    suffix = begun.suffix
    assert begun.filled(variables) == {
        "name": f"shop-{suffix}",
        "names": [f"a-{suffix}", {f"b-{suffix}": suffix + "{other}"}],
        "count": 3,
        "nothing": None,
        "is": True,
    }


def test_a_run_is_the_same_in_another_process() -> None:
    begun = run.begin(timedelta(hours=4), "ci")
    assert Run.from_json(json.loads(json.dumps(begun.to_json()))) == begun
