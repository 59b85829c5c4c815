"""`pgerp report par`, `arrears` and `portfolio`: the rows of the functions of lending."""

from __future__ import annotations

import csv
import io
import json

import pytest

from pgerp.db import connect
from tests.ledger.books import open_books
from tests.lending.reports import open_lender
from tests.runner.journals import run


@pytest.fixture(scope="module")
def lender(new_database, template):
    """Two businesses that lend: MAIN a loan that is late and one that is not, SIDE one."""
    with new_database(template) as url:
        with connect(url, autocommit=False) as conn:
            books = open_books(conn)
            main, side = open_lender(conn, books), open_lender(conn, books, "SIDE")
            main.settle(
                main.lend("L1", [("2026-02-01", 400), ("2026-03-01", 600)]), "2026-02-01", 1
            )
            main.lend("L2", [("2026-12-01", 500)], officer="omar")
            side.lend("S1", [("2026-12-01", 250)])
            conn.commit()
        yield url


def rows(url, *words):
    result = run(url, "report", *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_par_has_five_numbers_of_days_unless_one_is_asked_for(lender):
    found = rows(lender, "par", "--as-of", "2026-03-04", "--business", "MAIN")
    assert [(row["days"], row["at_risk"], row["ratio"]) for row in found] == [
        (1, "999.0000", "0.666444"),
        (30, "999.0000", "0.666444"),
        *((days, "0.0000", "0.000000") for days in (60, 90, 180)),
    ]
    (of_all,) = rows(lender, "par", "--as-of", "2026-03-04", "--days", "0")
    assert (of_all["portfolio"], of_all["loans_at_risk"]) == ("1749.0000", 1)


def test_arrears_are_csv_and_a_table_too(lender):
    words = ["report", "arrears", "--as-of", "2026-03-04"]
    (found,) = csv.DictReader(io.StringIO(run(lender, *words, "--format", "csv").stdout))
    assert (found["business_code"], found["loan_no"], found["days_past_due"]) == (
        "MAIN",
        "L1",
        "31",
    )
    table = run(lender, *words).stdout
    assert "Mary Wanjiku" in table and found["loan_id"] not in table
    assert "nothing to show" in run(lender, *words, "--business", "SIDE").stdout


def test_a_portfolio_is_by_what_is_asked(lender):
    words = ["portfolio", "--as-of", "2026-03-04"]
    found = [(row["business_code"], row["code"], row["portfolio"]) for row in rows(lender, *words)]
    assert found == [("MAIN", "season", "1499.0000"), ("SIDE", "season", "250.0000")]
    by_officer = rows(lender, *words, "--by", "officer", "--business", "MAIN")
    assert [(row["code"], row["portfolio"]) for row in by_officer] == [
        *(("olivia", "999.0000"), ("omar", "500.0000")),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["par", "--by", "branch"], "--by is not for par"),
        (["arrears", "--days", "30"], "--days is not for arrears"),
        (["portfolio", "--from", "2026-01-01"], "--from is not for portfolio"),
        (["aged-balances", "--account", "1", "--days", "1"], "--days is not for aged-balances"),
        (["balance-sheet", "--by", "branch"], "--by is not for balance-sheet"),
    ],
)
def test_what_means_nothing_to_a_report_is_refused(lender, words, told):
    result = run(lender, "report", *words)
    assert result.exit_code == 2 and told in result.output


def test_no_such_business_is_an_error(lender):
    result = run(lender, "report", "par", "--business", "NOBODY")
    assert result.exit_code == 2 and "no such business" in result.output


def test_a_database_without_loans_says_so(empty_database):
    assert run(empty_database, "up", "--modules", "hr").exit_code == 0
    result = run(empty_database, "report", "par")
    assert result.exit_code == 2 and "no loans" in result.output
