"""`pgerp report`: statements as tables, CSV or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from pgerp.cli import App
from pgerp.errors import EXIT_BROKEN, EXIT_CLEAN
from pgerp.report import KINDS, SECTIONS, Span, Statement, Value, statements
from pgerp.reportlists import LISTS, OF_LOANS, WORDS, listing
from pgerp.session import open_tenant, require_ledger, require_lending

if TYPE_CHECKING:
    from rich.table import Table

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_WIDTH_OF_A_PIPE = 200


@click.command(name="report")
@click.argument("kind", metavar="STATEMENT", type=click.Choice([*KINDS, *LISTS]))
@click.option("--tenant", metavar="NAME", help="The tenant [default: the only one there is].")
@click.option(
    "--business", metavar="CODE", help="One business [default: all of them, consolidated]."
)
@click.option("--as-of", metavar="DATE", type=_DATE, help="The day of a balance, included.")
@click.option(
    "--from", "start", metavar="DATE", type=_DATE, help="First day of an income statement."
)
@click.option("--to", "end", metavar="DATE", type=_DATE, help="Last day of an income statement.")
@click.option(
    "--year", type=click.IntRange(1, 9999), help="A calendar year, or for a balance its last day."
)
@click.option("--by-year", is_flag=True, help="One statement for each calendar year with postings.")
@click.option("--account", metavar="CODE", help="The account of a ledger or statement.")
@click.option("--counterparty", metavar="CODE", help="Only its lines of an account statement.")
@click.option(
    "--method",
    type=click.Choice(["indirect", "direct"]),
    help="Of cash flows [default: indirect].",
)
@click.option(
    "--by",
    type=click.Choice(["product", "branch", "officer", "group"]),
    help="Of a portfolio [default: product].",
)
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(0),
    help="Of par: more than so many days late [default: 1, 30, 60, 90 and 180].",
)
@click.option("--compare-from", "compare_start", metavar="DATE", type=_DATE, help="Compared with.")
@click.option("--compare-to", "compare_end", metavar="DATE", type=_DATE, help="Compared with.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How it is printed.",
)
@click.pass_obj
def command(
    app: App,
    /,
    kind: str,
    tenant: str | None,
    business: str | None,
    as_of: datetime | None,
    start: datetime | None,
    end: datetime | None,
    year: int | None,
    by_year: bool,
    form: str,
    **more: str | int | datetime | None,
) -> int:
    """Print a statement: trial-balance, income-statement, balance-sheet, or one of the lists.

    Lists have the rows of the database's function as they are: trial-balance-movements,
    general-ledger, account-statement, cash-flow, comparative-income, income-by-month,
    aged-balances; of loans, as of a day: par (portfolio at risk), arrears, portfolio.

    Without a date it covers everything posted; of loans it is as of today. Dates are effective
    dates, YYYY-MM-DD.

    csv and json hold the rows of the function of the same name, keyed by its columns,
    amounts with all their decimals (in json as strings); balance is debit less credit. With
    --by-year each row begins with its year.

    Exit codes: 0 done, 2 something is wrong (also when the books do not balance).
    """
    more.update(as_of=as_of, start=start, end=end)
    if kind in LISTS:
        if year or by_year:
            raise click.UsageError(f"--year and --by-year are not for {kind}: give its days.")
        return _list(app, kind, tenant, business, form, more)
    _refuse(kind, {name: more[name] for name in more if name not in ("as_of", "start", "end")})
    spans = _spans(kind, as_of, start, end, year, by_year)
    with app.connect() as connection:
        require_ledger(connection)
        session = open_tenant(connection, tenant)
        found = statements(session, kind, business=business, spans=spans)
    if form == "table":
        _print_tables(found)
    else:
        (_print_csv if form == "csv" else _print_json)(found, by_year)
    wrong = [statement for statement in found if statement.imbalance]
    for statement in wrong:
        click.echo(
            f"error: the books do not balance: {_title(statement)} is off by "
            f"{statement.imbalance:f}. Run pgerp verify to find the entries.",
            err=True,
        )
    return EXIT_BROKEN if wrong else EXIT_CLEAN


def _list(
    app: App,
    kind: str,
    tenant: str | None,
    business: str | None,
    form: str,
    more: dict[str, str | int | datetime | None],
) -> int:
    """Print a report that is a list."""
    from pgerp.cli.reportlists import print_listing

    _refuse(kind, more)
    arguments = {n: v.date() if isinstance(v, datetime) else v for n, v in more.items()}
    with app.connect() as connection:
        (require_lending if kind in OF_LOANS else require_ledger)(connection)
        print_listing(listing(open_tenant(connection, tenant), kind, business, arguments), form)
    return EXIT_CLEAN


def _refuse(kind: str, more: dict[str, str | int | datetime | None]) -> None:
    """Refuse options that mean nothing to a report."""
    for name, value in more.items():
        if value is not None and kind not in WORDS[name]:
            option = name.replace("start", "from").replace("end", "to").replace("_", "-")
            raise click.UsageError(f"--{option} is not for {kind}.")


def _spans(
    kind: str,
    as_of: datetime | None,
    start: datetime | None,
    end: datetime | None,
    year: int | None,
    by_year: bool,
) -> list[Span] | None:
    """Return what to cover, None for every year; a wrong combination is a usage error."""
    is_income = kind == "income-statement"
    if is_income and as_of:
        raise click.UsageError("--as-of is for balances; an income statement has --from and --to.")
    if not is_income and (start or end):
        raise click.UsageError(f"--from and --to are for income statements; {kind} has --as-of.")
    given = [as_of or start or end, year, by_year]
    if sum(bool(choice) for choice in given) > 1:
        raise click.UsageError("Give either dates, or --year, or --by-year.")
    if by_year:
        return None
    if year:
        return [Span.of_year(year)]
    first, last = _day(start), _day(end or as_of)
    if first and last and first > last:
        raise click.UsageError("--from is after --to.")
    return [Span(first, last)]


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _text(value: Value) -> str | None:
    """Return a value as text, amounts with all the decimals that the database gave."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def _records(found: Sequence[Statement], by_year: bool) -> Iterator[dict[str, str | int | None]]:
    """Yield the rows of all statements, each with its year in front if asked."""
    for statement in found:
        for row in statement.rows:
            record: dict[str, str | int | None] = {"year": statement.span.year} if by_year else {}
            record.update((name, _text(value)) for name, value in row.items())
            yield record


