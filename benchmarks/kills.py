"""Kills runs at random points and finishes them: how many were tried, and what was left.

    python benchmarks/kills.py --points 40

Each point is a run of its own (apply, test and destroy of a small stack in an emulated account that
outlives it), one of whose processes is killed by SIGKILL: pytest, a worker of pytest-xdist,
Terraform or its provider. Then the run's watcher alone finishes it, or ``skyproof reap`` does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from skyproof.backends.embedded import Embedded
from skyproof.settings import Settings
from tests.integration.kills import ACCOUNT, Account, Outcome, Point, Trial, points


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--at-once", type=int, default=2, help="each in an account of its own")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    wanted = list(points(options.points, options.seed))
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, ThreadPoolExecutor() as pool:
        shares = [wanted[start :: options.at_once] for start in range(options.at_once)]
        runs = [
            pool.submit(in_one_account, Path(folder) / str(number), share)
            for number, share in enumerate(shares)
        ]
        outcomes = [outcome for run in runs for outcome in run.result()]
    return summary(outcomes)


def in_one_account(folder: Path, wanted: list[Point]) -> list[Outcome]:
    """Try some points one after the other."""
    backend = Embedded(Settings(account=ACCOUNT))
    backend.start()
    outcomes = []
    try:
        account = Account({name: value for name, value in backend.environment().items() if value})
        for number, point in enumerate(wanted):
            started = time.monotonic()
            outcome = Trial(folder / str(number), account, point).run()
            outcomes.append(outcome)
            print(f"{time.monotonic() - started:5.1f} s  {outcome}", flush=True)
            if not outcome.is_clean:
                print(outcome.said)
    finally:
        backend.stop()
    return outcomes


def summary(outcomes: list[Outcome]) -> int:
    hits = Counter(str(one.point.victim) for one in outcomes if one.hit)
    dirty = [one for one in outcomes if not one.is_clean]
    print(f"{len(outcomes)} points tried, {hits.total()} victims killed: {dict(hits)}")
    print(f"{sum(len(one.left) for one in dirty)} things left, ", end="")
    print(f"{sum(len(one.lost) for one in dirty)} things of others lost, ", end="")
    print(f"{sum(len(one.lies) for one in dirty)} lies of journals or survivors")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main())
