"""`pgerp report`: the same figures as the ledger's functions, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal

import pytest

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from pgerp.report import Span, statements
from pgerp.session import open_tenant
from tests.runner.journals import RENT, ROOT, SALE, ask, load, run, write

NEXT_YEAR = [line.replace("2026", "2027").replace("2,", "3,", 1) for line in RENT]
OTHER = [line.replace("1,", "4,", 1).replace("100.00", "1234567.5") for line in SALE]


@pytest.fixture
def books(clone, tmp_path):
    """Tenant T: business B with a sale, and rent in two years; business C with a sale."""
    load(clone, write(tmp_path / "b.csv", [*SALE, *RENT, *NEXT_YEAR]))
    load(clone, write(tmp_path / "c.csv", OTHER), business="C")
    return clone


def rows(url, *words):
    result = run(url, "report", *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_is_the_rows_of_the_function_with_amounts_as_text(books):
    assert rows(books, "trial-balance", "--tenant", "T", "--business", "B")[0] == {
        "account_code": "Assets:Cash",
        "account_name": "Cash",
        "account_type": "ASSET",
        "debit": "39.0000",
        "credit": "0.0000",
        "balance": "39.0000",
    }
    assert [row["amount"] for row in rows(books, "income-statement", "--business", "B")] == [
        "100.0000",
        "61.0000",
    ]
    last = rows(books, "balance-sheet", "--business", "B")[-1]
    assert (last["account_code"], last["amount"]) == (None, "39.0000")


def test_csv_has_the_same_rows_under_a_header(books):
    result = run(books, "report", "trial-balance", "--business", "B", "--format", "csv")
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert found == rows(books, "trial-balance", "--business", "B")


def test_csv_without_rows_still_has_its_header(books):
    words = ("income-statement", "--year", "1999", "--format", "csv")
    assert run(books, "report", *words).stdout == (
        "account_code,account_name,account_type,amount,balance\n"
    )


def test_without_a_business_all_are_consolidated(books):
    cash = rows(books, "trial-balance")[0]
    assert (cash["account_code"], Decimal(cash["debit"])) == ("Assets:Cash", Decimal("1234606.5"))


def test_businesses_in_several_currencies_are_not_consolidated(books, tmp_path):
    lines = [line.replace("USD", "KES") for line in SALE]
    load(books, write(tmp_path / "k.csv", lines), business="K")
    result = run(books, "report", "trial-balance")
    assert (result.exit_code, "ZL020" in result.stderr) == (2, True)
    assert rows(books, "trial-balance", "--business", "K")[0]["debit"] == "100.0000"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--from", "2026-04-01"), ["61.0000"]),
        (("--to", "2026-04-01"), ["100.0000", "30.5000"]),
        (("--to", "2026-03-31"), ["100.0000"]),
        (("--from", "2026-04-01", "--to", "2026-04-01"), ["30.5000"]),
        (("--year", "2027"), ["30.5000"]),
        (("--year", "2028"), []),
    ],
)
def test_an_income_statement_covers_its_days_both_included(books, words, expected):
    found = rows(books, "income-statement", "--business", "B", *words)
    assert [row["amount"] for row in found] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--as-of", "2026-03-04"), None),
        (("--as-of", "2026-03-05"), "100.0000"),
        (("--as-of", "2026-04-01"), "69.5000"),
        (("--year", "2026"), "69.5000"),
        ((), "39.0000"),
    ],
)
@pytest.mark.parametrize("kind", ["trial-balance", "balance-sheet"])
def test_a_balance_is_that_of_the_end_of_its_day(books, kind, words, expected):
    found = {row["account_code"]: row for row in rows(books, kind, "--business", "B", *words)}
    cash = found.get("Assets:Cash")
    assert (cash and cash["balance"]) == expected


def test_by_year_makes_a_statement_of_each_year_with_postings(books):
    found = rows(books, "income-statement", "--business", "B", "--by-year")
    assert [(row["year"], row["amount"]) for row in found] == [
        (2026, "100.0000"),
        (2026, "30.5000"),
        (2027, "30.5000"),
    ]
    assert next(iter(found[0])) == "year"
    assert {
        row["year"] for row in rows(books, "income-statement", "--business", "C", "--by-year")
    } == {2026}


def test_a_table_has_sections_subtotals_and_the_proof_with_equal_decimals(books):
    text = run(books, "report", "balance-sheet").stdout
    figures = {
        line.strip().rsplit("  ", 1)[0].strip(): line.split()[-1]
        for line in text.splitlines()
        if line[-4:].strip()
    }
    assert figures["Assets:Cash"] == "1,234,606.50"
    assert figures["Total assets"] == figures["Total liabilities and equity"] == "1,234,606.50"
    assert figures["Current earnings"] == figures["Total equity"] == "1,234,606.50"
    assert figures["Proof: assets − liabilities − equity"] == "0.00"


def test_a_table_shows_as_many_decimals_as_any_amount_needs(books, tmp_path):
    fine = [line.replace("1,", "9,", 1).replace("100.00", "0.0001") for line in SALE]
    load(books, write(tmp_path / "fine.csv", fine))
    text = run(books, "report", "income-statement").stdout
    assert "1,234,667.5001" in text
    assert "61.0000" in text


def test_a_long_account_code_is_not_cut_when_nobody_watches(clone, tmp_path):
    code = "Income:" + "x" * 120
    load(clone, write(tmp_path / "j.csv", [line.replace("Income:Sales", code) for line in SALE]))
    words = [sys.executable, str(ROOT / "migrate.py"), "--database-url", clone, "report"]
    done = subprocess.run(
        [*words, "trial-balance"], capture_output=True, text=True, check=True, stdin=None
    )
    assert code in done.stdout


def test_brackets_in_a_code_are_text(clone, tmp_path):
    lines = [line.replace("Income:Sales", "Income:[red]Sales[/]") for line in SALE]
    load(clone, write(tmp_path / "j.csv", lines))
    assert "Income:[red]Sales[/]" in run(clone, "report", "trial-balance").stdout


def test_accounts_with_names_of_their_own_show_them(books):
    ask(books, "UPDATE ledger.accounts SET name = 'Till money' WHERE code = 'Assets:Cash'")
    assert "Till money" in run(books, "report", "trial-balance").stdout


def test_without_a_tenant_the_only_one_is_taken_and_of_several_none(books, tmp_path):
    assert rows(books, "trial-balance") == rows(books, "trial-balance", "--tenant", "T")
    load(books, write(tmp_path / "u.csv", SALE), tenant="U")
    result = run(books, "report", "trial-balance")
    assert (result.exit_code, "'T', 'U'" in result.stderr) == (2, True)


def test_one_tenants_report_has_nothing_of_another(books, tmp_path):
    before = rows(books, "trial-balance", "--tenant", "T")
    load(books, write(tmp_path / "u.csv", RENT), tenant="U")
    assert rows(books, "trial-balance", "--tenant", "T") == before
    assert len(rows(books, "trial-balance", "--tenant", "U")) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("trial-balance", "--tenant", "Nobody"),
        ("trial-balance", "--business", "Nobody"),
        ("cash-flow",),
        ("trial-balance", "--from", "2026-01-01"),
        ("income-statement", "--as-of", "2026-01-01"),
        ("income-statement", "--from", "2026-01-02", "--to", "2026-01-01"),
        ("income-statement", "--from", "2026-01-01", "--year", "2026"),
        ("balance-sheet", "--year", "2026", "--by-year"),
        ("balance-sheet", "--as-of", "1.1.2026"),
    ],
)
def test_what_makes_no_sense_exits_2_and_prints_no_figures(books, words):
    result = run(books, "report", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_database_without_tenants_is_an_error(clone):
    result = run(clone, "report", "trial-balance")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pgerp import" in result.stderr


def test_a_database_without_the_ledger_is_told_to_come_up_first(empty_database):
    result = run(empty_database, "report", "trial-balance")
    assert (result.exit_code, result.stdout, "pgerp up" in result.stderr) == (2, "", True)


def test_a_tenant_without_postings_has_an_empty_report(clone):
    ask(clone, "SELECT identity.create_tenant('New')")
    assert rows(clone, "trial-balance") == []
    assert run(clone, "report", "income-statement", "--by-year").exit_code == 0


def test_books_that_do_not_balance_exit_2(books):
    ask(
        books,
        "UPDATE ledger.account_balances SET debit = debit + 1 WHERE ctid = "
        "(SELECT min(ctid) FROM ledger.account_balances)",
    )
    for kind in ("trial-balance", "balance-sheet"):
        result = run(books, "report", kind)
        assert (result.exit_code, "1.0000" in result.stderr) == (2, True)


def test_all_years_are_read_from_one_state_of_the_books(books, tmp_path):
    with connect(books) as conn:
        session = open_tenant(conn, "T")
        seen = []

        class Spans(list):
            def __iter__(self):
                for span in super().__iter__():
                    yield span
                    more = [line.replace("1,", f"1{len(seen)},", 1) for line in SALE]
                    seen.append(load(books, write(tmp_path / f"n{len(seen)}.csv", more)).new)

        found = statements(
            session, "trial-balance", business="B", spans=Spans([Span(), Span(), Span()])
        )
    assert seen == [1, 1, 1]
    assert found[0].rows == found[1].rows == found[2].rows


def test_a_member_of_pgerp_migrator_can_report(books):
    url = build_url({**parse_url(books), "options": "-c role=pgerp_migrator"})
    assert rows(url, "trial-balance") == rows(books, "trial-balance")
    assert rows(url, "income-statement", "--by-year") == rows(
        books, "income-statement", "--by-year"
    )
