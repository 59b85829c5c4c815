"""The sample journal, imported, equals what another program made of it, to the last decimal.

expected.json holds the balances that beancount computed. It leaves out accounts that come to zero
in a statement; the ledger shows those that moved. So zeros are dropped on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.runner.journals import ROOT, ask, run

SAMPLE = ROOT / "seeds" / "demo" / "journal.csv"
EXPECTED: dict[str, Any] = json.loads((SAMPLE.parent / "expected.json").read_text())
YEARS = sorted(EXPECTED["income_by_year"])


@pytest.fixture(scope="module")
def sample(new_database, template) -> Iterator[str]:
    """A database with the sample journal, imported by the command line."""
    with new_database(template) as url:
        words = ("import", SAMPLE, "--tenant", "Demo", "--business", "MAIN", "--create")
        assert run(url, *words).exit_code == 0
        yield url


def report(url: str, *words: str) -> dict[str | None, Decimal]:
    """Return account -> balance, debit positive, of a statement, without zeros."""
    result = run(url, "report", *words, "--tenant", "Demo", "--format", "json")
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    balances = {row["account_code"]: Decimal(row["balance"]) for row in rows}
    assert len(balances) == len(rows)
    return {code: balance for code, balance in balances.items() if balance}


def amounts(expected: dict[str, str]) -> dict[str, Decimal]:
    """Return a statement of expected.json without zeros."""
    return {code: Decimal(text) for code, text in expected.items() if Decimal(text)}


def test_every_entry_and_line_of_the_sample_is_in_the_books(sample):
    assert ask(
        sample,
        "SELECT (SELECT count(*) FROM ledger.journal_entries WHERE status = 'POSTED'),"
        " (SELECT count(*) FROM ledger.journal_lines)",
    ) == [(EXPECTED["entries"], EXPECTED["lines"])]


@pytest.mark.parametrize("business", [(), ("--business", "MAIN")], ids=["consolidated", "MAIN"])
def test_the_trial_balance_of_the_sample_is_the_other_programs(sample, business):
    assert report(sample, "trial-balance", *business) == amounts(EXPECTED["trial_balance"])


@pytest.mark.parametrize("year", YEARS)
def test_the_income_of_each_year_of_the_sample_is_the_other_programs(sample, year):
    expected = amounts(EXPECTED["income_by_year"][year])
    assert report(sample, "income-statement", "--year", year) == expected
    span = ("--from", f"{year}-01-01", "--to", f"{year}-12-31")
    assert report(sample, "income-statement", *span) == expected


@pytest.mark.parametrize("year", YEARS)
def test_the_balance_sheet_at_each_year_end_of_the_sample_is_the_other_programs(sample, year):
    found = report(sample, "balance-sheet", "--as-of", f"{year}-12-31")
    earned = found.pop(None, Decimal(0))
    expected = amounts(EXPECTED["balance_sheet_at_year_end"][year])
    assert found == expected
    # What is not in a balance sheet account was earned or spent up to that day.
    assert earned == -sum(expected.values())
    income = [amounts(EXPECTED["income_by_year"][y]) for y in YEARS if y <= year]
    assert earned == sum(balance for statement in income for balance in statement.values())


def test_the_checks_of_the_books_find_no_offender_in_the_sample(sample):
    for check in sorted(Path(ROOT, "sql", "checks").glob("*/*.sql")):
        assert ask(sample, check.read_text()) == [], check


def test_the_sample_again_changes_nothing(sample):
    before = ask(sample, "SELECT count(*), max(xmin::text::bigint) FROM ledger.journal_lines")
    words = ("import", SAMPLE, "--tenant", "Demo", "--business", "MAIN", "--create")
    assert run(sample, *words).exit_code == 0
    after = ask(sample, "SELECT count(*), max(xmin::text::bigint) FROM ledger.journal_lines")
    assert after == before
