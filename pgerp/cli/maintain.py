"""pgerp maintain: what has to be done to a ledger regularly."""

from __future__ import annotations

from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.patience import patience, settings
from pgerp.cli.progress import Lines
from pgerp.maintain import maintain

HELP = """Do what has to be done regularly; once a day is enough, more often does no harm.

\b
partitions  of the journal for this year and the next ones, with the rows that came before theirs
audit log   partitions of this year and the next ones; years older than seven are removed, unless
            a legal hold keeps them (where the database has the log)
holds       that have expired are given up (where the database has holds)
balances    of periods that are over become one row each, so that statements read less
dashboards  are refreshed (where the database has them)

Others wait for it for an instant only: what cannot get its locks within --lock-timeout is tried
again. Needs a member of pgerp_migrator.

Exit codes: 0 done or nothing to do, 2 something is wrong, 130 or 143 stopped by a signal.
"""


@click.command(help=HELP)
@click.option(
    "--years-ahead",
    type=click.IntRange(0, 50),
    default=2,
    show_default=True,
    metavar="N",
    help="For how many years after this one there are to be partitions.",
)
@patience
@click.pass_obj
def command(app: App, /, years_ahead: int, **options: Any) -> int:
    """Do what has to be done regularly."""
    lines = Lines("done")
    with lines.interruptible():
        maintain(
            app.connect,
            years_ahead=years_ahead,
            settings=settings(**options),
            say=click.echo,
            wait=lines.note,
        )
    return 0
