"""Entries of every kind of period, written as the functions of the ledger do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.pgtap import value


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
            ORDER BY l.n), p_source_module => 'ledger', p_period_kind => %s)
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
