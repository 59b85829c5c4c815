"""`pgerp seed`: reference data, and the demonstration's books."""

from __future__ import annotations

import click

from pgerp.cli import App
from pgerp.seeds import DEMO_BUSINESS, DEMO_TENANT, KINDS, import_demo, run_seeds
from pgerp.sqltext import display


@click.command(name="seed")
@click.argument("kind", metavar="[reference|demo]", type=click.Choice(KINDS), default=KINDS[0])
@click.pass_obj
def command(app: App, kind: str) -> None:
    """Load reference data (the default), or the demonstration's data as well.

    reference runs seeds/reference/**/*.sql of every project: what each database needs, such as
    the currencies of ISO 4217. demo does that, then runs seeds/demo/**/*.sql and imports the
    sample journal into tenant Demo, business MAIN.

    Each file is one transaction under its project's owner. Running it again changes nothing, or
    brings the rows up to date with the files.
    """
    from pgerp.cli.import_ import show_progress

    projects = app.database_projects()
    with app.connect() as connection:
        for each in KINDS[: KINDS.index(kind) + 1]:
            count = 0
            for seeded in run_seeds(connection, projects, each):
                count += 1
                rows = f"{seeded.rows} row{'s' if seeded.rows != 1 else ''} written"
                done = rows if seeded.rows else "already there: nothing changed"
                click.echo(f"{display(seeded.path)}: {done}")
            if not count and each == kind == "reference":
                click.echo("no project has a file in seeds/reference")
        if kind == "demo":
            with show_progress() as progress:
                result = import_demo(connection, projects, progress)
            for made in result.created:
                click.echo(f"created {made}")
            click.echo(
                f"sample journal in tenant {DEMO_TENANT}, business {DEMO_BUSINESS}: "
                f"{result.new} entries new, {result.existing} already there"
            )
