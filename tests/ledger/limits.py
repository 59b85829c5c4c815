"""Limits of accounts, and their heads, for the tests."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.ledger.books import Line, as_json
from tests.pgtap import value

ISOLATION = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
POST_HELD = "SELECT ledger.post_held_entry(%s)"
RELEASE = "SELECT ledger.release_held_entry(%s, 'changed my mind')"


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


def hold(db: psycopg.Connection, *lines: Line, business: str = "MAIN", **options: Any) -> Any:
    """Hold an entry through the API and return its id."""
    words = "".join(f", p_{name} => %({name})s" for name in options)
    return value(
        db,
        f"SELECT ledger.hold_journal_entry(%(business)s, '2026-03-04', 'x', %(lines)s{words})",
        {"business": business, "lines": as_json(*lines), **options},
    )


def let_expire(db: psycopg.Connection, entry_id: Any) -> None:
    """Bring the end of a hold forward to now, past the functions."""
    for table in ("holds", "held_amounts"):
        db.execute(
            f"UPDATE ledger.{table} SET expires_at = now() WHERE entry_id = %s",  # type: ignore[arg-type]
            [entry_id],
        )


def state(db: psycopg.Connection, entry_id: Any) -> tuple[str, str]:
    """Return the states of a hold and of its entry."""
    row = db.execute(
        """SELECT h.state::text, e.status::text FROM ledger.holds AS h
        JOIN ledger.journal_entries AS e ON e.id = h.entry_id WHERE h.entry_id = %s""",
        [entry_id],
    ).fetchone()
    assert row is not None
    return row[0], row[1]
