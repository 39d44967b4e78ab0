"""What the harness costs: its init, apply and destroy against plain ``terraform``'s.

    python benchmarks/harness_overhead.py [STACK] [--variables JSON] [--runs 3]

Both apply the same stack to one emulator, in turns, each with nothing left of the other's. Prints
medians and the ratio of the wall times. Exits 1 when the harness takes more than 1.15 times as
long.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from skyproof.backends import Backend
from skyproof.session import Session
from skyproof.settings import resolve
from skyproof.terraform.discovery import cli_config, terraform_environment
from skyproof.terraform.workspace import make

MOST_RATIO = 1.15
STACK = Path(__file__).parents[1] / "terraform" / "examples" / "minimal"
STEPS = ("init", "apply", "destroy")


def with_harness(session: Session, stack: Path, variables: dict[str, Any]) -> dict[str, float]:
    """Seconds of each step, and of all from the first call to the last."""
    started = time.perf_counter()
    before = len(session.spans)
    applied = session.apply(stack, variables)
    session.destroy(applied.stack)
    spans = session.spans[before:]
    took = {step: sum(s.ended - s.begun for s in spans if s.what == step) for step in STEPS}
    return {**took, "all": time.perf_counter() - started}


def plain(session: Session, stack: Path, variables: dict[str, Any]) -> dict[str, float]:
    """The same with three commands of Terraform's, as one would type them."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = make(stack, Path(scratch) / "copy", override=False).folder
        (folder / "benchmark.auto.tfvars.json").write_text(json.dumps(variables))
        environment = _environment(session, Path(scratch))
        at_once = f"-parallelism={session.settings.parallelism}"
        commands = {
            "init": ["init", "-input=false"],
            "apply": ["apply", "-input=false", "-auto-approve", at_once],
            "destroy": ["destroy", "-input=false", "-auto-approve", at_once],
        }
        took = {}
        for step, command in commands.items():
            started = time.perf_counter()
            subprocess.run(
                [str(session.toolchain.binary.path), *command],
                cwd=folder,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            took[step] = time.perf_counter() - started
        return {**took, "all": sum(took.values())}


def _environment(session: Session, scratch: Path) -> dict[str, str]:
    backend: Backend = session.backend
    environment = {**terraform_environment(os.environ), **backend.environment()}
    if session.toolchain.mirror is not None:
        config = scratch / "terraform.rc"
        config.write_text(cli_config(session.toolchain.mirror))
        environment["TF_CLI_CONFIG_FILE"] = str(config)
    return {name: value for name, value in environment.items() if value}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("stack", nargs="?", type=Path, default=STACK)
    parser.add_argument("--variables", type=json.loads, default={"environment_suffix": "bench"})
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("terraform") is None and not os.environ.get("SKYPROOF_TERRAFORM"):
        print("terraform is not on PATH", file=sys.stderr)
        return 3

    session = Session(resolve())
    ways = {"terraform": plain, "skyproof": with_harness}
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    try:
        for _ in range(options.runs):
            for name, way in ways.items():
                taken[name].append(way(session, options.stack, options.variables))
    finally:
        session.close()

    medians = {
        name: {step: statistics.median(run[step] for run in runs) for step in (*STEPS, "all")}
        for name, runs in taken.items()
    }
    print(f"{'seconds':10}" + "".join(f"{step:>9}" for step in (*STEPS, "all")))
    for name, steps in medians.items():
        print(f"{name:10}" + "".join(f"{seconds:9.1f}" for seconds in steps.values()))
    ratio = medians["skyproof"]["all"] / medians["terraform"]["all"]
    print(f"ratio {ratio:.3f} (at most {MOST_RATIO}), {options.runs} runs of {options.stack.name}")
    return int(ratio > MOST_RATIO)


if __name__ == "__main__":
    sys.exit(main())
