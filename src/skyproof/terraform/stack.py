"""A stack: one copy of a configuration, its variables, and Terraform's commands upon it."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skyproof.errors import ExitCode
from skyproof.redaction import Redactor
from skyproof.terraform import disk, secrets, statefile, troubles
from skyproof.terraform import workspace as workspaces
from skyproof.terraform.pool import ProviderPool
from skyproof.terraform.pool.binaries import locked_providers, provider_binaries
from skyproof.terraform.pool.client import LOG as PROVIDERS_LOG
from skyproof.terraform.progress import Display, Progress
from skyproof.terraform.runner import Diagnostic, OnLine, Terraform, TerraformError, messages
from skyproof.terraform.timing import ResourceTime, Span, resource_times
from skyproof.terraform.toolchain import Toolchain
from skyproof.terraform.transient import Attempts
from skyproof.terraform.views import Outputs, Plan, State
from skyproof.terraform.workspace import Workspace

NO_PROVIDER = re.compile(r"Failed to (query available provider packages|install provider)")
MIRROR_HINT = (
    "Without the registry, give a provider mirror: on a machine that reaches it run "
    "`terraform providers mirror DIR` in the stack's folder, then name that DIR in "
    "SKYPROOF_PROVIDER_MIRROR or --skyproof-provider-mirror."
)

OnTransient = Callable[[Diagnostic], None]


@dataclass(frozen=True)
class Applied:
    """What an apply did, by Terraform's own count."""

    added: int
    changed: int
    removed: int
    seconds: float


