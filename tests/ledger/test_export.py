"""What beancount and hledger compute from an exported journal equals our statements."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from pgerp.exportnames import Account, plain_names
from tests.ledger.books import as_json, open_books
from tests.pgtap import value
from tests.runner.journals import ROOT, ask, run

SAMPLE = ROOT / "seeds" / "demo" / "journal.csv"
EXPECTED: dict[str, Any] = json.loads((SAMPLE.parent / "expected.json").read_text())
Balances = dict[str, Decimal]

needs_hledger = pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not there")


@pytest.fixture(scope="module")
def sample(new_database, template) -> Iterator[str]:
    """The sample journal, imported."""
    with new_database(template) as url:
        words = ("import", SAMPLE, "--tenant", "Books", "--business", "MAIN", "--create")
        assert run(url, *words).exit_code == 0
        yield url


@pytest.fixture(scope="module")
def rich(new_database, template) -> Iterator[str]:
    """Two businesses, other currencies, an adjusted value, odd texts, a reversal, a draft."""
    with new_database(template) as url:
        with connect(url) as conn:
            books = open_books(conn)
            token = value(conn, "SELECT identity.issue_token(%s)", [books.tenant_id])
            conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])
            for code, name in (
                ("61/1", "Café: «x»; y"),
                ("61-1", "Café x y"),
                ("漢字", "漢字"),
                ("a:b c", "lower"),
            ):
                conn.execute("SELECT ledger.create_account(%s, %s, 'EXPENSE')", [code, name])
            for currency, amount, rate in (("EUR", "100", "1.25"), ("JPY", "7777", "0.0067")):
                post(
                    conn,
                    [
                        {
                            "account": "1110",
                            "debit": amount,
                            "currency": currency,
                            "rate": rate,
                            "description": 'A "line"; 2, x: y\nnext',
                            "department": "D,1",
                            "counterparty": "C; 1",
                            "due_date": "2026-05-01",
                        },
                        {
                            "account": "2110",
                            "credit": amount,
                            "currency": currency,
                            "rate": rate,
                        },
                    ],
                    text='Quote " and \\ and ;\n| tab\tünïcode 漢 * ! ()',
                )
            main = post(conn, json.loads(as_json(("61/1", "12.3456"), ("1110", "-12.3456"))))
            post(conn, json.loads(as_json(("61-1", "1"), ("漢字", "2"), ("a:b c", "-3"))), text="")
            post(conn, json.loads(as_json(("1110", "5"), ("4100", "-5"))), business="SIDE")
            conn.execute("SELECT ledger.reverse_journal_entry(%s, 'typo')", [main])
            post(conn, json.loads(as_json(("1110", "999"))), status="DRAFT")
            adjust(conn)
        yield url


def post(
    conn: psycopg.Connection,
    lines: list[dict[str, str]],
    *,
    text: str = "Test",
    business: str = "MAIN",
    status: str = "POSTED",
) -> Any:
    return value(
        conn,
        "SELECT ledger.create_journal_entry(%s, '2026-03-04', %s, %s, %s, 'R;1, x',"
        " p_source_module => 'sales', p_source_id => 'S,1')",
        [business, text, json.dumps(lines), status],
    )


def adjust(conn: psycopg.Connection) -> None:
    """Value euros anew: the line has an amount, but no euros."""
    with conn.transaction():
        conn.execute("SELECT identity.enter_tenant(1)")
        conn.execute(
            """SELECT ledger.insert_entry(1, b.id, '2026-06-30', 'POSTED', 'Valued anew', ARRAY[
                ROW(c.id, 3.5, 'EUR', 0, 1.285, NULL, NULL, NULL, NULL),
                ROW(g.id, -3.5, NULL, NULL, NULL, NULL, NULL, NULL, NULL)]::ledger.new_line[])
            FROM identity.businesses AS b, ledger.accounts AS c, ledger.accounts AS g
            WHERE b.code = 'MAIN' AND c.code = '1110' AND g.code = '4100'"""
        )


def exported(url: str, form: str, folder: Path, *words: str) -> Path:
    file = folder / f"journal.{form}"
    result = run(url, "export", "--format", form, "-o", file, *words)
    assert result.exit_code == 0, result.output
    return file


def ours(url: str, *words: str) -> Balances:
    """Return code -> balance of the trial balance, without zeros."""
    rows = json.loads(run(url, "report", "trial-balance", "--format", "json", *words).stdout)
    balances = {row["account_code"]: Decimal(row["balance"]) for row in rows}
    return {code: balance for code, balance in balances.items() if balance}


def by_beancount(file: Path) -> Balances:
    """Return code -> balance that beancount computes: the sum of the weights of postings."""
    pytest.importorskip("beancount", reason="beancount is not there: make venv")
    from beancount.core import convert, data
    from beancount.loader import load_file

    entries, errors, _ = load_file(str(file))
    assert errors == []
    codes = {one.account: one.meta["code"] for one in entries if isinstance(one, data.Open)}
    balances: Balances = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            code, weight = codes[posting.account], convert.get_weight(posting)
            assert weight.currency == "USD"
            balances[code] = balances.get(code, Decimal(0)) + weight.number
    rounded = {code: round(balance, 10) for code, balance in balances.items()}
    return {code: balance for code, balance in rounded.items() if balance}


def by_hledger(file: Path) -> Balances:
    """Return code -> balance that hledger computes, at cost."""
    shutil.copy(file, file.with_suffix(".journal"))
    journal = ["hledger", "-f", str(file.with_suffix(".journal"))]
    subprocess.run([*journal, "check", "accounts", "commodities", "ordereddates"], check=True)
    told = subprocess.run(
        [*journal, "balance", "-B", "--flat", "--no-total", "-O", "csv"],
        check=True, capture_output=True, text=True, env={"LANG": "C.UTF-8"},
    ).stdout  # fmt: skip
    codes = {}
    for line in file.read_text().splitlines():
        if line.startswith("account "):
            name, _, code = line.removeprefix("account ").partition("  ; code: ")
            codes[name] = code
    rows = list(csv.reader(io.StringIO(told)))[1:]
    return {codes[name]: Decimal(amount.removesuffix(" USD")) for name, amount in rows}


READERS = [
    pytest.param("beancount", by_beancount, id="beancount"),
    pytest.param("hledger", by_hledger, id="hledger", marks=needs_hledger),
]


@pytest.mark.parametrize(("form", "read"), READERS)
def test_the_sample_has_the_expected_balances(sample, tmp_path, form, read) -> None:
    expected = {code: Decimal(text) for code, text in EXPECTED["trial_balance"].items()}
    expected = {code: balance for code, balance in expected.items() if balance}
    assert read(exported(sample, form, tmp_path)) == ours(sample) == expected


@pytest.mark.parametrize(("form", "read"), READERS)
def test_a_year_of_the_sample_has_the_expected_income(sample, tmp_path, form, read) -> None:
    for year, texts in EXPECTED["income_by_year"].items():
        words = ("--from", f"{year}-01-01", "--to", f"{year}-12-31")
        found = read(exported(sample, form, tmp_path, *words))
        expected = {code: Decimal(text) for code, text in texts.items() if Decimal(text)}
        assert {code: found[code] for code in found if code in texts} == expected


@pytest.mark.parametrize(("form", "read"), READERS)
@pytest.mark.parametrize("business", [(), ("--business", "MAIN"), ("--business", "SIDE")])
def test_other_currencies_and_odd_texts_have_our_balances(
    rich, tmp_path, form, read, business
) -> None:
    found = read(exported(rich, form, tmp_path, *business))
    expected = ours(rich, *business)
    if form == "hledger":  # a tag ends at a semicolon or comma, and has no blanks at its ends
        expected = {code.replace(";", ","): balance for code, balance in expected.items()}
    assert found == expected
    assert expected


def test_beancount_has_the_foreign_amounts_and_every_text_as_it_is(rich, tmp_path) -> None:
    pytest.importorskip("beancount", reason="beancount is not there: make venv")
    from beancount.core import data
    from beancount.loader import load_file

    entries, _, _ = load_file(str(exported(rich, "beancount", tmp_path)))
    (euro,) = (
        one for one in entries
        if isinstance(one, data.Transaction) and one.postings[0].units.currency == "EUR"
    )  # fmt: skip
    assert euro.narration == 'Quote " and \\ and ;\n| tab\tünïcode 漢 * ! ()'
    assert (euro.meta["reference"], euro.meta["source"]) == ("R;1, x", "S,1")
    assert euro.meta["module"] == "sales"
    first = euro.postings[0]
    assert (first.units.number, first.price.currency) == (100, "USD")
    assert first.meta["description"] == 'A "line"; 2, x: y\nnext'
    assert (first.meta["department"], first.meta["counterparty"]) == ("D,1", "C; 1")
    assert str(first.meta["due"]) == "2026-05-01"
    reversal = [one for one in entries if "reverses" in (one.meta or {})]
    assert len(reversal) == 1
    count = "SELECT count(*) FROM ledger.journal_entries WHERE posted_at IS NOT NULL"
    posted = sum(isinstance(one, data.Transaction) for one in entries)
    assert [(posted,)] == ask(rich, count)


def test_csv_comes_back_by_import_with_equal_statements(rich, sample, tmp_path, clone) -> None:
    business = "MAIN"
    for url, tenant in ((rich, "Rich"), (sample, "Sample")):
        file = exported(url, "csv", tmp_path, "--business", business)
        words = ("--tenant", tenant, "--business", business, "--create")
        result = run(clone, "import", file, *words)
        assert result.exit_code == 0, result.output
        assert ours(clone, *words[:4]) == ours(url, "--business", business)
        for kind in ("income-statement", "balance-sheet"):
            there, here = (
                json.loads(run(at, "report", kind, "--format", "json", *more).stdout)
                for at, more in ((clone, words[:4]), (url, ("--business", business)))
            )
            assert [(row["account_code"], row["balance"]) for row in there] == [
                (row["account_code"], row["balance"]) for row in here
            ]


def test_closing_entries_are_marked_and_can_be_left_out(rich, tmp_path) -> None:
    before = run(rich, "export", "--format", "hledger").stdout
    with connect(rich) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE ledger.journal_entries SET period_kind = 'closing',"
            " source_module = 'ledger'"
            " WHERE description = 'Valued anew'"
        )
        try:
            marked = run(rich, "export", "--format", "hledger").stdout
            without = run(rich, "export", "--format", "hledger", "--no-closing").stdout
            bean = run(rich, "export", "--format", "beancount").stdout
        finally:
            conn.execute("UPDATE ledger.journal_entries SET period_kind = 'regular'")
    assert "    ; closing:\n" in marked
    assert '"Valued anew" #closing\n' in bean
    assert "closing:" not in before
    assert ("Valued anew" in marked, "Valued anew" in without) == (True, False)


def test_names_are_what_beancount_takes_and_no_two_alike() -> None:
    accounts = [
        Account("1110", "Till", "ASSET"),
        Account("Assets:US:Bank", "Bank", "ASSET"),
        Account("61/1", "Café", "EXPENSE"),
        Account("61-1", "Café", "EXPENSE"),
        Account("---", "***", "EQUITY"),
        Account("漢字", "漢字", "EXPENSE"),
        Account("Income:Sales", "Sales", "REVENUE"),
    ]
    assert plain_names(accounts) == {
        "1110": "Assets:1110-Till",
        "Assets:US:Bank": "Assets:US:Bank",
        "61-1": "Expenses:61-1-Café",
        "61/1": "Expenses:61-1-Café-2",
        "---": "Equity:X",
        "漢字": "Expenses:X漢字",
        "Income:Sales": "Income:Sales",
    }


def test_what_cannot_be_exported_is_refused_and_leaves_no_file(rich, tmp_path) -> None:
    file = tmp_path / "x.csv"
    for words in (("--business", "NONE"), ("--tenant", "NONE")):
        assert run(rich, "export", "--format", "csv", "-o", file, *words).exit_code == 2
    missing = tmp_path / "no" / "x.csv"
    assert run(rich, "export", "--format", "csv", "-o", missing).exit_code == 2
    assert list(tmp_path.iterdir()) == []
    with connect(rich) as conn:
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1), false)")
        conn.execute("SELECT identity.create_business('KENYA', 'Kenya', 'KES')")
    assert run(rich, "export", "--format", "csv", "-o", file).exit_code == 2
    ask(rich, "DELETE FROM identity.businesses WHERE code = 'KENYA'")
