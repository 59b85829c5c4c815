"""What the database shows, compared with the books in memory."""

from __future__ import annotations

import datetime
from decimal import Decimal

import psycopg

from tests.ledger.whole_books import Model
from tests.ledger.whole_books_entries import BALANCE, RESULT, Entry
from tests.pgtap import value

KEPT = """SELECT a.code, x.currency_code, sum(x.debit - x.credit), sum(x.currency_amount)
    FROM ledger.account_balances AS x
    JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (x.tenant_id, x.account_id)
    JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (x.tenant_id, x.business_id)
    WHERE b.code = %s GROUP BY 1, 2
    HAVING sum(x.debit - x.credit) <> 0 OR sum(x.currency_amount) <> 0"""
PERIODS = """SELECT b.code, p.code, p.status::text FROM ledger.fiscal_periods AS p
    JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (p.tenant_id, p.business_id)
    WHERE b.code <> 'SIDE'"""
STATUSES = "SELECT id, status::text FROM ledger.journal_entries WHERE period_kind <> 'closing'"


def compare_periods(db: psycopg.Connection, model: Model) -> None:
    """Every period is open, soft-closed or closed, and every entry what it is, as in the model."""
    found = {row[:2]: row[2] for row in db.execute(PERIODS).fetchall()}
    assert found == model.states
    known = {entry.id: entry.status for entry in model.entries if entry.kind != "closing"}
    assert dict(db.execute(STATUSES).fetchall()) == known


def compare_balances(db: psycopg.Connection, model: Model, business: str) -> None:
    """Every account has, in both currencies, what was posted to it."""
    rows = db.execute(KEPT, [business]).fetchall()
    assert {row[:2]: row[2:] for row in rows} == model.sums(business)


def compare_statements(db: psycopg.Connection, model: Model, business: str, year: int) -> None:
    """The statements of a year, and what it has carried forward."""
    last = datetime.date(year, 12, 31)
    dates = [e.date for e in model.entries if (e.business, e.date.year) == (business, year)]
    newest = dates[-1] if dates else last
    for day in (newest - datetime.timedelta(days=1), newest, last):
        query = "SELECT account_code, debit, credit, balance FROM ledger.trial_balance(%s, %s)"
        rows = db.execute(query, [business, day]).fetchall()
        expected = model.balances(business, day)
        assert {code: balance for code, *_, balance in rows if balance} == expected
        assert all((d, c) == (max(b, 0), max(-b, 0)) for _, d, c, b in rows)
        assert sum(expected.values()) == 0
    compare_balance_sheet(db, model, business, last)
    retained = "SELECT ledger.account_balance(%s, '3200', %s)"
    assert value(db, retained, [business, last]) == expected.get("3200", 0)
    query = "SELECT account_code, amount, balance FROM ledger.income_statement(%s, %s, %s)"
    rows = db.execute(query, [business, datetime.date(year, 1, 1), last]).fetchall()
    assert {code: amount for code, amount, _ in rows if amount} == model.income(business, year)
    side = {"REVENUE": -1, "EXPENSE": 1}
    assert all(amount == side[model.accounts[c].type] * balance for c, amount, balance in rows)


def compare_balance_sheet(
    db: psycopg.Connection, model: Model, business: str, day: datetime.date
) -> None:
    """Assets, liabilities and equity on a day, and what was earned and is not carried forward."""
    query = "SELECT account_code, amount, balance FROM ledger.balance_sheet(%s, %s)"
    rows = db.execute(query, [business, day]).fetchall()
    expected: dict[str | None, tuple[Decimal, Decimal]] = {}
    earned = Decimal(0)
    for code, balance in model.balances(business, day).items():
        kind = model.accounts[code].type
        if kind in RESULT:
            earned += balance
        else:
            expected[code] = (balance if kind == "ASSET" else -balance, balance)
    expected |= {None: (-earned, earned)} if earned else {}
    assert {code: (amount, balance) for code, amount, balance in rows if balance} == expected


def compare_account(db: psycopg.Connection, model: Model, entry: Entry) -> None:
    """The ledger of the first account of an entry, line by line, and what is open on it."""
    business, code = entry.business, entry.lines[0].account
    query = "SELECT entry_date, balance FROM ledger.general_ledger(%s, %s)"
    shown = db.execute(query, [business, code]).fetchall()
    lines = [(e.date, line.amount) for e, line in model.counted(business) if line.account == code]
    assert sorted(date for date, _ in shown) == sorted(date for date, _ in lines)
    for n, (date, balance) in enumerate(shown, start=1):
        if n == len(shown) or shown[n][0] > date:
            assert balance == sum(amount for on, amount in lines if on <= date)
    if model.accounts[code].type in BALANCE:
        query = """SELECT open_amount, open_value
            FROM ledger.open_items(%s, %s, 'infinity') WHERE open_amount <> 0"""
        expected = [
            (line.open.copy_sign(line.total), (abs(line.amount) - line.settled_value))
            for _, line in model.counted(business)
            if line.account == code and line.open
        ]
        found = [(amount, abs(worth)) for amount, worth in db.execute(query, [business, code])]
        assert sorted(found) == sorted(expected)
