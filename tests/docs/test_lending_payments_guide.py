"""The statements of the guide to payments of loans run and give what it says."""

from __future__ import annotations

from decimal import Decimal

import psycopg

from tests.ledger.books import open_books, settle
from tests.lending.even import lend_even
from tests.lending.loans import open_lending

from .test_documents import blocks

GUIDE = "docs/lending-payments.md"


def test_the_sql_of_the_guide_to_payments_runs(db: psycopg.Connection) -> None:
    open_books(db, "Guide")
    open_lending(db)
    loan = lend_even(db)
    found = [
        db.execute(statement.replace(":loan", f"'{loan}'")).fetchall()  # type: ignore[arg-type]
        for block in blocks(GUIDE, "sql")
        for statement in block.strip().removesuffix(";").split(";\n")
    ]
    first, again, stands, payoff, late, schedule, _, moves = found
    assert first == again
    assert stands[0][:2] == (Decimal("500.0000"), Decimal("2.5000"))
    assert payoff == [(Decimal("502.5000"),)]
    assert late == [(Decimal(500), Decimal("5.65"), Decimal(105), 5)]
    assert [row[4] for row in schedule] == [True] + [False] * 5
    assert sum(row[3] for row in moves) == -600
    settle(db)
