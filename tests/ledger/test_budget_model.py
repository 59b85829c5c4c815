"""Actual amounts of random budgets against an independent sum in Python."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.ledger.budgets import SPEND, open_expenses, plan, spending
from tests.pgtap import value

PARENT = {"5010": "5000", "5200": "5000", "5210": "5200", "5220": "5200"}
DEPARTMENTS = [None, "IT", "HR"]
FIRST_MONTHS = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}


def under(account: str, root: str) -> bool:
    return account == root or (account in PARENT and under(PARENT[account], root))


def expected(
    posted: list[tuple[str, str | None, str, str, Decimal]],
    root: str,
    department: str | None,
    first: int,
    months: int,
    as_of: str | None,
) -> Decimal:
    """Sum what was posted, from its list alone."""
    return sum(
        (
            amount
            for account, its_department, date, business, amount in posted
            if under(account, root)
            and business == "MAIN"
            and department in (None, its_department)
            and first <= int(date[5:7]) < first + months
            and (as_of is None or date <= as_of)
        ),
        Decimal(0),
    )


@pytest.mark.parametrize("run", range(4))
def test_actual_is_the_sum_of_what_was_posted(
    db: psycopg.Connection, books: Books, run: int
) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    open_expenses(db)
    plans: list[tuple[str, str, str | None, list[str]]] = []
    posted: list[tuple[str, str | None, str, str, Decimal]] = []

    def make_plan() -> None:
        code, interval = f"B{len(plans)}", dice.choice(["month", "quarter", "year"])
        roots = dice.choice([["5000"], ["5010", "5200"], ["5210"], ["5220", "5010"]])
        department = dice.choice(DEPARTMENTS)
        policy = dice.choice(["ignore", "warn", "stop"])
        amount = "1000000" if policy == "stop" else "50"
        lines = [(root, amount) for root in roots]
        plan(db, *lines, code=code, interval=interval, department=department, policy=policy)
        plans.append((code, interval, department, roots))

    make_plan()
    for _ in range(40):
        if dice.random() < 0.1:
            make_plan()
        account = dice.choice(["5010", "5210", "5220"])
        options: dict[str, Any] = {
            "department": dice.choice(DEPARTMENTS),
            "date": f"2026-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}",
            "business": dice.choice(["MAIN", "MAIN", "SIDE"]),
        }
        amount = Decimal(dice.randint(-2000, 10000) or 1) / 100
        entry_id = value(db, SPEND, spending(account, f"{amount:f}", **options))
        if dice.random() < 0.15:
            db.execute("SELECT ledger.reverse_journal_entry(%s, 'Wrong')", [entry_id])
        else:
            posted.append((account, *options.values(), amount))
    for as_of in (None, f"2026-{dice.randint(1, 12):02d}-15"):
        for code, interval, department, roots in plans:
            rows = db.execute(
                """SELECT account_code, extract(MONTH FROM starts_on)::integer, budgeted, actual,
                    remaining, utilisation FROM ledger.budget_status('MAIN', %s, %s)""",
                [code, as_of],
            ).fetchall()
            firsts = FIRST_MONTHS[interval]
            assert len(rows) == len(roots) * len(firsts), f"seed {seed}"
            for root, first, budgeted, actual, remaining, utilisation in rows:
                want = expected(posted, root, department, first, 12 // len(firsts), as_of)
                assert actual == want, f"seed {seed}, budget {code}, {root}, month {first}"
                assert remaining == budgeted - want
                percent = (100 * want / budgeted).quantize(Decimal("0.01"), ROUND_HALF_UP)
                assert utilisation == percent
    listed = db.execute(
        "SELECT budget, sum(amount) FROM finance.budget_transactions GROUP BY 1"
    ).fetchall()
    for code, total in listed:
        query = "SELECT sum(actual) FROM ledger.budget_status('MAIN', %s)"
        assert value(db, query, [code]) == total, f"seed {seed}"
