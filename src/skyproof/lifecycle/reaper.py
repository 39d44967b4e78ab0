"""Finishes a run whose process is gone, from its folder alone: destroys its stacks, and proves it.

``python -m skyproof.lifecycle.reaper FOLDER`` does it for one run, in the environment that the
run's journal names. A run's watcher starts that, and so does ``skyproof reap``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from skyproof.backends import Backend, create
from skyproof.errors import ExitCode, SkyproofError
from skyproof.lifecycle import late_writers, leaks, places, removal
from skyproof.lifecycle.inventory import take
from skyproof.lifecycle.journal import STACKS, Journal, Phase, StackEntry, Story
from skyproof.lifecycle.lock import lock_of
from skyproof.lifecycle.runs import RunFolder
from skyproof.settings import Settings, resolve
from skyproof.terraform import Stack
from skyproof.terraform.busy import Busy
from skyproof.terraform.progress import Display
from skyproof.terraform.toolchain import Toolchain
from skyproof.terraform.workspace import Workspace

# A Terraform that outlived its run ends what it has begun, and writes its state.
GRACE_SECONDS = 60.0


@dataclass
class Reaped:
    """What the finishing of a run came to.

    Attributes:
        destroyed: names of stacks of which nothing is left.
        removed: what Terraform's states did not know, and is gone.
        failures: what is left, each with its reason.
    """

    destroyed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def reap(folder: RunFolder, display: Display, *, kept_too: bool = False) -> Reaped:
    """Finish a run; its folder is removed when nothing is left.

    Args:
        kept_too: also stacks that the run was asked to keep.

    Raises:
        SkyproofError: the run is at work, has no journal, or its AWS cannot be entered.
    """
    with folder.claimed():
        story = folder.story()
        for number in story.damaged:
            display.tell(f"{folder.id}: line {number} of its journal is damaged, and passed over")
        _require_backend(story)
        reaped = _Reaper(story, display).finish(kept_too=kept_too)
        if not reaped.failures and not story.open:
            folder.remove()
    return reaped


def _require_backend(story: Story) -> None:
    """Where the line that names the AWS is lost, nobody can know that it ended with the run."""
    if story.backend or not story.open:
        return
    tops = [story.folder / STACKS / entry.name for entry in story.open]
    states = [state.parent for top in tops for state in sorted(top.rglob("terraform.tfstate"))]
    commands = [f"terraform -chdir={folder} destroy" for folder in states]
    raise SkyproofError(
        f"The journal of run {story.run.id} does not tell any more where its stacks stand.",
        "\n".join(["With the credentials of that account:", *commands, f"rm -r {story.folder}"]),
        ExitCode.FAILED,
    )


class _Reaper:
    def __init__(self, story: Story, display: Display) -> None:
        self._story = story
        self._display = display
        self._settings = resolve(story.settings, environ={})
        self._journal = Journal(story.folder)
        self._reaped = Reaped()

    def finish(self, *, kept_too: bool) -> Reaped:
        wanted = [one for one in self._story.open if kept_too or one.phase is not Phase.KEPT]
        for entry in wanted:
            Busy(self._top(entry)).end(GRACE_SECONDS)
        try:
            if not self._story.reference:
                self._all_destroyed(wanted)  # their AWS ended with the run
            else:
                self._finish_in(self._settings, wanted)
        finally:
            self._journal.close()
        return self._reaped

    def _finish_in(self, settings: Settings, wanted: list[StackEntry]) -> None:
        backend = create(settings, self._story.run)
        backend.start()
        try:
            done = [one for one in wanted if self._is_destroyed(one, backend)]
            if not wanted or self._is_clean(backend, wanted):
                self._all_destroyed(done)
            if not backend.is_local:
                lock_of(backend, self._story.run).give_back()
        finally:
            backend.stop()

    def _all_destroyed(self, entries: list[StackEntry]) -> None:
        for entry in entries:
            self._come_to(entry, Phase.DESTROYED)
            self._reaped.destroyed.append(entry.name)

    def _top(self, entry: StackEntry) -> Path:
        return self._story.folder / STACKS / entry.name

    def _is_destroyed(self, entry: StackEntry, backend: Backend) -> bool:
        where = entry.facts.get("workspace")
        if where is None or not self._top(entry).exists():
            return True  # it died before its first command: nothing was made
        self._come_to(entry, Phase.DESTROYING)
        try:
            self._destroy(Workspace.from_json(where, self._top(entry)), backend)
        except SkyproofError as error:
            self._come_to(entry, Phase.FAILED, reason=error.what)
            self._reaped.failures.append(f"{entry.name}: {error}")
            return False
        return True

    def _destroy(self, workspace: Workspace, backend: Backend) -> None:
        if not workspace.state.exists():
            return
        settings = self._settings
        stack = Stack.reopen(
            workspace,
            Toolchain.found(settings),
            backend.environment(),
            display=self._display,
        )
        stack.destroy(lambda error: late_writers.quiet(error, lambda: stack.state, backend.client))

    def _is_clean(self, backend: Backend, entries: list[StackEntry]) -> bool:
        """Whether nothing of the run is left, after what Terraform did not know was removed."""
        tops = [self._top(entry) for entry in entries]
        inventory = take(backend.client, *places.of_stacks(tops, backend))
        left = leaks.of_run(backend.client, self._story.run.id, inventory)
        removed = removal.remove(backend.client, left)
        self._reaped.removed += [str(one) for one in removed.done]
        self._reaped.failures += [str(one) for one in removed.failed]
        return not removed.failed

    def _come_to(self, entry: StackEntry, phase: Phase, **facts: str) -> None:
        self._journal.stack(entry.name, phase, **facts)
        entry.phase = phase


def in_its_own_environment(folder: RunFolder, *, kept_too: bool) -> int:
    """Finish a run in a process that has what the run's journal names to reach its AWS.

    Returns:
        Its exit code.
    """
    command = [sys.executable, "-m", __name__, str(folder.path)]
    command += ["--kept-too"] if kept_too else []
    environment = {**os.environ, **folder.story().reference}
    return subprocess.run(command, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """What the watcher and ``skyproof reap`` start."""
    folder = RunFolder(Path(arguments[0]))
    display = Display()
    if not folder.path.exists():
        return ExitCode.OK  # it ended well between two looks
    try:
        reaped = reap(folder, display, kept_too="--kept-too" in arguments)
    except SkyproofError as error:
        display.tell(f"{folder.id}: {error}")
        return error.exit_code
    display.tell(_summary(folder, reaped))
    return ExitCode.FAILED if reaped.failures else ExitCode.OK


def _summary(folder: RunFolder, reaped: Reaped) -> str:
    lines = [f"{folder.id}: {len(reaped.destroyed)} stacks finished"]
    lines += [f"  removed {one}, which no state knew" for one in reaped.removed]
    lines += [f"  left: {one}" for one in reaped.failures]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