@dataclass
class Stack:
    """A stack in its isolated copy.

    >>> stack = Stack.copy_of(Path("modules/queue"), toolchain, environment, {"name": "orders"})
    ... # doctest: +SKIP

    Attributes:
        spans: the commands that ran, and when.
        resources: what each resource took, over the applies and destroys that succeeded.
        pool: warm providers, or ``None`` for Terraform's own way.
        hurry: an interrupt kills Terraform at once: it is not the first.
        redactor: learns what of the stack is secret; logs and errors are without it.
    """

    workspace: Workspace
    toolchain: Toolchain
    environment: Mapping[str, str]
    variables: Mapping[str, Any]
    spans: list[Span] = field(default_factory=list)
    display: Display | None = None
    pool: ProviderPool | None = None
    resources: list[ResourceTime] = field(default_factory=list)
    hurry: bool = False
    redactor: Redactor = field(default_factory=Redactor)

    def __post_init__(self) -> None:
        self._learn_given()

    def _learn_given(self) -> None:
        folder = self.workspace.folder
        self.redactor.learn(list(secrets.given(folder, self.variables, os.environ)))

    @classmethod
    def copy_of(
        cls,
        source: Path,
        toolchain: Toolchain,
        environment: Mapping[str, str],
        variables: Mapping[str, Any] | None = None,
        *,
        into: Path | None = None,
        override: bool = True,
        accounts: Sequence[str] = (),
        display: Display | None = None,
        pool: ProviderPool | None = None,
        redactor: Redactor | None = None,
    ) -> Stack:
        """Copy a stack into a folder of its own (a temporary one unless ``into`` names it).

        Args:
            source: the folder of the root module.
            environment: what the provider reads its endpoint and credentials from; set over the
                process's own environment, an empty value removes the variable.
            override: whether hard-coded endpoints, credentials and remote states are overridden.
            accounts: the only accounts that providers may enter; empty for any.

        Raises:
            SkyproofError: ``source`` is no stack.
        """
        workspaces.check_stack(source)
        is_ours = into is None or not into.exists()
        into = into or _temporary_folder(source)
        variables = dict(variables or {})
        try:
            workspace = workspaces.make(source, into, override=override, accounts=accounts)
            workspace.set_variables(variables)
        except BaseException:
            if is_ours:
                shutil.rmtree(into, ignore_errors=True)
            raise
        return cls(
            workspace,
            toolchain,
            environment,
            variables,
            display=display,
            pool=pool,
            redactor=redactor or Redactor(),
        )

    @classmethod
    def reopen(
        cls,
        workspace: Workspace,
        toolchain: Toolchain,
        environment: Mapping[str, str],
        *,
        display: Display | None = None,
        redactor: Redactor | None = None,
    ) -> Stack:
        """A stack again from its workspace, in another process too; init runs where it must.

        Raises:
            SkyproofError: the workspace is not there any more, or init failed.
        """
        workspaces.check_workspace(workspace)
        stack = cls(
            workspace,
            toolchain,
            environment,
            workspace.variables(),
            display=display,
            redactor=redactor or Redactor(),
        )
        if not _is_initialised(workspace.folder):
            stack.init()
        return stack

    @property
    def name(self) -> str:
        return self.workspace.source.name

    def init(self) -> None:
        """``terraform init``. Raises TerraformError, with the way out where no provider is had."""
        try:
            self._timed("init", ["init", "-input=false", "-no-color"])
        except TerraformError as error:
            if NO_PROVIDER.search(error.what) is None:
                raise
            raise TerraformError(
                error.what, MIRROR_HINT, ExitCode.ENVIRONMENT, error.diagnostics
            ) from error

    def validate(self) -> None:
        """``terraform validate``. Raises TerraformError naming file and line."""
        self._timed("validate", ["validate", "-json"])

    def plan(
        self,
        *,
        refresh: bool = True,
        targets: Sequence[str] = (),
        destroy: bool = False,
    ) -> Plan:
        """Plan, and read the plan.

        Args:
            refresh: ask the services what exists first.
            targets: addresses to plan alone, with what they need.
            destroy: plan the destruction.

        Raises:
            TerraformError: the configuration or a variable is invalid, or the provider failed.
        """
        file = self.workspace.top / f"{uuid.uuid4()}.tfplan"
        command = ["plan", "-input=false", "-json", f"-out={file}", self._parallelism]
        command += [] if refresh else ["-refresh=false"]
        command += ["-destroy"] if destroy else []
        command += [f"-target={target}" for target in targets]
        self._timed("plan", command)
        try:
            return Plan(self._show(str(file)))
        finally:
            file.unlink()

    def apply(self, *, refresh: bool = True) -> Applied:
        """Plan and apply at once; errors that pass by themselves are waited for.

        Args:
            refresh: ask the services what exists first.

        Raises:
            TerraformError: it failed for good; what was made stays in the state.
        """
        options = [] if refresh else ["-refresh=false"]
        return self._attempts("apply").of(lambda: self._change("apply", *options))

    def destroy(self, on_transient: OnTransient | None = None) -> Applied:
        """Destroy everything in the state; errors that pass by themselves are waited for.

        Args:
            on_transient: called with each such error before the next attempt, which goes on from
                the state that the last one left; it may remove the cause.

        Raises:
            TerraformError: it failed for good; state and folder are kept.
        """
        return self._attempts("destroy", on_transient).of(lambda: self._change("destroy"))

    def has_changes(self) -> bool:
        """``plan -detailed-exitcode``: whether a further apply would change anything."""
        command = ["plan", "-input=false", "-json", "-detailed-exitcode", self._parallelism]
        return bool(self._timed("plan", command, good=(0, 2)).retcode == 2)

    @property
    def outputs(self) -> Outputs:
        """The outputs as they stand in the state.

        Read from its file, which holds all that ``terraform output -json`` shows: Terraform takes a
        second to start where a machine is busy.
        """
        return Outputs(self._state_file().get("outputs", {}))

    @property
    def count(self) -> int:
        """How many managed instances stand in the state."""
        resources = self._state_file().get("resources", ())
        return sum(len(one["instances"]) for one in resources if one["mode"] == "managed")

    @property
    def state(self) -> State:
        """The state as it stands."""
        return State(self._show())

    def give(self, variables: Mapping[str, Any]) -> None:
        """Give it other variables, for the next command."""
        self.workspace.set_variables(variables)
        self.variables = dict(variables)
        self._learn_given()

    def fork(self, into: Path, environment: Mapping[str, str] | None = None) -> Stack:
        """A copy with the same state: plans in it disturb nobody.

        Args:
            environment: of the provider, where it shall work upon a copy of the AWS, too.
        """
        return Stack(
            self.workspace.fork(into),
            self.toolchain,
            self.environment if environment is None else environment,
            self.variables,
            display=self.display,
            pool=self.pool,
            redactor=self.redactor,
        )

    def drop(self) -> None:
        """Remove its copy, of which warm providers know nothing any more; nothing is destroyed."""
        if self.pool is not None:
            self.pool.forget(self.workspace.top)
        shutil.rmtree(self.workspace.top, ignore_errors=True)

    @property
    def _parallelism(self) -> str:
        return f"-parallelism={self.toolchain.parallelism}"

    def _show(self, *file: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self._run(["show", "-no-color", "-json", *file]).out)
        return shown

    def _state_file(self) -> dict[str, Any]:
        statefile.put_newest_in_place(self.workspace.folder)
        self._learn_secrets()
        state = self.workspace.state
        found: dict[str, Any] = json.loads(state.read_bytes()) if state.is_file() else {}
        return found

    def _attempts(self, command: str, before: OnTransient | None = None) -> Attempts:
        tell = self.display.tell if self.display else lambda _line: None
        return Attempts(command, self.name, self.toolchain.patience, before, tell)

    def _change(self, what: str, *options: str) -> Applied:
        progress = Progress(f"{what} {self.name}")
        full = [what, "-input=false", "-auto-approve", "-json", self._parallelism, *options]
        started = time.monotonic()
        with self._shown(progress) as on_line:
            answer = self._timed(what, full, on_line=on_line)
        events = list(messages(answer.out))
        self.resources += resource_times(events)
        counts = _summary(events)
        return Applied(
            counts.get("add", 0),
            counts.get("change", 0),
            counts.get("remove", 0),
            time.monotonic() - started,
        )

    def _shown(self, progress: Progress) -> AbstractContextManager[OnLine]:
        return self.display.showing(progress) if self.display else nullcontext(progress.read)

    def _timed(self, what: str, command: list[str], **options: Any) -> Any:
        started = time.monotonic()
        try:
            return self._run(command, **options)
        finally:
            self.spans.append(Span(what, started, time.monotonic()))

    def _run(self, command: list[str], **options: Any) -> Any:
        workspace = self.workspace
        statefile.put_newest_in_place(workspace.folder)
        environment = self._environment()
        with self._providers(command, environment) as where:
            runner = Terraform(
                self.toolchain.binary.path,
                workspace.folder,
                environment | where,
                workspace.log,
                self.toolchain.timeout,
                self._redact,
            )
            try:
                return runner.run(command, hurry=self.hurry, **options)
            except TerraformError as error:
                raise troubles.explained(error, workspace.folder) from error
            finally:
                self._learn_secrets()
                self._redact_providers_log()

    def _learn_secrets(self) -> None:
        """A failed apply, too, has made passwords."""
        self.redactor.learn(list(secrets.in_state(self.workspace.state)))

    def _redact(self, text: str) -> str:
        """The text without what is secret by now: it tells of a command that has just ended."""
        self._learn_secrets()
        return self.redactor.redact(text)

    def _redact_providers_log(self) -> None:
        """Providers write it themselves; it is rewritten only where a panic told a secret."""
        log = self.workspace.log.with_name(PROVIDERS_LOG)
        if log.is_file() and log.stat().st_size:
            text = log.read_text(errors="replace")
            redacted = self._redact(text)
            if redacted != text:
                log.write_text(redacted)

    def _providers(
        self, command: list[str], environment: dict[str, str]
    ) -> AbstractContextManager[dict[str, str]]:
        if self.pool is None:
            return nullcontext({})
        return self.pool.serving(command, self.workspace, environment)

    def _environment(self) -> dict[str, str]:
        own = self.toolchain.environment(self.workspace.log.parent)
        merged = own | dict(self.environment)
        return {name: value for name, value in merged.items() if value != ""}


def _is_initialised(folder: Path) -> bool:
    """Whether init has run, and what it installed is still there: mirrors are linked to."""
    chosen, installed = locked_providers(folder), provider_binaries(folder)
    return (folder / ".terraform").is_dir() and chosen.keys() == installed.keys()


def _temporary_folder(source: Path) -> Path:
    with disk.writing(f"A copy of {source}", Path(tempfile.gettempdir())):
        return Path(tempfile.mkdtemp(prefix=f"skyproof-{source.resolve().name}-"))


def _summary(events: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The last change summary of a ``-json`` stream: what was really done."""
    summaries = [m["changes"] for m in events if m.get("type") == "change_summary"]
    return dict(summaries[-1]) if summaries else {}
