"""The one balance function, by whichever way it counts, says what the lines say."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, post
from tests.ledger.kinds import enter
from tests.pgtap import as_role, results_eq, value

FIRST = date(2026, 1, 1)
ACCOUNTS = ["1110", "1120", "2110", "3100", "4100", "5100"]

FROM_LINES = """
    SELECT l.account_id, l.business_id,
        sum(greatest(l.amount, 0)), sum(greatest(-l.amount, 0))
    FROM ledger.journal_lines AS l
    INNER JOIN ledger.journal_entries AS e ON e.tenant_id = l.tenant_id AND e.id = l.entry_id
    WHERE e.posted_at IS NOT NULL
        AND e.tenant_id = %(tenant)s
        AND (%(business)s::integer IS NULL OR e.business_id = %(business)s)
        AND (%(start)s::date IS NULL OR e.entry_date >= %(start)s)
        AND (%(end)s::date IS NULL OR e.entry_date <= %(end)s)
        AND (%(account)s::uuid IS NULL OR l.account_id = %(account)s)
        AND (%(closing)s OR e.period_kind <> 'closing')
    GROUP BY 1, 2"""

FROM_FUNCTION = """
    SELECT account_id, business_id, debit, credit
    FROM ledger.account_movements(%(tenant)s, %(business)s, %(start)s, %(end)s, %(account)s,
        %(closing)s)"""


def fill(db: psycopg.Connection, books: Books, dice: random.Random, entries: int) -> None:
    """Write random entries: posted, drafts and abandoned, also into period 13 and the closing."""
    for _ in range(entries):
        kind = dice.choice(["regular"] * 8 + ["adjusting", "closing"])
        day = FIRST + timedelta(days=dice.choice([364, 363, 355, dice.randrange(365)]))
        if kind != "regular":
            day = date(2026, 12, 31)
        debit, credit = dice.sample(ACCOUNTS, 2)
        amount = Decimal(dice.randrange(1, 9999)) / 100
        status = dice.choice(["POSTED", "POSTED", "POSTED", "DRAFT", "VOIDED"])
        entry = enter(
            db,
            books,
            dice.choice(["MAIN", "SIDE"]),
            day,
            kind,
            "POSTED" if status == "POSTED" else "DRAFT",
            ((debit, amount), (credit, -amount)),
        )
        if status == "VOIDED":
            db.execute("SELECT ledger.void_journal_entry(%s, 'abandoned')", [entry])


@pytest.mark.parametrize("seed", range(3))
def test_movements_between_any_two_days_are_the_sums_of_the_lines(
    db: psycopg.Connection, books: Books, seed: int
) -> None:
    dice = random.Random(seed)
    fill(db, books, dice, 120)
    accounts = [row[0] for row in db.execute("SELECT id FROM ledger.accounts ORDER BY code")]
    days = [None, *(FIRST + timedelta(days=d) for d in (-5, 0, 363, 364, 370))]
    for _ in range(120):
        start, end = (
            dice.choice([*days, FIRST + timedelta(days=dice.randrange(365))]) for _ in range(2)
        )
        params: dict[str, Any] = {
            "tenant": books.tenant_id,
            "business": dice.choice([None, books.business_id]),
            "start": start,
            "end": end,
            "account": dice.choice([None, *accounts]),
            "closing": dice.random() < 0.5,
        }
        expected = sorted(db.execute(FROM_LINES, params).fetchall())
        assert sorted(db.execute(FROM_FUNCTION, params).fetchall()) == expected, params


def test_an_entry_of_the_same_transaction_is_counted_in_a_cut_period(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, ("1110", "5"), ("4100", "-5"), date="2026-03-04")
    query = "SELECT ledger.account_balance('MAIN', '1110', %s)::text"
    assert value(db, query, ["2026-03-03"]) in ("0", "0.0000")
    assert value(db, query, ["2026-03-04"]) == "5.0000"


def test_days_of_lines_are_read_under_row_security(db: psycopg.Connection, books: Books) -> None:
    post(db, ("1110", "5"), ("4100", "-5"))
    post(db, ("1110", "7"), ("4100", "-7"), business="SIDE")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [books.tenant_id, books.business_id],
    )
    with as_role(db, "pgerp_readonly"):
        results_eq(
            db,
            """SELECT sum(debit)::text FROM ledger.account_movements(
                %s, NULL, '2026-03-04', '2026-03-04')""",
            [("5.0000",)],
            [books.tenant_id],
        )
