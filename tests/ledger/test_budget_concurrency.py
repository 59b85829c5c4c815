"""Budgets while several sessions post: exactly as much is spent as is planned."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import offenders, open_books
from tests.ledger.budgets import SPEND, open_expenses, plan, planned, spend, spending, status
from tests.pgtap import throws, value

MOVE = """UPDATE ledger.accounts SET parent_id = (
    SELECT id FROM ledger.accounts WHERE code = '5200') WHERE code = '5010'"""


@pytest.fixture
def url(clone: str) -> str:
    """A database with committed books and expenses."""
    with connect(clone) as conn:
        open_books(conn)
        open_expenses(conn)
    return clone


@contextlib.contextmanager
def session_on(url: str) -> Iterator[psycopg.Connection]:
    with connect(url) as conn:
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1, 'alice'), false)")
        yield conn


def test_of_two_postings_that_together_exceed_exactly_one_wins(url: str) -> None:
    with session_on(url) as one, session_on(url) as other, session_on(url) as looker:
        plan(one, ("5000", "100"))
        one.execute("BEGIN")
        spend(one, "5010", "60")
        second = Background(other, lambda: spend(other, "5210", "60"))
        assert second.waits(looker)
        one.execute("COMMIT")
        assert second.result() == "ZF001"
        one.execute("BEGIN")
        spend(one, "5010", "40")
        third = Background(other, lambda: spend(other, "5210", "40"))
        assert third.waits(looker)
        one.execute("ROLLBACK")
        assert third.result() is None
        assert status(looker)[0][3] == "100.0000"
        assert offenders(looker) == {}


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_older_snapshot_fails_rather_than_judge_by_old_figures(url: str, isolation: str) -> None:
    with session_on(url) as one, session_on(url) as other:
        plan(one, ("5010", "100"))
        spend(one, "5010", "1")
        one.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        value(one, "SELECT count(*) FROM ledger.budgets")
        spend(other, "5010", "60")
        throws(one, "40001", SPEND, spending("5010", "60"))
        one.execute("ROLLBACK")
        assert status(one)[0][3] == "61.0000"


def test_a_budget_comes_into_force_after_those_who_are_posting(url: str) -> None:
    with session_on(url) as poster, session_on(url) as planner, session_on(url) as looker:
        poster.execute("BEGIN")
        spend(poster, "5210", "70")
        planning = Background(planner, lambda: plan(planner, ("5000", "100")))
        assert planning.waits(looker)
        poster.execute("COMMIT")
        assert planning.result() is None
        throws(looker, "ZF001", SPEND, spending("5010", "31"))
        assert offenders(looker) == {}


def test_what_is_posted_while_a_budget_waits_came_before_it(url: str) -> None:
    with (
        session_on(url) as poster,
        session_on(url) as planner,
        session_on(url) as other,
        session_on(url) as looker,
    ):
        poster.execute("BEGIN")
        spend(poster, "5010", "10")
        planning = Background(planner, lambda: plan(planner, ("5000", "50")))
        assert planning.waits(looker)
        # Against another account: by chance both sessions may have the same stripe of a balance.
        spend(other, "5220", "70", against="1110")
        poster.execute("COMMIT")
        assert planning.result() is None
        assert status(looker)[0][3] == "80.0000"
        assert offenders(looker) == {}


def test_it_waits_for_them_even_where_another_budget_has_the_accounts_watched(url: str) -> None:
    with session_on(url) as poster, session_on(url) as planner, session_on(url) as looker:
        plan(planner, ("5000", "1000"), code="OLD", policy="warn")
        poster.execute("BEGIN")
        spend(poster, "5210", "70")
        planning = Background(planner, lambda: plan(planner, ("5200", "100")))
        assert planning.waits(looker)
        poster.execute("COMMIT")
        assert planning.result() is None
        throws(looker, "ZF001", SPEND, spending("5220", "31"))
        assert offenders(looker) == {}


def test_who_posts_while_a_budget_comes_into_force_waits_and_is_judged(url: str) -> None:
    with session_on(url) as poster, session_on(url) as planner, session_on(url) as looker:
        draft_id = spend(poster, "5220", "150", status="DRAFT")
        planner.execute("BEGIN")
        plan(planner, ("5000", "100"))
        posting = Background(poster, lambda: spend(poster, "5210", "101"))
        assert posting.waits(looker)
        planner.execute("COMMIT")
        assert posting.result() == "ZF001"
        planner.execute("BEGIN")
        planner.execute("SELECT ledger.revise_budget('B', %s, 'x')", [planned(("5200", "90"))])
        posting = Background(
            poster, lambda: poster.execute("SELECT ledger.post_journal_entry(%s)", [draft_id])
        )
        assert posting.waits(looker)
        planner.execute("COMMIT")
        assert posting.result() == "ZF001"
        assert offenders(looker) == {}


def test_an_account_cannot_slip_under_a_budget_that_is_being_made(url: str) -> None:
    with session_on(url) as mover, session_on(url) as planner, session_on(url) as looker:
        mover.execute("BEGIN")
        mover.execute(MOVE)
        planning = Background(planner, lambda: plan(planner, ("5200", "100")))
        assert planning.waits(looker)
        mover.execute("COMMIT")
        assert planning.result() is None
        throws(looker, "ZF001", SPEND, spending("5010", "101"))
        assert offenders(looker) == {}


def test_what_was_posted_before_a_revision_or_a_move_is_no_offence(url: str) -> None:
    with session_on(url) as conn:
        plan(conn, ("5010", "100"))
        spend(conn, "5010", "80")
        conn.execute("SELECT ledger.revise_budget('B', %s, 'Cut')", [planned(("5010", "50"))])
        assert offenders(conn) == {}
        plan(conn, ("5200", "10"), code="C")
        conn.execute("SELECT ledger.close_budget('B')")
        spend(conn, "5010", "1")
        conn.execute(MOVE)
        assert status(conn, "C")[0][6] == "exceeded"
        assert offenders(conn) == {}


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_only_read_committed_puts_a_budget_in_force(url: str, isolation: str) -> None:
    lines = planned(("5010", "1"))
    with session_on(url) as conn:
        conn.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        call = "SELECT ledger.create_budget('MAIN', 'B', 'b', '2026', %s)"
        throws(conn, "25001", call, [lines])
        conn.execute("ROLLBACK")


def test_many_spenders_never_exceed_a_budget(url: str) -> None:
    seed = random.randrange(2**32)
    outcomes: Counter[str | None] = Counter()
    spent: list[Decimal] = []

    def work(number: int) -> None:
        rng = random.Random(seed + number)
        with session_on(url) as conn:
            for _ in range(15):
                amount = Decimal(rng.randrange(-500, 2000)) / 100 or Decimal(1)
                try:
                    spend(conn, rng.choice(["5010", "5210", "5220"]), f"{amount:f}")
                    spent.append(amount)
                    outcomes[None] += 1
                except psycopg.Error as error:
                    outcomes[error.sqlstate] += 1

    with session_on(url) as looker:
        plan(looker, ("5000", "300"))
        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(outcomes) <= {None, "ZF001"}, f"seed {seed}: {outcomes}"
        assert outcomes["ZF001"] > 0
        actual = value(looker, "SELECT actual FROM ledger.budget_status('MAIN')")
        assert actual == sum(spent), f"seed {seed}"
        assert actual <= 300, f"seed {seed}"
        assert offenders(looker) == {}
