"""Limits of accounts, and their heads, for the tests."""

from __future__ import annotations

from typing import Any

import psycopg


def limit(db: psycopg.Connection, account: str, **limits: Any) -> None:
    words = ", ".join(f"p_{name} => %({name})s" for name in limits)
    db.execute(
        f"SELECT ledger.set_account_limits(%(account)s{', ' if words else ''}{words})",  # type: ignore[arg-type]
        {"account": account, **limits},
    )


def head(db: psycopg.Connection, account: str, business: str = "MAIN") -> Any:
    """Return balance, held debit, held credit and version as text."""
    return db.execute(
        """SELECT h.balance::text, h.held_debit::text, h.held_credit::text, h.version
        FROM ledger.account_heads AS h
        JOIN ledger.accounts AS a ON a.id = h.account_id
        JOIN identity.businesses AS b ON b.id = h.business_id AND b.tenant_id = h.tenant_id
        WHERE a.code = %s AND b.code = %s""",
        [account, business],
    ).fetchone()
