"""The fiscal calendar in tests: states of periods and years, tokens with permissions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg

from tests.ledger.books import Line, as_json
from tests.pgtap import value

CLOSE = "SELECT ledger.close_period('MAIN', %s)"
SOFT_CLOSE = "SELECT ledger.soft_close_period('MAIN', %s)"
REOPEN = "SELECT ledger.reopen_period('MAIN', %s, 'Late invoice')"
CLOSE_YEAR = "SELECT ledger.close_fiscal_year('MAIN', %s)"
REOPEN_YEAR = "SELECT ledger.reopen_fiscal_year('MAIN', %s, 'Auditors')"
POST = "SELECT ledger.create_journal_entry('MAIN', %s, 'x', %s, p_period_kind => %s)"
EVERYDAY = ["finance.*", "identity.*", "ledger.*"]
SALE: tuple[Line, Line] = (("1110", "100"), ("4100", "-100"))
SALE_JSON = as_json(*SALE)
RENT: tuple[Line, Line] = (("5100", "30"), ("1110", "-30"))
PARTS = """SELECT max(balance) FILTER (WHERE account_code = '3200'),
    max(balance) FILTER (WHERE account_name = 'Current earnings'), sum(balance)
FROM ledger.balance_sheet(%s, %s)"""


def hold(db: psycopg.Connection, tenant_id: int, *permissions: str, subject: str = "carol") -> None:
    """Hold a token with these permissions, beside all that need not be named."""
    db.execute(
        """SELECT set_config('pgerp.token', identity.issue_token(
            %s, %s, NULL, '1 day', %s::text[]), false)""",
        [tenant_id, subject, [*EVERYDAY, *permissions]],
    )


def settle(db: psycopg.Connection) -> None:
    """Run what is deferred to the end of the transaction."""
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    db.execute("SET CONSTRAINTS ALL DEFERRED")


def status(db: psycopg.Connection, code: str, business: str = "MAIN") -> Any:
    """Return the status of a period."""
    return value(
        db,
        """SELECT p.status::text FROM ledger.fiscal_periods AS p
        JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (p.tenant_id, p.business_id)
        WHERE p.code = %s AND b.code = %s AND b.tenant_id = identity.current_tenant()""",
        [code, business],
    )


def events(db: psycopg.Connection, code: str) -> list[Any]:
    """Return the history of a period: action, old and new status, who, why, whether an entry."""
    return db.execute(
        """SELECT v.action::text, v.old_status::text, v.new_status::text, v.created_by, v.reason,
            v.entry_id IS NOT NULL
        FROM ledger.period_events AS v
        JOIN ledger.fiscal_periods AS p ON p.id = v.period_id WHERE p.code = %s ORDER BY v.id""",
        [code],
    ).fetchall()


def lines_of(db: psycopg.Connection, entry_id: Any) -> list[Any]:
    """Return account, amount, currency and amount in it of each line."""
    return db.execute(
        """SELECT a.code::text, l.amount::text, l.currency_code::text, l.currency_amount::text
        FROM ledger.journal_lines AS l JOIN ledger.accounts AS a ON a.id = l.account_id
        WHERE l.entry_id = %s ORDER BY l.line_no""",
        [entry_id],
    ).fetchall()


def retain(db: psycopg.Connection) -> None:
    """Let account 3200 take the results of years."""
    db.execute("SELECT ledger.create_account('3200', 'Retained earnings', 'EQUITY')")
    db.execute("SELECT ledger.set_account_role('retained_earnings', '3200')")


def income(db: psycopg.Connection, year: int = 2026, business: str = "MAIN") -> dict[str, Any]:
    """Return what the income statement of a year shows for each account."""
    query = "SELECT account_code, amount::text FROM ledger.income_statement(%s, %s, %s)"
    return dict(db.execute(query, [business, f"{year}-01-01", f"{year}-12-31"]).fetchall())


def parts(db: psycopg.Connection, day: str, business: str = "MAIN") -> list[str]:
    """Retained earnings, current earnings, and what the balance sheet sums to."""
    row = db.execute(PARTS, [business, day]).fetchone() or ()
    return [str(Decimal(part or 0).normalize() + 0) for part in row]
