"""`pgerp export`: the journal for other programs."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

import click

from pgerp.cli import App
from pgerp.errors import EXIT_CLEAN
from pgerp.exporter import FORMATS, ExportOptions, export, replacing
from pgerp.session import require_ledger

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command(name="export")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), required=True, help="For which program."
)
@click.option("--tenant", metavar="NAME", help="The tenant [default: the only one there is].")
@click.option("--business", metavar="CODE", help="One business [default: all of them].")
@click.option("--from", "start", metavar="DATE", type=_DATE, help="First day, YYYY-MM-DD.")
@click.option("--to", "end", metavar="DATE", type=_DATE, help="Last day.")
@click.option(
    "--closing/--no-closing",
    default=True,
    show_default=True,
    help="With the entries that close a year to equity.",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write there, whole or not at all [default: standard output].",
)
@click.pass_obj
def command(
    app: App,
    form: str,
    tenant: str | None,
    business: str | None,
    start: datetime | None,
    end: datetime | None,
    closing: bool,
    output: Path | None,
) -> int:
    """Write every posted entry, by date and number.

    hledger and beancount get accounts such as Assets:1110-Till, currencies as commodities, and
    lines in another currency with what they were worth (@@): the balances that they compute are
    those of pgerp report, with hledger -B, or the weights of beancount, where there are other
    currencies. What belongs to an entry or line besides is in tags and metadata. Entries of
    adjusting and closing periods are tagged so.

    csv is what pgerp import reads: amounts in the functional currency, one business at a time.
    Imported, closing entries are like any others: leave them out for the same income statement.

    With --from the file holds what moved since, not the balances before.

    Exit codes: 0 done, 2 something is wrong.
    """
    options = ExportOptions(form, tenant, business, _day(start), _day(end), closing)
    with app.connect() as connection:
        require_ledger(connection)
        if output is None:
            export(connection, options, sys.stdout)
        else:
            with replacing(output) as out:
                count = export(connection, options, out)
            click.echo(f"{output}: {count} entries", err=True)
    return EXIT_CLEAN


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
