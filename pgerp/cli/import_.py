"""`pgerp import`: a journal from a CSV file into the books."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pgerp.cli import App
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN
from pgerp.importer import DEFAULT_BATCH, ImportOptions, ImportResult, Progress, import_file

MOST_JOBS = 4


@click.command(name="import")
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path))
@click.option("--tenant", required=True, metavar="NAME", help="The tenant, by name.")
@click.option("--business", required=True, metavar="CODE", help="The business, by code.")
@click.option(
    "--create",
    is_flag=True,
    help="Make what is missing: tenant, business (in the file's currency), calendar years as "
    "fiscal years, accounts; a code like Assets:Bank makes Assets as a header account.",
)
@click.option(
    "--skip-bad",
    is_flag=True,
    help="Import the good entries of a file that has bad ones; still exits 2.",
)
@click.option(
    "--batch",
    default=DEFAULT_BATCH,
    show_default=True,
    metavar="N",
    type=click.IntRange(min=1),
    help="Lines per transaction; an entry is never split.",
)
@click.option(
    "--jobs",
    default=lambda: min(MOST_JOBS, os.cpu_count() or 1),
    show_default=f"cores of this machine, {MOST_JOBS} at most",
    metavar="N",
    type=click.IntRange(min=1, max=64),
    help="Transactions at a time, each on a connection of its own; one where the file posts to an "
    "account with a limit or a budget, since the order matters then.",
)
@click.option(
    "--source",
    metavar="NAME",
    help="What names this file's entries in the books [default: the file's name without suffix].",
)
@click.option(
    "--errors-to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write every problem there as CSV: line,entry,reason.",
)
@click.pass_obj
def command(
    app: App,
    file: Path,
    tenant: str,
    business: str,
    create: bool,
    skip_bad: bool,
    batch: int,
    jobs: int,
    source: str | None,
    errors_to: Path | None,
) -> int:
    """Import a journal.

    The header names the columns entry, date, description, account, type, amount and currency, in
    any order. Lines with one entry number follow each other, have one date, and their amounts
    (debit > 0, credit < 0, at most 4 decimals, no separators) sum to zero. Dates are YYYY-MM-DD;
    type is ASSET, LIABILITY, EQUITY, REVENUE or EXPENSE; the currency is that of the business.

    The whole file is checked first. If anything is wrong, every problem is listed with its line,
    nothing is imported, and the exit code is 2.

    Each entry is imported once: the books remember it as SOURCE and entry number. Running the
    same command again changes nothing, or completes a run that was interrupted. Batches that are
    posted at a time get their entry numbers interleaved. A file of
    another month under the same name with the same numbers needs another --source.
    """
    options = ImportOptions(tenant, business, create, skip_bad, batch, source, jobs)
    with app.connect() as connection, show_progress() as progress:
        result = import_file(
            connection,
            file,
            options,
            progress=progress,
            errors_to=errors_to,
            connect=app.connect,
        )
    _tell(result, file, errors_to)
    return EXIT_BROKEN if result.problem_count else EXIT_CLEAN


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Yield a reporter that draws a bar on a terminal and is silent elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, int] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type]

        yield report


def _tell(result: ImportResult, file: Path, errors_to: Path | None) -> None:
    """Print what was done to standard output, the problems to standard error."""
    for problem in result.problems:
        click.echo(f"{file}:{problem.line}: {problem.reason}", err=True)
    more = result.problem_count - len(result.problems)
    if more:
        remedy = "" if errors_to else "; --errors-to FILE writes them all"
        click.echo(f"… and {more} more{remedy}", err=True)
    if errors_to:
        click.echo(f"{result.problem_count} problems written to {errors_to}", err=True)
    for made in result.created:
        click.echo(f"created {made}")
    read = f"{file.name}: {result.entries} entries, {result.lines} lines read"
    done = f"{result.new} new, {result.existing} already there"
    if not result.problem_count:
        click.echo(f"{read}; {done}.")
    elif result.new or result.existing:
        click.echo(f"{read}; {done}, {result.left_out} left out.")
    else:
        click.echo(f"{read}; {result.left_out} have problems, nothing was imported.")
