"""pgerp archive: move closed, sealed years out of the live journal, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.patience import patience, settings
from pgerp.cli.progress import Lines
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN, PgerpError
from pgerp.maintain import archive, plan_archive, restore

HELP = """Move the years that ended before a date from the journal to schema ledger_archive.

A year is that in which entries were made. It qualifies when, for every tenant, its entries are
older than the retention (7 years, or as ledger.retention_rules says), their fiscal years are
closed, every posted one is sealed and none is a draft. All years move, or none. Balances and
statements stay as they are, for any date; the rows can still be read, and never be changed.

--dry-run shows the years and what stands in their way. --restore takes one back.

Exit codes: 0 done or nothing to do, 2 something is wrong or stands in the way, 130 or 143 stopped
by a signal.
"""


@click.command(help=HELP)
@click.option(
    "--before",
    metavar="DATE",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Archive the years that ended before this day, YYYY-MM-DD.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be archived, or why not.")
@click.option("--restore", "year", type=int, metavar="YEAR", help="Take an archived year back.")
@patience
@click.pass_obj
def command(
    app: App, /, before: datetime | None, dry_run: bool, year: int | None, **options: Any
) -> int:
    """Archive the years before a date, or take one back."""
    if (before is None) == (year is None):
        raise PgerpError("either --before or --restore is needed", hint="Give one of them.")
    if before is not None and dry_run:
        return _show(app, before)
    lines = Lines("done")
    patient = settings(**options)
    with lines.interruptible():
        if year is not None:
            restore(app.connect, year, settings=patient, wait=lines.note)
            click.echo(f"{year}: back in the journal")
            return EXIT_CLEAN
        assert before is not None
        moved = archive(app.connect, before.date(), settings=patient, wait=lines.note)
    for each, entries in moved:
        click.echo(f"{each}: {entries} entries archived")
    if not moved:
        click.echo("nothing to archive")
    return EXIT_CLEAN


def _show(app: App, before: datetime) -> int:
    with app.connect() as conn:
        found = plan_archive(conn, before.date())
    for one in found:
        verdict = f"{one.problem} ({one.sqlstate})" if one.sqlstate else "can be archived"
        click.echo(f"{one.year} {one.tenant}: {one.entries} entries, {verdict}")
    if not found:
        click.echo("nothing to archive")
    return EXIT_BROKEN if any(one.sqlstate for one in found) else EXIT_CLEAN
