"""`pgerp report` of lists: the rows of the ledger's functions, for people and for programs."""

from __future__ import annotations

import json

import pytest

from pgerp.db import connect
from tests.ledger.books import open_books, post
from tests.runner.journals import run


@pytest.fixture
def books(clone):
    """Books with capital and a sale."""
    with connect(clone) as conn:
        open_books(conn, "T")
        conn.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
        post(conn, ("1110", "1000"), ("3100", "-1000"), date="2026-01-31")
        post(conn, ("1110", "40.5"), ("4100", "-40.5"), date="2026-02-10")
    return clone


FEBRUARY = ("--business", "MAIN", "--from", "2026-02-01", "--to", "2026-02-28")


def rows(url, *words):
    result = run(url, "report", *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_list_has_the_rows_of_its_function(books):
    (line,) = rows(books, "general-ledger", *FEBRUARY, "--account", "1110")
    assert (line["entry_date"], line["debit"], line["balance"]) == (
        "2026-02-10",
        "40.5000",
        "1040.5000",
    )
    handed = rows(books, "account-statement", *FEBRUARY, "--account", "1110")
    assert [row["item"] for row in handed] == ["opening", "line", "closing"]
    assert rows(books, "trial-balance-movements", *FEBRUARY)[0]["closing"] == "1040.5000"
    for method in ("direct", "indirect"):
        flow = rows(books, "cash-flow", *FEBRUARY, "--method", method)
        assert {row["item"]: row["amount"] for row in flow}["closing"] == "1040.5000"
    compared = ("--compare-from", "2026-01-01", "--compare-to", "2026-01-31")
    (income,) = rows(books, "comparative-income", *FEBRUARY, *compared)
    assert (income["difference"], income["percent"]) == ("40.5000", None)
    assert rows(books, "income-by-month", *FEBRUARY)[0]["month"] == "2026-02-01"
    assert rows(books, "aged-balances", "--business", "MAIN", "--account", "1120") == []


def test_a_list_is_printed_as_table_and_as_csv(books):
    words = ("report", "general-ledger", *FEBRUARY, "--account", "1110")
    table = run(books, *words).stdout
    assert "1,040.5000" in table
    assert "Entry id" not in table
    assert run(books, *words, "--format", "csv").stdout.startswith("entry_date,entry_number,")


@pytest.mark.parametrize(
    "words",
    [
        ("general-ledger",),
        ("general-ledger", "--account", "9999"),
        ("cash-flow", "--business", "NONE"),
        ("cash-flow", "--account", "1110"),
        ("trial-balance", "--account", "1110"),
        ("aged-balances", "--account", "1110", "--from", "2026-01-01"),
        ("general-ledger", "--account", "1110", "--year", "2026"),
    ],
)
def test_what_makes_no_sense_exits_2(books, words):
    result = run(books, "report", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
