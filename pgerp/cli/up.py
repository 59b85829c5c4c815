"""pgerp up: apply everything that is pending."""

from __future__ import annotations

from typing import Any

import click

from pgerp.cli import App
from pgerp.cli.patience import patience, settings
from pgerp.cli.progress import Lines
from pgerp.runner import UpResult, up

HELP = """Apply what is pending: roles, then migrations, then functions, views, triggers,
policies and grants.

Each migration is one transaction together with its row in the ledger; the functions, views and
so on that changed are one more. Killed at any moment, the next up goes on. Only one runner works
on a database at a time. A file that cannot get its locks within --lock-timeout is rolled back
and tried again, so that nobody waits behind it.

Exit codes: 0 done or nothing to do, 2 something is wrong, 130 or 143 stopped by a signal.
"""


@click.command(help=HELP)
@click.option("--to", metavar="ID", help="Stop after this migration.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--verify", "verify_after", is_flag=True, help="Run pgerp verify afterwards.")
@click.option(
    "--modules",
    metavar="NAME,…",
    help="A new database: make only these modules and what all need. Later: add these.",
)
@patience
@click.pass_context
def command(
    ctx: click.Context,
    /,
    to: str | None,
    dry_run: bool,
    verify_after: bool,
    modules: str | None,
    **options: Any,
) -> int:
    """Apply everything that is pending."""
    app: App = ctx.obj
    projects = app.database_projects(modules.split(",") if modules else None)
    if dry_run:
        from pgerp.cli.plan import print_steps
        from pgerp.survey import survey

        with app.connect() as conn:
            print_steps(survey(conn, projects, to=to))
        return 0
    lines = Lines("applied")
    with lines.interruptible():
        result = up(app.connect, projects, to=to, settings=settings(**options), progress=lines)
    _report(result)
    if not verify_after:
        return 0
    from pgerp.cli.verify import command as verify

    code = ctx.invoke(verify)
    return code if isinstance(code, int) else 0


def _report(result: UpResult) -> None:
    for id in result.not_applicable:
        click.echo(f"not applicable {id} (a schema that it links is not in this database)")
    for item in result.repeatables.removed:
        click.echo(f"note: {item}; drop it in a migration", err=True)
    for key, reason in result.repeatables.skipped.items():
        click.echo(f"skipped {key}: {reason}")
    if result.nothing:
        click.echo("nothing to do")
