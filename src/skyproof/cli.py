"""The command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

import skyproof
from skyproof.errors import ExitCode, SkyproofError


class _Group(click.Group):
    """Ends every SkyproofError in one clear message and its exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SkyproofError as error:
            click.echo(f"skyproof: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("skyproof: interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(skyproof.__version__)
def main() -> None:
    """Prove Terraform: apply a stack to an AWS that is always there, and leave nothing behind."""


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help='Written as {"endpoint": ..., "pid": ...} once it answers.',
)
@click.option("--exit-with-stdin", is_flag=True, help="Stop at the end of standard input.")
@click.option(
    "--strict",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Judge callers, throttle, fail and lag as a real account may, as FILE says.",
)
def emulator(
    port: int, ready_file: Path | None, exit_with_stdin: bool, strict: Path | None
) -> None:
    """Run the emulated AWS alone, in the foreground, on loopback."""
    from skyproof.emulator import run

    sys.exit(run(port, ready_file, exit_with_stdin=exit_with_stdin, strict=strict))


@main.command()
@click.argument("document", type=click.Path(path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), required=True, help="The folder to fill.")
@click.option("--allow-unnamed", is_flag=True, help="Leave out blocks that name no file.")
@click.option("--force", is_flag=True, help="Overwrite files whose content differs.")
def extract(document: Path, into: Path, allow_unnamed: bool, force: bool) -> None:
    """Write every fenced block of DOCUMENT that names its file into a folder, or none of them."""
    from skyproof.extract import extract as write
    from skyproof.extract import read_blocks

    for file in write(document, into, allow_unnamed=allow_unnamed, force=force):
        click.echo(str(file))
    for block in read_blocks(document):
        if block.name is None:
            click.echo(f"{document}:{block.line}: left out, it names no file", err=True)


@main.command()
@click.option("--region", "regions", multiple=True, help="Where to look; may be given again.")
@click.option("--run", "run_id", help="Only what this run left.")
@click.option("--delete", is_flag=True, help="Remove it; without, it is only shown.")
def sweep(regions: tuple[str, ...], run_id: str | None, delete: bool) -> None:
    """Show, or remove, what expired runs left in the account of the configured backend."""
    from rich.console import Console

    from skyproof import run
    from skyproof.backends import create
    from skyproof.backends.guard import require_allowed
    from skyproof.lifecycle.sweep import find
    from skyproof.settings import resolve

    settings = resolve()
    if settings.backend == "embedded":
        click.echo("Nothing to sweep: the embedded backend ends with its run, and all in it.")
        return
    backend = create(settings, run.begin(settings.time_to_live, settings.owner))
    backend.start()
    try:
        if not backend.is_local:
            require_allowed(backend.account, settings)
        found = find(backend.client, backend.account, regions or [backend.region], run_id=run_id)
        if len(found):
            Console().print(found.table())
        if not delete or not len(found):
            click.echo(found.summary())
            return
        click.echo(f"Removing {len(found)}; where AWS takes its time, this does too.")
        removed = found.delete(backend.client)
    finally:
        backend.stop()
    for one in removed.failed:
        click.echo(f"not removed: {one}", err=True)
    click.echo(f"{len(removed.done)} removed, {len(removed.failed)} not.")
    if removed.failed:
        sys.exit(ExitCode.FAILED)


@main.command()
def doctor() -> None:
    """Say what is found and what is missing."""
    from skyproof.doctor import look
    from skyproof.settings import resolve

    is_anything_missing = False
    for finding in look(resolve()):
        click.echo(str(finding))
        is_anything_missing |= finding.is_missing
    if is_anything_missing:
        sys.exit(ExitCode.ENVIRONMENT)


@main.group()
def localstack() -> None:
    """LocalStack without Docker, for --skyproof-backend=localstack."""


@localstack.command("install")
def localstack_install() -> None:
    """Install LocalStack from PyPI into a virtual environment of its own (510 MB)."""
    from skyproof.backends.localstack.install import folder, install

    click.echo(str(install(folder())))


