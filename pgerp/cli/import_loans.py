"""`pgerp import-loans`: a portfolio of loans from CSV files, reconciled with the old system."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgerp.cli import App
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN
from pgerp.session import open_tenant

if TYPE_CHECKING:
    from pgerp.portfolio.options import PortfolioResult
    from pgerp.portfolio.reconcile import Reconciliation

SHOWN = 50
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(name="import-loans")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False))
@click.option("--tenant", metavar="NAME", help="The tenant, by name [default: the only one].")
@click.option("--business", required=True, metavar="CODE", help="The business, by code.")
@click.option(
    "--as-of",
    metavar="DATE",
    type=DAY,
    help="The day at whose end the balances of the old system hold; loans are counted through it.",
)
@click.option(
    "--books-open-from",
    metavar="DATE",
    type=DAY,
    help="What happened before is booked on this day, without cash [default: as "
    "lending.settings has it].",
)
@click.option(
    "--keys",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The key file that encrypts the column phone; see pgerp encryption.",
)
@click.option(
    "--country", metavar="CC", help="Whose phone numbers may lack their country code, as KE."
)
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write all that was compared there as CSV: loan_no,kind,old,computed,difference.",
)
@click.option("--dry-run", is_flag=True, help="Do it all, compare, and take it back.")
@click.option(
    "--accept-differences",
    is_flag=True,
    help="Keep the import though balances differ; still exits 2.",
)
@click.pass_obj
def command(
    app: App,
    folder: Path,
    tenant: str | None,
    business: str,
    as_of: datetime | None,
    books_open_from: datetime | None,
    keys: Path | None,
    country: str | None,
    report: Path | None,
    dry_run: bool,
    accept_differences: bool,
) -> int:
    """Import a portfolio of loans that another system kept.

    FOLDER has three files, with a header that names their columns in any order; those in brackets
    may be left out or empty. Dates are YYYY-MM-DD, amounts plain decimals.

    \b
    customers.csv  customer_no, [given_name, family_name, organisation_name, display_name, kind,
                   email, birth_date, locale, phone, phone_encrypted, phone_hash]
    loans.csv      loan_no, customer_no, product, principal, rate, instalments, disbursed_on,
                   officer, approved_by, [applied_on, approved_on, first_due_on, method, reference,
                   fees_withheld, branch, purpose, old_principal, old_interest, old_fees,
                   old_penalties]
    payments.csv   loan_no, payment_no, paid_on, amount, method, [reference, prepayment]

    Customers are found by their number, or made. Each loan is applied for, approved in the name of
    approved_by and paid out as its product has it; officer is a user. Then the balances are
    compared with old_….

    It is all or nothing: if a line is wrong, or balances differ, everything is listed, nothing is
    imported, and the exit code is 2. Running it again imports what is new of the files.
    """
    from pgerp.cli.import_ import show_progress
    from pgerp.encryption import Keyring
    from pgerp.portfolio.load import import_portfolio
    from pgerp.portfolio.options import PortfolioOptions
    from pgerp.portfolio.reconcile import write_report

    options = PortfolioOptions(
        business,
        _day(as_of),
        _day(books_open_from),
        Keyring.load(keys, country=country) if keys else None,
        dry_run,
        accept_differences,
    )
    with app.connect() as connection, show_progress() as progress:
        result = import_portfolio(
            open_tenant(connection, tenant), folder, options, progress=progress
        )
    if report is not None and result.reconciliation.as_of is not None:
        write_report(result.reconciliation, report)
    for problem in result.problems[:SHOWN]:
        click.echo(f"{folder / problem.file}:{problem.line}: {problem.reason}", err=True)
    if len(result.problems) > SHOWN:
        click.echo(f"… and {len(result.problems) - SHOWN} more", err=True)
    _tell_differences(result.reconciliation, folder)
    _tell_result(result, dry_run)
    is_wrong = result.problems or result.reconciliation.differing
    return EXIT_BROKEN if is_wrong else EXIT_CLEAN


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _tell_differences(reconciliation: Reconciliation, folder: Path) -> None:
    """Print what differs, and the totals."""
    different = [row for row in reconciliation.rows if row.difference]
    for row in different[:SHOWN]:
        where = f"{folder / 'loans.csv'}:{row.line}: loan {row.loan_no}, {row.kind}"
        click.echo(
            f"{where}: {row.computed:f} computed, {row.old:f} in the old system,"
            f" difference {row.difference:+f}",
            err=True,
        )
    if len(different) > SHOWN:
        click.echo(f"… and {len(different) - SHOWN} more; --report FILE writes all", err=True)
    for row in reconciliation.totals():
        click.echo(
            f"{row.kind}: {row.computed:f} computed, {row.old:f} in the old system,"
            f" difference {row.difference:+f}"
        )
    if reconciliation.as_of is not None:
        click.echo(
            f"{reconciliation.loans} loans compared as of {reconciliation.as_of},"
            f" {reconciliation.differing} differ"
        )


def _tell_result(result: PortfolioResult, dry_run: bool) -> None:
    """Print what was done, or why nothing was."""
    made = ", ".join(
        f"{result.new[kind]} {kind} new and {result.existing[kind]} there already"
        for kind in result.new
    )
    if result.problems:
        click.echo(f"{len(result.problems)} problems; nothing was imported")
    elif result.is_kept:
        click.echo(made)
    elif dry_run:
        click.echo(f"{made}; taken back, since it was a dry run")
    else:
        click.echo("balances differ; nothing was imported")
