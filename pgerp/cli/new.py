"""pgerp new: the two files of a new migration."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pgerp.cli import App
from pgerp.errors import PgerpError
from pgerp.newmigration import create_files
from pgerp.project import Project
from pgerp.sqltext import display

HELP = """Make the files of a new migration: its SQL and the rollback.

MODULE is the schema (or "links" for foreign keys between modules), WHAT says in a few words what
it does: both in lower-case letters, digits and _. The name begins with the present time in UTC.

Exit codes: 0 done, 2 something is wrong.
"""


@click.command(help=HELP)
@click.argument("module")
@click.argument("what")
@click.option(
    "--in",
    "project_name",
    metavar="NAME",
    help="The project; by default the last one given with --project DIR, else pgerp itself.",
)
@click.option("--links", metavar="SCHEMAS", help='For MODULE links: the schemas, "a b".')
@click.pass_obj
def command(app: App, module: str, what: str, project_name: str | None, links: str | None) -> int:
    """Make the files of a new migration."""
    project = _choose(app.projects(), project_name)
    for path in create_files(project, module, what, datetime.now(UTC), links=links):
        click.echo(f"made {display(path)}")
    return 0


def _choose(projects: list[Project], name: str | None) -> Project:
    if name is None:
        return projects[-1]
    for project in projects:
        if project.name == name:
            return project
    names = ", ".join(project.name for project in projects)
    raise PgerpError(f"there is no project {name}", hint=f"Choose one of {names}.")
