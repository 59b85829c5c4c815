"""pgerp plan: what up would do, and with --rehearse what that would do to the database."""

from __future__ import annotations

import json

import click

from pgerp.cli import App
from pgerp.errors import EXIT_BROKEN
from pgerp.survey import Survey, survey

HELP = """Show what up would do, in order, and why. Changes nothing, takes no locks.

With --rehearse the pending files are applied to a copy of the database's schema, without rows,
on an embedded server of its own; each statement's locks, table rewrites, scans and duration
are reported, with squawk's findings beside them.

\b
--json prints one object:
  state           "clean", "pending" or "broken"
  database        name of the database
  steps           list of {action, name, path, reason, transactional};
                  action: roles, migrate, function, view, trigger, policy, grant;
                  reason: new, changed, interrupted, missing, always
  not_applicable  links files of which a schema is not in this database
  problems        list of {kind, id, where, message, hint};
                  kind: edited, deleted, late, interrupted
  rehearsal       with --rehearse: {target_version, copy_version, source, notes, failed,
                  files: list of {id, path, kind, transactional, error, statements}, not_run};
                  a statement: {line, text, duration_ms, locks, work, creates, findings, skipped}

Exit codes: 0 nothing to do, 1 work is pending, 2 something is wrong.
"""


@click.command(help=HELP)
@click.option("--to", metavar="ID", help="Stop after this migration.")
@click.option("--rehearse", "with_rehearsal", is_flag=True, help="Try it on a scratch copy.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(app: App, to: str | None, with_rehearsal: bool, as_json: bool) -> int:
    """Show what up would do."""
    projects = app.database_projects()
    with app.connect() as conn:
        found = survey(conn, projects, to=to)
        report = None
        if with_rehearsal and found.steps() and not found.state.problems:
            from pgerp.rehearse import rehearse

            report = rehearse(conn, found.state.pending, projects)
    if as_json:
        document = found.plan_json()
        if report is not None:
            document["rehearsal"] = report.as_json()
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print_steps(found)
        if report is not None:
            click.echo(report.render())
    return EXIT_BROKEN if report is not None and report.failed else found.exit_code


def print_steps(found: Survey) -> None:
    """Print a plan for people, problems first."""
    for problem in found.state.problems:
        click.echo(f"error: {problem.where}: {problem.message}. {problem.hint}", err=True)
    steps = found.steps()
    for step in steps:
        alone = "" if step["transactional"] else ", outside a transaction"
        click.echo(f"{step['action']:<8} {step['name']} ({step['reason']}{alone})")
    for migration in found.state.not_applicable:
        click.echo(f"skip     {migration.id} (it links {', '.join(migration.links)})")
    if not steps and found.exit_code != EXIT_BROKEN:
        click.echo("nothing to do")
