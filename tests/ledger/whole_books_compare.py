"""What the database shows, compared with the books in memory."""

from __future__ import annotations

import datetime

import psycopg

from tests.ledger.whole_books import Model
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
    for day in (datetime.date(year, 6, 30), datetime.date(year, 12, 31)):
        query = "SELECT account_code, balance FROM ledger.trial_balance(%s, %s)"
        rows = db.execute(query, [business, day]).fetchall()
        expected = model.balances(business, day)
        assert {code: balance for code, balance in rows if balance} == expected
        assert sum(expected.values()) == 0
        query = "SELECT coalesce(sum(balance), 0) FROM ledger.balance_sheet(%s, %s)"
        assert value(db, query, [business, day]) == 0
    retained = "SELECT ledger.account_balance(%s, '3200', %s)"
    assert value(db, retained, [business, day]) == expected.get("3200", 0)
    query = "SELECT account_code, amount FROM ledger.income_statement(%s, %s, %s)"
    rows = db.execute(query, [business, datetime.date(year, 1, 1), day]).fetchall()
    shown = {code: amount for code, amount in rows if amount}
    assert shown == model.income(business, year)
