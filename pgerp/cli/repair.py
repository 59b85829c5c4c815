"""pgerp repair: accept how things are, with a reason that stays on record."""

from __future__ import annotations

from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.patience import patience, settings
from pgerp.cli.progress import Lines
from pgerp.repair import repair

HELP = """Accept what status calls an error, for all migrations concerned or for the given IDs.

\b
An edited file counts as applied with its present text; nothing is run.
A deleted file is forgotten; what it made stays.
A late file is let in: the next up applies it.
An interrupted statement is run again by the next up; with --as-applied it counts as complete.
With --reapply the next up makes every role, function, view, trigger, policy and grant as its file
says: for what verify or roles show changed because somebody changed it by hand.

Each repair is written to pgerp.history with the reason, the role and the time.

Exit codes: 0 done or nothing to do, 2 something is wrong.
"""


@click.command(help=HELP)
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept for ever.")
@click.option("--as-applied", is_flag=True, help="Interrupted statements are complete.")
@click.option("--reapply", is_flag=True, help="Apply all roles, functions, views and so on again.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@patience
@click.pass_obj
def command(
    app: App,
    /,
    ids: tuple[str, ...],
    reason: str,
    as_applied: bool,
    reapply: bool,
    dry_run: bool,
    **options: Any,
) -> int:
    """Accept how things are."""
    done = repair(
        app.connect,
        app.database_projects(),
        reason,
        ids,
        as_applied=as_applied,
        reapply=reapply,
        dry_run=dry_run,
        settings=settings(**options),
        progress=Lines("repaired"),
    )
    for item in done:
        click.echo(f"{'would ' if dry_run else ''}{item.action} {item.id}: {item.text}")
    if not done:
        click.echo("nothing to repair")
    return 0
