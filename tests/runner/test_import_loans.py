"""`pgerp import-loans`: what a portfolio becomes, once, and what is said where it differs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result

from pgerp.db import connect
from pgerp.keyfile import create_file
from tests.ledger.books import Books, balance, offenders
from tests.lending.portfolio import AS_OF, OPEN_FROM, PAYMENTS, open_lender, write_portfolio
from tests.pgtap import value
from tests.runner.journals import run

COUNTS = """SELECT (SELECT count(*) FROM party.customers), (SELECT count(*) FROM lending.loans),
    (SELECT count(*) FROM lending.transactions), (SELECT count(*) FROM ledger.journal_entries)"""

MADE = [(2, "customers"), (6, "loans"), (21, "transactions")]
"""What the portfolio has."""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A key file."""
    path = tmp_path / "keys.jwks"
    create_file(path)
    return path


@pytest.fixture
def lender(clone: str) -> Books:
    """A tenant that lends."""
    with connect(clone) as conn:
        return open_lender(conn)


def load(url: str, folder: Path, keys: Path, *words: str) -> Result:
    """Import the portfolio in a folder into MAIN."""
    return run(
        url, "import-loans", str(folder), "--business", "MAIN", "--as-of", AS_OF,
        "--books-open-from", OPEN_FROM, "--keys", str(keys), "--country", "KE", *words,
    )  # fmt: skip


def session(url: str, books: Books) -> psycopg.Connection:
    """Open a connection that holds the tenant's token."""
    conn = connect(url)
    conn.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
    conn.execute("SELECT identity.enter_tenant(%s)", [books.tenant_id])
    return conn


def test_a_portfolio_stands_as_the_old_system_said(
    clone: str, lender: Books, keys: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    done = load(clone, write_portfolio(tmp_path), keys, "--report", str(report))
    assert (done.exit_code, done.stderr) == (0, ""), done.stdout
    assert done.stdout.splitlines() == [
        "principal: 3300.0000 computed, 3300.00 in the old system, difference +0.0000",
        "interest: 41.4200 computed, 41.42 in the old system, difference +0.0000",
        "fees: 8.0000 computed, 8 in the old system, difference +0.0000",
        "penalties: 9.7400 computed, 9.74 in the old system, difference +0.0000",
        "6 loans compared as of 2026-03-15, 0 differ",
        ", ".join(f"{n} {what} new and 0 there already" for n, what in MADE),
    ]
    with report.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24 and {row["difference"] for row in rows} == {"0.0000"}
    with session(clone, lender) as conn:
        assert conn.execute(
            """SELECT l.loan_no::text, l.status::text, l.decided_by, l.officer::text, b.advance
            FROM lending.loans AS l
            INNER JOIN lending.loan_balances AS b ON b.loan_id = l.id
            WHERE l.loan_no IN ('CLOSED', 'OVERPAID', 'LATE') ORDER BY 1"""
        ).fetchall() == [
            ("CLOSED", "closed", "import:bob", "olive", 0),
            ("LATE", "active", "import:bob", "olive", 0),
            ("OVERPAID", "overpaid", "import:bob", "olive", 188),
        ]
        assert offenders(conn) == {}
        # Nothing is dated before the books; what was paid before them is no cash of theirs.
        assert value(conn, "SELECT min(entry_date)::text FROM ledger.journal_entries") == OPEN_FROM
        # 112 and 412 on 15 March, 10 on the tenth; the young loan went out by M-Pesa.
        assert balance(conn, "1350") == "534.0000"
        assert balance(conn, "1370") == "-1200.0000"
        # Out: 5 times 1,200. In: 4, 2 and 4 times 112, 1,400 and 1,212.
        assert balance(conn, "3310") == "-2268.0000"
        assert balance(conn, "1310") == "3300.0000"
        assert value(conn, "SELECT count(*) FROM party.customers WHERE phone_hash IS NOT NULL") == 1
    assert run(clone, "verify").exit_code == 0


def test_the_same_again_imports_nothing_and_says_so(
    clone: str, lender: Books, keys: Path, tmp_path: Path
) -> None:
    folder = write_portfolio(tmp_path)
    load(clone, folder, keys)
    with session(clone, lender) as conn:
        before = conn.execute(COUNTS).fetchone()
    again = load(clone, folder, keys)
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == (
        "0 customers new and 2 there already, 0 loans new and 6 there already,"
        " 0 transactions new and 21 there already"
    )
    with session(clone, lender) as conn:
        assert conn.execute(COUNTS).fetchone() == before
    # A payment more is imported, and the loan is what it comes to with it.
    more = {**PAYMENTS[6], "payment_no": "+1", "paid_on": AS_OF, "amount": "5"}
    write_portfolio(tmp_path, payments={"+1": more}, loans={"LATE": {"old_penalties": "4.74"}})
    further = load(clone, folder, keys)
    assert further.exit_code == 0, further.stdout + further.stderr
    assert further.stdout.splitlines()[-1].endswith("1 transactions new and 21 there already")


@pytest.mark.parametrize("accepts", [False, True])
def test_a_difference_is_named_and_keeps_the_portfolio_out_unless_it_is_accepted(
    clone: str, lender: Books, keys: Path, tmp_path: Path, accepts: bool
) -> None:
    folder = write_portfolio(tmp_path, loans={"LATE": {"old_interest": "36.5"}})
    done = load(clone, folder, keys, *(["--accept-differences"] if accepts else []))
    assert done.exit_code == 2
    assert done.stderr == (
        f"{folder}/loans.csv:3: loan LATE, interest: 36.0000 computed, 36.5 in the old system,"
        " difference -0.5000\n"
    )
    told = done.stdout.splitlines()
    assert told[1] == "interest: 41.4200 computed, 41.92 in the old system, difference -0.5000"
    assert told[4] == "6 loans compared as of 2026-03-15, 1 differ"
    assert (told[5] == "balances differ; nothing was imported") is not accepts
    with session(clone, lender) as conn:
        counts = conn.execute(COUNTS).fetchone()
        assert counts == ((2, 6, 21, counts[3]) if accepts else (0, 0, 0, 0))  # type: ignore[index]
        assert value(conn, "SELECT count(*) FROM lending.settings") == (1 if accepts else 0)


def test_a_dry_run_says_what_would_be_and_leaves_nothing(
    clone: str, lender: Books, keys: Path, tmp_path: Path
) -> None:
    done = load(clone, write_portfolio(tmp_path), keys, "--dry-run")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1].endswith("; taken back, since it was a dry run")
    with session(clone, lender) as conn:
        assert conn.execute(COUNTS).fetchone() == (0, 0, 0, 0)


