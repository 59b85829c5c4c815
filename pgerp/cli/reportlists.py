"""Printing the reports that are lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click

from pgerp.reportlists import Listing

_WIDTH_OF_A_PIPE = 300
_KEYS = ("entry_id", "line_no", "loan_id")


def text(value: Any) -> Any:
    """Return a value as programs read it: amounts with all decimals, days as YYYY-MM-DD."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return [text(item) for item in value]
    return value if value is None or isinstance(value, int | str) else str(value)


def print_listing(found: Listing, form: str) -> None:
    """Print a report as json, csv or table."""
    if form == "json":
        import json

        rows = [dict(zip(found.columns, map(text, row), strict=True)) for row in found.rows]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    elif form == "csv":
        import csv
        import sys

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows([text(value) for value in row] for row in found.rows)
    else:
        _print_table(found)


def _print_table(found: Listing) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_WIDTH_OF_A_PIPE)
    if not found.rows:
        console.print("nothing to show")
        return
    # Keys are for programs; whoever reads has dates, numbers and names.
    shown = [n for n, name in enumerate(found.columns) if name not in _KEYS]
    table = Table(box=box.SIMPLE_HEAD)
    for n in shown:
        is_amount = any(isinstance(row[n], Decimal) for row in found.rows)
        title = found.columns[n].replace("_", " ").capitalize()
        table.add_column(title, justify="right" if is_amount else "left", no_wrap=is_amount)
    for row in found.rows:
        table.add_row(*(Text(_shown(row[n])) for n in shown))
    console.print(table)


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, list):
        return "  ".join(_shown(item) for item in value)
    return "" if value is None else str(value)