@main.command()
@click.argument("endpoint")
@click.option("--write", is_flag=True, help="Also make things, and delete them again.")
@click.option("--service", multiple=True, help="Only this service's checks; may be repeated.")
@click.option("--against", metavar="ENDPOINT", help="Another one, to be compared call by call.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="All of it.")
def probe(
    endpoint: str, write: bool, service: tuple[str, ...], against: str | None, file: Path | None
) -> None:
    """Check what the emulated AWS at ENDPOINT can do, and print a table.

    It ends with 0 whatever the table says, but for things that could not be deleted again (1) and
    for an endpoint where nobody answers (3).
    """
    from skyproof import probe as probing
    from skyproof.console import console
    from skyproof.probe import printing

    checks = probing.chosen(write=write, services=service)
    urls = [url.rstrip("/") for url in (endpoint, against) if url is not None]
    for url in urls:
        probing.require_emulator(url)
        probing.require_answer(url)
    out = console()
    here, *others = (printing.watched(out, url, checks) for url in urls)
    out.print(printing.table(here))
    out.print(printing.total(here))
    found = [one for there in others for one in probing.differences(here, there)]
    if found:
        out.print(printing.table_of(found, *urls))
    if others:
        out.print(printing.total_of(found, *urls))
    if file is not None:
        printing.write(file, urls[0], here, found)
    if any("left behind" in one.detail for all_of_one in (here, *others) for one in all_of_one):
        sys.exit(ExitCode.FAILED)


@main.command()
@click.option("--parity", is_flag=True, help="On which backends each test holds.")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("tests/integration/parity"))
def report(parity: bool, folder: Path) -> None:
    """Print what recorded runs found, from FOLDER.

    It ends with 0 whatever was found: a run itself says whether its tests passed.
    """
    from skyproof.console import console
    from skyproof.parity.records import read
    from skyproof.parity.table import table, total

    if not parity:
        raise click.UsageError("say what to report: --parity")
    records, out = read(folder), console()
    out.print(table(records))
    out.print(total(records))


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--var", "given", multiple=True, metavar="NAME=JSON", help="A variable of the stack.")
@click.option(
    "--var-file",
    "files",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A JSON object of variables; --var is stronger.",
)
@click.option(
    "--for", "idle", default="8h", metavar="TIME", help="End it after so long of idleness: 90m, 8h."
)
@click.option("--open", "is_open", is_flag=True, help="Let its clock run, and anybody write to it.")
def up(
    path: Path, given: tuple[str, ...], files: tuple[Path, ...], idle: str, is_open: bool
) -> None:
    """Apply the stack in PATH on the embedded backend and let it stand, for tests to reuse.

    Once more, it applies what has changed since.
    """
    from skyproof.readers import length_of_time
    from skyproof.settings import resolve
    from skyproof.standing.record import described, place_of
    from skyproof.standing.up import Up
    from skyproof.standing.variables import variables_of
    from skyproof.terraform.progress import Display

    settings = resolve({"backend": "embedded"})
    seconds = int(length_of_time(idle, "--for").total_seconds())
    Up(settings, Display(), seconds, is_open).stand(path, variables_of(given, files))
    click.echo("\n".join(described(place_of(settings.home, path))))


@main.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--all", "everything", is_flag=True, help="All that stands.")
def down(path: Path | None, everything: bool) -> None:
    """End what stands of the stack in PATH."""
    from skyproof.settings import resolve
    from skyproof.standing.up import down as end

    if (path is None) != everything:
        raise click.UsageError("Name the stack's folder, or say --all.")
    ended = end(resolve().home, path)
    for place in ended:
        click.echo(f"ended: {place.path}")
    if not ended:
        click.echo("nothing stands")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run pytest with ARGUMENTS; stacks that `skyproof up` let stand are reused."""
    from skyproof.standing import bytecode

    # In our place: Ctrl-C is pytest's, and it rewrites the plugin's assertions before they load.
    command = [sys.executable, "-m", "pytest", "--skyproof-reuse=yes", *arguments]
    os.execve(sys.executable, command, bytecode.kept(os.environ))  # noqa: S606 (no shell)


@main.command()
def status() -> None:
    """List what stands, and the runs of which something may be left, with their stacks."""
    from skyproof.lifecycle import runs
    from skyproof.settings import resolve
    from skyproof.standing.record import all_places, described

    home = resolve().home
    told = [described(place) for place in all_places(home)]
    told += [runs.described(folder) for folder in runs.all_runs(home)]
    click.echo("\n".join(line for lines in told for line in lines) or "nothing is open")


@main.command()
@click.option("--run", "run_id", help="Only this run: its id, its suffix, or how its id begins.")
@click.option("--older-than", metavar="TIME", help="Only runs that began longer ago: 90m, 2h, 1d.")
@click.option("--kept-too", is_flag=True, help="Also stacks that a run was asked to keep.")
def reap(run_id: str | None, older_than: str | None, kept_too: bool) -> None:
    """Finish runs whose process is gone: destroy what they made, and prove that it is gone."""
    from datetime import UTC, datetime

    from skyproof.lifecycle import reaper, runs
    from skyproof.readers import length_of_time
    from skyproof.settings import resolve

    home = resolve().home
    if run_id is not None:
        wanted = [runs.run_folder(home, run_id)]
    else:
        wanted = [folder for folder in runs.all_runs(home) if not folder.is_held]
    if older_than is not None:
        latest = datetime.now(UTC) - length_of_time(older_than, "--older-than")
        wanted = [folder for folder in wanted if folder.story().run.begun <= latest]
    if not wanted:
        click.echo("nothing to finish")
    codes = [reaper.in_its_own_environment(folder, kept_too=kept_too) for folder in wanted]
    sys.exit(max(codes, default=ExitCode.OK))