def _print_json(found: Sequence[Statement], by_year: bool) -> None:
    import json

    click.echo(json.dumps(list(_records(found, by_year)), indent=1, ensure_ascii=False))


def _print_csv(found: Sequence[Statement], by_year: bool) -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    if found:
        writer.writerow((["year"] if by_year else []) + found[0].columns)
    writer.writerows(record.values() for record in _records(found, by_year))


def _print_tables(found: Sequence[Statement]) -> None:
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        # Nobody is there to widen a window, so a long account code must not be cut.
        console = Console(markup=False, highlight=False, width=_WIDTH_OF_A_PIPE)
    if not any(statement.rows for statement in found):
        console.print("nothing is posted")
    for statement in found:
        if statement.rows:
            console.print(_title(statement), style="bold")
            console.print(_table(statement))


def _title(statement: Statement) -> str:
    span = statement.span
    title = statement.kind.replace("-", " ").capitalize()
    whose = f"{statement.tenant}, {statement.business or 'all businesses'}"
    if statement.kind != "income-statement":
        when = f"as of {span.end}" if span.end else "everything posted"
    elif span.year:
        when = f"year {span.year}"
    else:
        bounds = (f"from {span.start}" if span.start else "", f"to {span.end}" if span.end else "")
        when = " ".join(filter(None, bounds)) or "everything posted"
    return f"{title}: {whose}, {when}, in {statement.currency}"


def _table(statement: Statement) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns = statement.amount_columns
    decimals = statement.decimals
    with_names = any(
        row["account_code"] is not None
        and str(row["account_code"]).rpartition(":")[2] != row["account_name"]
        for row in statement.rows
    )

    def amounts(values: Sequence[Decimal | None], style: str = "") -> list[Text]:
        return [Text("" if v is None else f"{v:,.{decimals}f}", style) for v in values]

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Account", no_wrap=True)
    if with_names:
        table.add_column("Name", no_wrap=True)
    for column in columns:
        table.add_column(column.capitalize(), justify="right", no_wrap=True)

    def add(label: str, name: str, cells: Sequence[Text], style: str = "") -> None:
        head = [Text(label, style)] + ([Text(name, style)] if with_names else [])
        table.add_row(*head, *cells)

    for account_type, rows in statement.sections():
        add(SECTIONS[account_type], "", [Text()] * len(columns), "bold")
        for row in rows:
            code, name = row["account_code"], str(row["account_name"])
            values: list[Decimal] = [value for c in columns if isinstance(value := row[c], Decimal)]
            # A balance stands on one side; the other stays blank.
            shown = [value if value or not any(values) else None for value in values]
            label = str(code) if code is not None else name
            add(f"  {label}", name if code is not None else "", amounts(shown))
        totals = [statement.total(column, account_type) for column in columns]
        add(f"  Total {SECTIONS[account_type].lower()}", "", amounts(totals, "bold"), "bold")
        table.add_section()
    for label, sums in _closing_lines(statement):
        add(label, "", amounts(sums, "bold"), "bold")
    return table


def _closing_lines(statement: Statement) -> list[tuple[str, list[Decimal | None]]]:
    """Return the last lines of a table: sums, and the proof that the books balance."""
    total = statement.total
    if statement.kind == "income-statement":
        return [("Net income", [statement.net_income])]
    if statement.kind == "trial-balance":
        debit, credit = total("debit"), total("credit")
        return [
            ("Total", [debit, credit]),
            ("Proof: debit − credit", [debit - credit, None]),
        ]
    assets, claims = total("amount", "ASSET"), total("amount", "LIABILITY", "EQUITY")
    return [
        ("Total assets", [assets]),
        ("Total liabilities and equity", [claims]),
        ("Proof: assets − liabilities − equity", [assets - claims]),
    ]
