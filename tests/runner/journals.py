"""Journal files for the tests of import and report, and what is in the books after them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from pgerp.cli import main
from pgerp.db import connect
from pgerp.importer import ImportOptions, ImportResult, import_file

HEADER = "entry,date,description,account,type,amount,currency"
ROOT = Path(__file__).resolve().parents[2]

SALE = (
    "1,2026-03-05,Sale,Assets:Cash,ASSET,100.00,USD",
    "1,2026-03-05,Sale,Income:Sales,REVENUE,-100.00,USD",
)
RENT = (
    "2,2026-04-01,Rent,Expenses:Rent,EXPENSE,30.5,USD",
    "2,2026-04-01,Rent,Assets:Cash,ASSET,-30.5,USD",
)

BOOKS = """
SELECT
    (SELECT count(*) FROM identity.tenants),
    (SELECT count(*) FROM ledger.accounts),
    (SELECT count(*) FROM ledger.fiscal_years),
    (SELECT count(*) FROM ledger.journal_entries),
    (SELECT count(*) FROM ledger.journal_lines)
"""


def write(path: Path, lines: Iterable[str], header: str = HEADER) -> Path:
    """Write a journal file of the given records."""
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def run(url: str, *words: str | Path) -> Result:
    """Run a command of pgerp on a database, in this process."""
    return CliRunner().invoke(main, ["--database-url", url, *map(str, words)])


def load(url: str, path: Path, **options: Any) -> ImportResult:
    """Import a file into tenant T, business B, making what is missing unless told otherwise."""
    progress = options.pop("progress", lambda what, done, total: None)
    opened = options.pop("connect", None)
    options = {"tenant": "T", "business": "B", "create": True, **options}
    with connect(url) as conn:
        return import_file(
            conn,
            path,
            ImportOptions(**options),
            progress=progress,
            connect=opened or (lambda: connect(url)),
        )


def ask(url: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run one statement as superuser and return its rows, if it has any."""
    with connect(url) as conn:
        found = conn.execute(query.encode(), parameters or None)
        return found.fetchall() if found.description else []


def counts(url: str) -> tuple[int, ...]:
    """Return how many tenants, accounts, fiscal years, entries and lines there are."""
    return ask(url, BOOKS)[0]


def pairs(count: int, *, first: int = 1) -> Iterable[str]:
    """Yield the records of `count` balanced entries of two lines."""
    for number in range(first, first + count):
        day = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
        amount = f"{number % 4999 + 1}.{number % 100:02}"
        yield f"{number},{day},Payment {number},Assets:Bank {number % 7},ASSET,{amount},USD"
        yield f"{number},{day},Payment {number},Income:Fees {number % 9},REVENUE,-{amount},USD"
