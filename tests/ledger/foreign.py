"""Books with foreign currencies, invoices and payments, for the tests of settlement."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.pgtap import value

ROLES = {
    "rounding_difference": "5910",
    "exchange_gain": "4910",
    "exchange_loss": "5920",
    "unrealised_exchange_gain": "4920",
    "unrealised_exchange_loss": "5930",
}


@dataclass(frozen=True)
class Item:
    """A line that can be matched."""

    entry_id: Any
    line_no: int


def open_foreign_accounts(conn: psycopg.Connection) -> None:
    """Add receivables 1200, payables 2200, a EUR bank 1150 and the accounts with roles."""
    for code, account_type, currency in (
        ("1150", "ASSET", "EUR"),
        ("1200", "ASSET", None),
        ("2200", "LIABILITY", None),
        ("4910", "REVENUE", None),
        ("4920", "REVENUE", None),
        ("5910", "EXPENSE", None),
        ("5920", "EXPENSE", None),
        ("5930", "EXPENSE", None),
    ):
        conn.execute(
            "SELECT ledger.create_account(%s, %s, %s, p_currency_code => %s)",
            [code, f"Account {code}", account_type, currency],
        )
    for role, code in ROLES.items():
        conn.execute("SELECT ledger.set_account_role(%s, %s)", [role, code])


def set_rate(
    conn: psycopg.Connection, day: str, rate: str | None, pair: str = "EUR/USD", **more: str
) -> bool:
    """Put a rate on record."""
    currency, to_currency = pair.split("/")
    named = "".join(f", p_{name} => %s" for name in more)
    changed: bool = value(
        conn,
        f"SELECT ledger.set_exchange_rate(%s, %s, %s, %s{named})",
        [currency, to_currency, day, rate, *more.values()],
    )
    return changed


def item(
    conn: psycopg.Connection,
    amount: str,
    *,
    rate: str | None = None,
    currency: str | None = "EUR",
    date: str = "2026-03-04",
    counterparty: str | None = "ACME",
    account: str = "1200",
    business: str = "MAIN",
    against: str = "4100",
    status: str = "POSTED",
    **more: str,
) -> Item:
    """Post a line with a signed amount against another account; return it."""
    common = {"currency": currency, "rate": rate}
    side, other = ("credit", "debit") if amount.startswith("-") else ("debit", "credit")
    lines = [
        {"account": account, side: amount.lstrip("-"), "counterparty": counterparty} | more,
        {"account": against, other: amount.lstrip("-")},
    ]
    given = [{k: v for k, v in (line | common).items() if v is not None} for line in lines]
    entry_id = value(
        conn,
        "SELECT ledger.create_journal_entry(%s, %s, 'Test', %s, %s)",
        [business, date, json.dumps(given), status],
    )
    return Item(entry_id, 1)


MATCH = "SELECT ledger.match_lines(%s, %s, %s, %s, %s, %s)"


def match(
    conn: psycopg.Connection,
    debit: Item,
    credit: Item,
    amount: str | None = None,
    on: str | None = None,
) -> Any:
    """Match two lines and return the id of the match."""
    return value(conn, MATCH, pair(debit, credit, amount, on))


def pair(debit: Item, credit: Item, amount: str | None = None, on: str | None = None) -> list[Any]:
    """Return the arguments of `MATCH`."""
    return [debit.entry_id, debit.line_no, credit.entry_id, credit.line_no, amount, on]


def open_of(conn: psycopg.Connection, one: Item, as_of: str = "infinity") -> tuple[str, str] | None:
    """Return what is open of a line, in its currency and in the functional one, or None."""
    row = conn.execute(
        """SELECT i.open_amount::text, i.open_value::text
        FROM ledger.journal_lines AS l
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        INNER JOIN identity.businesses AS b ON b.tenant_id = l.tenant_id AND b.id = l.business_id
        CROSS JOIN LATERAL ledger.open_items(b.code, a.code, %s) AS i
        WHERE l.entry_id = %s AND l.line_no = %s
            AND i.entry_id = l.entry_id AND i.line_no = l.line_no""",
        [as_of, one.entry_id, one.line_no],
    ).fetchone()
    return row and (row[0], row[1])
