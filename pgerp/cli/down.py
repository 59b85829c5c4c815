"""pgerp down: take the last migrations back."""

from __future__ import annotations

from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.confirm import confirm
from pgerp.cli.patience import patience, settings
from pgerp.cli.progress import Lines
from pgerp.down import down, plan_down
from pgerp.errors import PgerpError

HELP = """Take the last migration back by its rollback file; more of them with --steps or --to.

What would be run is shown first, and asked about unless --yes is given. Functions, views,
triggers and policies are dropped before and made again after, as far as what remains carries
them. Data in dropped tables and columns are lost: back up first.

Exit codes: 0 done or nothing to do, 2 something is wrong, 130 or 143 stopped by a signal.
"""


@click.command(help=HELP)
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="How many. [default: 1]")
@click.option("--to", metavar="ID", help="The last migration to keep.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@patience
@click.pass_obj
def command(
    app: App, /, steps: int | None, to: str | None, everything: bool, yes: bool, **options: Any
) -> int:
    """Take the last migrations back."""
    if sum((steps is not None, to is not None, everything)) > 1:
        raise PgerpError("--steps, --to and --all exclude each other", hint="Give one of them.")
    projects = app.database_projects()
    with app.connect() as conn:
        count = None if everything else steps or 1
        plan = plan_down(conn, projects, steps=count, to=to)
    if not plan:
        click.echo("nothing to do")
        return 0
    for step in plan:
        click.echo(f"-- takes back {step.migration.id}:\n{step.sql.strip()}\n")
    if not yes:
        confirm(f"Take back {len(plan)} migration{'s' if len(plan) > 1 else ''}?")
    lines = Lines("taken back")
    with lines.interruptible():
        result = down(app.connect, projects, plan, settings=settings(**options), progress=lines)
    if result.skipped:
        click.echo(f"{len(result.skipped)} functions, views, … went with what they stand on")
    return 0
