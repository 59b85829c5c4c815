"""pgerp status: what is applied, what is pending, what is wrong."""

from __future__ import annotations

import json

import click

from pgerp.cli import App
from pgerp.survey import Survey, survey

HELP = """Show what is applied and what is pending. Changes nothing, takes no locks, needs no more
than SELECT on the schema pgerp, and works on a standby and on a database without the ledger.

\b
--json prints one object:
  state                   "clean", "pending" or "broken"
  database, server_version
  standby                 whether the server is one
  initialised             whether the runner's tables are there
  projects                names
  applied                 list of {id, state, applied_at, applied_by, duration_ms};
                          state: applied, or baseline (taken as applied)
  pending                 ids, in the order in which up would apply them
  interrupted             ids that an earlier run began and did not end
  not_applicable          links files of which a schema is not in this database
  roles_pending           projects whose sql/roles.sql would be run
  repeatables_pending     files of functions, views, … that would be applied
  removed_files           list of {key, objects}: gone, but what they made is there
  problems                list of {kind, id, where, message, hint};
                          kind: edited, deleted, late, interrupted
  other_projects_applied  number of migrations of projects that were not given

Exit codes: 0 nothing to do, 1 work is pending, 2 something is wrong.
"""


@click.command(help=HELP)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(app: App, as_json: bool) -> int:
    """Show what is applied and what is pending."""
    with app.connect() as conn:
        found = survey(conn, app.database_projects())
    if as_json:
        click.echo(json.dumps(found.status_json(), indent=2, ensure_ascii=False))
    else:
        _print(found)
    return found.exit_code


def _print(found: Survey) -> None:
    state = found.state
    standby = ", a standby" if found.standby else ""
    click.echo(f"database {found.database} (PostgreSQL {found.server_version}{standby})")
    last = f", the last one {state.applied[-1].id}" if state.applied else ""
    click.echo(f"{len(state.applied)} applied{last}")
    if state.others:
        click.echo(f"{state.others} applied of other projects (see --project)")
    for project in found.roles:
        click.echo(f"pending roles of {project.name}")
    for migration in state.pending:
        begun = " (begun by an earlier run)" if migration.id in state.resumed else ""
        click.echo(f"pending {migration.id}{begun}")
    for file, reason in found.repeatables:
        click.echo(f"pending {file.key} ({reason})")
    for migration in state.not_applicable:
        click.echo(f"not applicable {migration.id} (it links {', '.join(migration.links)})")
    for item in found.removed:
        click.echo(f"note: {item}; drop it in a migration")
    for problem in state.problems:
        click.echo(f"error: {problem.where}: {problem.message}. {problem.hint}", err=True)
    click.echo(found.summary)
