"""pgerp baseline: take over a database that already has the schema."""

from __future__ import annotations

from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.patience import patience, settings
from pgerp.cli.progress import Lines
from pgerp.repair import baseline

HELP = """Mark migrations as applied without running them, in a database that has their schema
already and was never migrated by pgerp. Refused when the ledger has rows of these projects.

Run pgerp verify afterwards: it names every difference between the files and the database.

Exit codes: 0 done, 2 something is wrong.
"""


@click.command(help=HELP)
@click.option("--to", metavar="ID", help="The last migration that the database has.")
@click.option("--only", metavar="NAME", help="Only this project; the others are left alone.")
@patience
@click.pass_obj
def command(app: App, /, to: str | None, only: str | None, **options: Any) -> int:
    """Take over a database that already has the schema."""
    marked = baseline(
        app.connect,
        app.database_projects(),
        to=to,
        only=only,
        settings=settings(**options),
        progress=Lines("ran"),
    )
    for id in marked:
        click.echo(f"marked {id}")
    if not marked:
        click.echo("nothing to do")
    return 0
