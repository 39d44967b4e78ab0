"""A hundred tests that destroy something: in worlds, with an apply each, or repaired in between.

    python benchmarks/destructive.py [--tests 100] [--applies 3] [--repairs 5]

Each test deletes one thing of the platform's complete example and sees it gone. With worlds each
has a copy of its own; without, the stack is applied and destroyed for each, or what was deleted is
applied again after each. Of the last two a few are measured, and scaled.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from skyproof.applied import AppliedStack
from skyproof.session import Session
from skyproof.settings import resolve

COMPLETE = Path(__file__).parents[1] / "terraform" / "examples" / "complete"
VARIABLES: dict[str, Any] = {
    "environment_suffix": "first",
    "source_account_ids": ["111122223333", "444455556666"],
}


def no_alarm(stack: AppliedStack) -> None:
    cloudwatch = stack.client("cloudwatch")
    name = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0][
        "AlarmName"
    ]
    cloudwatch.delete_alarms(AlarmNames=[name])
    left = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    assert left["CompositeAlarms"] == [], left


def no_dashboard(stack: AppliedStack) -> None:
    cloudwatch = stack.client("cloudwatch")
    [*_, name] = [one["DashboardName"] for one in cloudwatch.list_dashboards()["DashboardEntries"]]
    cloudwatch.delete_dashboards(DashboardNames=[name])
    assert name not in [
        one["DashboardName"] for one in cloudwatch.list_dashboards()["DashboardEntries"]
    ]


def no_topic_policy(stack: AppliedStack) -> None:
    sns, arn = stack.client("sns"), stack.outputs["sns_critical_topic_arn"]
    nobody = {"Version": "2012-10-17", "Statement": []}
    sns.set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(nobody)
    )
    assert json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]) == nobody


def no_function(stack: AppliedStack) -> None:
    functions = stack.client("lambda")
    name = next(one for one in _names(functions) if "alarm-processor" in one)
    functions.delete_function(FunctionName=name)
    assert name not in _names(functions)


def _names(functions: Any) -> list[str]:
    return [one["FunctionName"] for one in functions.list_functions()["Functions"]]


TESTS: tuple[Callable[[AppliedStack], None], ...] = (
    no_alarm,
    no_dashboard,
    no_topic_policy,
    no_function,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", type=int, default=100)
    parser.add_argument("--applies", type=int, default=3)
    parser.add_argument("--repairs", type=int, default=5)
    options = parser.parse_args()
    tests = itertools.cycle(TESTS)

    session = Session(resolve())
    started = time.monotonic()
    shared = session.apply(COMPLETE, VARIABLES)
    first_apply = time.monotonic() - started
    print(f"first apply: {first_apply:.0f} s", flush=True)

    started = time.monotonic()
    for _ in range(options.tests):
        with shared.fork() as world:
            next(tests)(world)
    worlds = time.monotonic() - started
    print(f"{options.tests} tests in worlds: {worlds:.1f} s", flush=True)

    repairs = [
        _timed(lambda: (next(tests)(shared), shared.stack.apply())) for _ in range(options.repairs)
    ]
    print(f"{options.repairs} tests, repaired by an apply: {sum(repairs):.1f} s", flush=True)
    destroyed = _timed(session.close)

    applies = [_timed(lambda: _alone(next(tests))) for _ in range(options.applies)]
    print(f"{options.applies} tests, each with an apply and a destroy: {sum(applies):.0f} s")

    in_worlds = first_apply + worlds + destroyed
    print(f"\n{options.tests} tests, first apply and last destroy included:")
    print(f"  in worlds                    {in_worlds:8.0f} s")
    if repairs:
        repaired = first_apply + statistics.mean(repairs) * options.tests + destroyed
        print(f"  in one stack, repaired       {repaired:8.0f} s  {repaired / in_worlds:6.1f} x")
    if applies:
        applied = statistics.mean(applies) * options.tests
        print(f"  with an apply for each       {applied:8.0f} s  {applied / in_worlds:6.1f} x")


def _alone(test: Callable[[AppliedStack], None]) -> None:
    session = Session(resolve())
    try:
        test(session.apply(COMPLETE, VARIABLES))
    finally:
        session.close()


def _timed(act: Callable[[], Any]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


if __name__ == "__main__":
    main()
