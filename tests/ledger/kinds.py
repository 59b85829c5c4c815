"""Entries of every kind of period, written as the functions of the ledger do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.pgtap import value


def add_special_periods(db: psycopg.Connection, books: Books) -> None:
    """Add the adjusting and the closing period to every year, whichever function makes them."""
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute(
        """INSERT INTO ledger.fiscal_periods (
            tenant_id, business_id, fiscal_year_id, code, kind, starts_on, ends_on,
            created_at, created_by, last_modified_at, last_modified_by)
        SELECT y.tenant_id, y.business_id, y.id, k.kind::text, k.kind, y.ends_on, y.ends_on,
            now(), 'x', now(), 'x'
        FROM ledger.fiscal_years AS y
        CROSS JOIN unnest('{adjusting, closing}'::ledger.period_kind[]) AS k (kind)
        WHERE y.tenant_id = %s
            AND NOT EXISTS (SELECT FROM ledger.fiscal_periods AS p
                WHERE (p.tenant_id, p.business_id, p.fiscal_year_id, p.kind)
                    = (y.tenant_id, y.business_id, y.id, k.kind))""",
        [books.tenant_id],
    )
    db.execute("SET LOCAL session_replication_role = 'origin'")


def enter(
    db: psycopg.Connection,
    books: Books,
    business: str,
    day: date,
    kind: str,
    status: str,
    lines: Sequence[tuple[str, Decimal]],
) -> Any:
    """Write an entry the way functions of the ledger do, into a period of any kind."""
    db.execute("SELECT identity.enter_tenant(%s)", [books.tenant_id])
    return value(
        db,
        """SELECT ledger.insert_entry(b.tenant_id, b.id, %s, %s, 'x', ARRAY(
            SELECT ROW(a.id, l.amount, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::ledger.new_line
            FROM unnest(%s::text[], %s::numeric[]) WITH ORDINALITY AS l (code, amount, n)
            INNER JOIN ledger.accounts AS a ON a.tenant_id = b.tenant_id AND a.code = l.code
            ORDER BY l.n), p_period_kind => %s)
        FROM identity.businesses AS b WHERE b.tenant_id = %s AND b.code = %s""",
        [
            day,
            status,
            [code for code, _ in lines],
            [amount for _, amount in lines],
            kind,
            books.tenant_id,
            business,
        ],
    )