BAD: list[tuple[dict[str, Any], str]] = [
    # By the files alone.
    ({"loans": {"LATE": {"principal": "1,200"}}}, "loans.csv:3: principal '1,200' is not a plain"),
    ({"loans": {"LATE": {"principal": "1e3"}}}, "loans.csv:3: principal '1e3' is not a plain"),
    ({"loans": {"LATE": {"principal": "0.00"}}}, "loans.csv:3: principal is zero"),
    ({"loans": {"LATE": {"rate": "-1"}}}, "loans.csv:3: rate '-1' is no percent a year"),
    ({"loans": {"LATE": {"instalments": "1.5"}}}, "loans.csv:3: instalments '1.5' is no number"),
    ({"loans": {"LATE": {"disbursed_on": "2025-02-30"}}}, "loans.csv:3: disbursed_on '2025-02-30'"),
    ({"loans": {"LATE": {"disbursed_on": "15/10/2025"}}}, "loans.csv:3: disbursed_on '15/10/2025'"),
    ({"loans": {"LATE": {"officer": ""}}}, "loans.csv:3: no officer"),
    ({"loans": {"LATE": {"officer": " x"}}}, "loans.csv:3: officer has blanks at its ends"),
    ({"loans": {"LATE": {"loan_no": "ON-TIME"}}}, "loans.csv:3: loan_no 'ON-TIME' is on line 2"),
    ({"loans": {"LATE": None}}, "payments.csv:7: loan 'LATE' is not in loans.csv"),
    ({"payments": {"7": {"amount": "-5"}}}, "payments.csv:8: amount '-5' is not a plain amount"),
    ({"payments": {"7": {"amount": "0"}}}, "payments.csv:8: amount is zero"),
    ({"payments": {"7": {"payment_no": "6"}}}, "payments.csv:8: loan_no 'LATE' payment_no '6' is"),
    ({"payments": {"7": {"paid_on": "2025-10-14"}}}, "payments.csv:8: paid on 2025-10-14, before"),
    ({"payments": {"7": {"prepayment": "all"}}}, "payments.csv:8: prepayment 'all' is none of"),
    ({"customers": {"C-1": {"given_name": "", "family_name": ""}}}, "customers.csv:2: no name"),
    ({"customers": {"C-1": {"phone": "12"}}}, "customers.csv:2: phone: "),
    # By what is there.
    ({"loans": {"LATE": {"officer": "eve"}}}, "loans.csv:3: officer 'eve' is no active user"),
    ({"loans": {"LATE": {"officer": "eve"}}}, "loans.csv:3: officer 'eve' is no active"),
    ({"loans": {"LATE": {"approved_by": "olive"}}}, "loans.csv:3: its officer approved it"),
    ({"loans": {"LATE": {"customer_no": "C-9"}}}, "loans.csv:3: customer 'C-9' is neither in"),
    ({"loans": {"LATE": {"product": "gold"}}}, "loans.csv:3: no such"),
    ({"loans": {"LATE": {"rate": "99"}}}, "(SQLSTATE ZO003)"),
    ({"loans": {"LATE": {"branch": "NORTH"}}}, "(SQLSTATE ZO036)"),
    ({"loans": {"LATE": {"approved_on": "2025-10-16"}}}, "loans.csv:3: "),
    (
        {"payments": {"7": {"amount": "1.001"}}},
        "payments.csv:8: amount 1.001 has more than 2 decimals",
    ),
]


@pytest.fixture(scope="module")
def lent(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> Iterator[tuple[str, Books]]:
    """A database with a tenant that lends, for imports that leave nothing behind."""
    with new_database(template) as url:
        with connect(url) as conn:
            books = open_lender(conn)
        yield url, books


@pytest.mark.parametrize(("changes", "said"), BAD)
def test_what_is_wrong_is_named_by_file_and_line_and_nothing_is_imported(
    lent: tuple[str, Books], keys: Path, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    url, books = lent
    done = load(url, write_portfolio(tmp_path, **changes), keys)
    assert done.exit_code == 2, done.stdout
    assert said in done.stderr
    assert done.stdout.splitlines()[-1].endswith("; nothing was imported")
    with session(url, books) as conn:
        assert conn.execute(COUNTS).fetchone() == (0, 0, 0, 0)
