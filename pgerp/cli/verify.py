"""pgerp verify: do files, catalog and books agree?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgerp.cli import App

if TYPE_CHECKING:
    from rich.console import Console

    from pgerp.drift import Drift
    from pgerp.sealreport import SealsReport
    from pgerp.verify import Report

HELP = """Check that files, catalog and books agree. Changes nothing in the database.

\b
checksums  every applied migration's file is there and as it was applied
drift      the catalog is what the applied migrations and the files make: they are applied to a
           scratch database on the same server (on the embedded one where none can be made), and
           the two catalogs are compared object by object
checks     every file in sql/checks finds no offender
seals      every entry that was sealed is in the journal as it was, and none was inserted among
           them; likewise the rows of the audit log, but for what was redacted or removed on record,
           which is told; with --seals FILE also the seals are those that pgerp seal --export wrote

What could not be checked counts as wrong; leave drift out with --no-drift,
seals with --no-seals (they read the whole journal and log). Pending files are no
fault. Partitions come and go with the data, so those that only one side has are listed apart.

\b
--json prints one object:
  state       "healthy" or "broken"
  database, server_version
  checksums   state ("ok", "problems"), applied (a number), problems (list of {kind, id, where,
              message, hint}), pending, repeatables_pending, removed_files ({key, objects})
  drift       state ("ok", "differences", "not checked", "not asked"), reason, built_on,
              differences (list of {kind, object, expected, actual}; kind: missing, extra,
              changed), partitions, not_compared (their files are pending), not_ours
  checks      list of {name, title, state, offenders, sample, reason};
              state: ok, offenders, not checked, not applicable; sample: the first rows
  seals       state ("ok", "offenders", "not checked", "not asked"), reason, file, tenants (list of
              {tenant, seals, entries, offenders, first}; first: the first 100 offenders, {kind,
              entry_id, seal_no, text}; kind: changed, deleted, inserted, duplicated, out of
              order (entries), altered, missing (seals), file)
  audit_seals the same of the audit log, with rows for entries and log_id for entry_id; taken: the
              last 100 redactions and all removals, {what, at, by, text}, which are no fault

Exit codes: 0 healthy, 2 something is wrong or could not be checked.
"""


@click.command(help=HELP)
@click.option("--no-drift", is_flag=True, help="Do not compare the catalog.")
@click.option("--all-schemas", is_flag=True, help="Schemas that no file makes are drift, too.")
@click.option(
    "--seals",
    "seals_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Compare with the seals in this file, which pgerp seal --export wrote.",
)
@click.option("--no-seals", is_flag=True, help="Do not verify journal and log against their seals.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(
    app: App,
    no_drift: bool,
    all_schemas: bool,
    seals_file: Path | None,
    no_seals: bool,
    as_json: bool,
) -> int:
    """Check files, catalog and books."""
    from pgerp.verify import verify

    if seals_file and no_seals:
        raise click.UsageError("--seals and --no-seals exclude each other.")
    with app.connect() as conn:
        report = verify(
            conn,
            app.connect,
            app.database_projects(),
            with_drift=not no_drift,
            all_schemas=all_schemas,
            with_seals=not no_seals,
            seals_file=seals_file,
        )
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        _print(report)
    return report.exit_code


def _print(report: Report) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    _print_checksums(console, report)
    if report.drift is not None:
        _print_drift(console, report.drift)
    _print_checks(console, report)
    for name, found in (("seals", report.seals), ("log seals", report.audit_seals)):
        if found is not None:
            _print_seals(console, name, found)
    console.print("healthy" if report.healthy else "something is wrong", style="bold")


def _say(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False)


def _print_checksums(console: Console, report: Report) -> None:
    found = report.survey
    for problem in found.state.problems:
        _say(console, f"{problem.where}: {problem.message}. {problem.hint}", "red")
    problems = len(found.state.problems)
    applied = len(found.state.applied)
    _say(
        console,
        f"checksums  {applied} applied migrations, "
        + (f"{problems} problems" if problems else "all as they were applied"),
    )
    pending = len(found.state.pending) + len(found.repeatables)
    if pending:
        _say(console, f"           {pending} files are pending: see pgerp plan", "yellow")
    for item in found.removed:
        _say(console, f"           {item}; drop it in a migration", "yellow")


def _print_drift(console: Console, found: Drift) -> None:
    from pgerp.drift import unified

    if found.reason:
        _say(console, f"drift      not checked: {found.reason}", "red")
        return
    for one in found.differences:
        _say(console, f"{one.kind:<8} {one.object}", "red")
        if one.kind == "changed":
            for line in unified(one).splitlines():
                _say(console, f"         {line}", {"-": "yellow", "+": "cyan"}.get(line[:1]))
    count = len(found.differences)
    _say(
        console,
        f"drift      {count or 'no'} difference{'' if count == 1 else 's'} from the schema that"
        f" the files make (built on {found.built_on})",
    )
    for title, names in (
        ("partitions of one side only", found.partitions),
        ("not compared, since their files are pending", found.not_compared),
        ("not ours", found.not_ours),
    ):
        if names:
            _say(console, f"           {title}: {', '.join(names)}", "dim")


def _print_checks(console: Console, report: Report) -> None:
    from rich.table import Table
    from rich.text import Text

    from pgerp.sqltext import display

    if not report.checks:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("checks")
    table.add_column("found", justify="right", no_wrap=True)
    for outcome in report.checks:
        wrong = outcome.state in ("offenders", "not checked")
        found = f"{outcome.offenders} offenders" if outcome.offenders else outcome.state
        table.add_row(Text(outcome.check.title), Text(found, style="red" if wrong else ""))
    console.print(table)
    for outcome in report.checks:
        if outcome.reason:
            _say(console, outcome.reason, "red")
        if outcome.offenders:
            first = f", the first {len(outcome.sample)}" if outcome.offenders > 1 else ""
            _say(
                console,
                f"{display(outcome.check.path)}: {outcome.offenders} offenders{first}:",
                "red",
            )
        for row in outcome.sample:
            values = zip(outcome.columns, row, strict=True)
            _say(console, "  " + ", ".join(f"{k}={v}" for k, v in values))


def _print_seals(console: Console, name: str, found: SealsReport) -> None:
    if found.reason:
        _say(console, f"{name:<11}not checked: {found.reason}", "red")
        return
    for tenant in found.tenants:
        for one in tenant.offenders:
            _say(console, f"{tenant.name}: {one.text}", "red")
        if tenant.count > len(tenant.offenders):
            _say(
                console, f"{tenant.name}: … and {tenant.count - len(tenant.offenders)} more", "red"
            )
    seals = sum(tenant.seals for tenant in found.tenants)
    leaves = sum(tenant.leaves for tenant in found.tenants)
    wrong = sum(tenant.count for tenant in found.tenants)
    against = f", compared with {found.file}" if found.file else ""
    _say(
        console,
        f"{name:<11}{leaves} {found.noun} in {seals} seals{against}: "
        + (f"{wrong} offenders" if wrong else "all as they were sealed"),
    )
    for tenant in found.tenants:
        for taken in tenant.taken:
            what = f"{taken.what} of {taken.at} by {taken.by}: {taken.text}"
            _say(console, f"           {tenant.name}: {what}", "yellow")
