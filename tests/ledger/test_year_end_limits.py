"""Limits and budgets of the accounts that the end of a year empties do not hold it up."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import CHECKS, Books, balance, open_books, post, settle
from tests.ledger.budgets import plan
from tests.ledger.limits import POST_HELD, head, hold, let_expire, limit
from tests.ledger.periods import CLOSE_YEAR, REOPEN_YEAR, SALE, retain, status
from tests.pgtap import throws, value

CHECK = (CHECKS / "ledger" / "limits_are_kept.sql").read_text().encode()
NEXT = "SELECT ledger.create_fiscal_year('MAIN', '2027-01-01')"


@pytest.fixture
def years(db: psycopg.Connection, books: Books) -> None:
    """Books of two years, with an account for retained earnings."""
    retain(db)
    db.execute(NEXT)


def rent(db: psycopg.Connection, amount: str, date: str = "2026-05-04") -> None:
    """Post an expense; a negative one is a credit note."""
    other = amount[1:] if amount.startswith("-") else "-" + amount
    post(db, ("5100", amount), ("2110", other), date=date)


@pytest.mark.parametrize("side", ["4100", "5100"])
@pytest.mark.usefixtures("years")
def test_a_year_closes_though_its_accounts_may_not_become_empty(
    db: psycopg.Connection, side: str
) -> None:
    post(db, *SALE)
    rent(db, "30")
    limit(db, side, minimum_balance=20, credit_limit=500, keeps_version=True)
    assert value(db, CLOSE_YEAR, ["2026"]) is not None
    assert [balance(db, code) for code in ("4100", "5100", "3200")] == [
        "0.0000", "0.0000", "-70.0000"
    ]  # fmt: skip
    assert (head(db, side) or ("",))[0] == "0.0000"
    settle(db)


@pytest.mark.usefixtures("years")
def test_what_the_old_year_covered_may_be_beyond_the_limit_but_goes_no_farther(
    db: psycopg.Connection,
) -> None:
    """Credit notes of the next year were covered by the expenses of the old one."""
    limit(db, "5100", minimum_balance=0)
    rent(db, "800")
    rent(db, "-100", "2027-02-01")
    value(db, CLOSE_YEAR, ["2026"])
    assert balance(db, "5100") == "-100.0000"
    settle(db)
    with pytest.raises(psycopg.Error) as refused, db.transaction():
        rent(db, "-0.01", "2027-02-01")
    assert refused.value.sqlstate == "ZL030"
    rent(db, "40", "2027-02-01")
    settle(db)
    value(db, REOPEN_YEAR, ["2026"])
    assert balance(db, "5100") == "740.0000"
    settle(db)
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)


@pytest.mark.usefixtures("years")
def test_a_year_is_reopened_though_both_years_are_over_the_limit(db: psycopg.Connection) -> None:
    limit(db, "5100", credit_limit=1000)
    rent(db, "800")
    value(db, CLOSE_YEAR, ["2026"])
    rent(db, "900", "2027-02-01")
    held = hold(db, ("5100", "50"), ("2110", "-50"))
    value(db, REOPEN_YEAR, ["2026"])
    assert balance(db, "5100") == "1700.0000"
    settle(db)
    db.execute("SELECT ledger.release_held_entry(%s, 'why')", [held])
    settle(db)
    with pytest.raises(psycopg.Error) as refused, db.transaction():
        rent(db, "0.01", "2027-02-01")
    assert refused.value.sqlstate == "ZL031"
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)


@pytest.mark.usefixtures("years")
def test_a_hold_that_only_the_old_year_covered_stays_until_it_is_covered_again(
    db: psycopg.Connection,
) -> None:
    limit(db, "5100", minimum_balance=0)
    rent(db, "800")
    held = hold(db, ("2110", "300"), ("5100", "-300"))
    db.execute("UPDATE ledger.journal_entries SET entry_date = '2027-01-05' WHERE id = %s", [held])
    gone = hold(db, ("2110", "200"), ("5100", "-200"))
    let_expire(db, gone)
    rent(db, "-100", "2027-02-01")
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    low = "SELECT closed_low::text FROM ledger.account_heads"
    assert value(db, low) == "-400.0000"
    throws(db, "ZL030", POST_HELD, [held])
    rent(db, "400", "2027-02-02")
    value(db, POST_HELD, [held])
    assert balance(db, "5100") == "0.0000"
    settle(db)


@pytest.mark.usefixtures("years")
def test_the_check_finds_what_leads_farther_away_after_the_end_of_the_year(
    db: psycopg.Connection,
) -> None:
    limit(db, "5100", minimum_balance=0, credit_limit=1000)
    rent(db, "800")
    rent(db, "-100", "2027-02-01")
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    limits = "SELECT set_config('session_replication_role', 'replica', true)"
    for planted, found in (("-100.0001", 1), ("-99.9999", 0), ("1000.0001", 1)):
        with db.transaction(force_rollback=True):
            value(db, limits)
            db.execute("UPDATE ledger.account_heads SET balance = %s", [planted])
            assert len(db.execute(CHECK).fetchall()) == found, planted
    # Once it was within, and a limit is set, it begins at 0 again.
    rent(db, "150", "2027-02-01")
    limit(db, "5100", minimum_balance=10)
    value(db, limits)
    db.execute("UPDATE ledger.account_heads SET balance = -1")
    assert len(db.execute(CHECK).fetchall()) == 1


@pytest.mark.usefixtures("years")
def test_retained_earnings_keep_to_their_limits(db: psycopg.Connection) -> None:
    """It is no account that is emptied: a loss that it may not bear keeps the year open."""
    rent(db, "30")
    limit(db, "3200", minimum_balance=0)
    throws(db, "ZL030", CLOSE_YEAR, ["2026"])
    assert [status(db, "2026-12"), balance(db, "5100")] == ["open", "30.0000"]
    settle(db)
    limit(db, "3200", minimum_balance=-30)
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)


@pytest.mark.usefixtures("years")
def test_budgets_that_stop_do_not_hold_up_the_end_of_a_year(db: psycopg.Connection) -> None:
    """Emptying revenue is a debit, and reopening fills an expense: both would be judged."""
    rent(db, "30")
    post(db, *SALE)
    plan(db, ("5100", "0"), ("4100", "0"), policy="stop")
    value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    value(db, REOPEN_YEAR, ["2026"])
    settle(db)


@pytest.mark.parametrize("first", ["posting", "closing"])
def test_who_posts_while_a_year_closes_is_judged_by_what_it_leaves(clone: str, first: str) -> None:
    with connect(clone) as observer, connect(clone) as one, connect(clone) as other:
        books = open_books(observer)
        retain(observer)
        observer.execute(NEXT)
        rent(observer, "800")
        limit(observer, "5100", minimum_balance=0)
        for session in (one, other):
            session.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        one.execute("BEGIN")
        if first == "posting":
            rent(one, "-100", "2027-02-01")
            second = Background(other, lambda: value(other, CLOSE_YEAR, ["2026"]))
        else:
            value(one, CLOSE_YEAR, ["2026"])
            second = Background(other, lambda: rent(other, "-100", "2027-02-01"))
        assert second.waits(observer)
        one.execute("COMMIT")
        assert second.result() == (None if first == "posting" else "ZL030")
        assert status(observer, "2026-12") == "closed"
        assert balance(observer, "5100") == ("-100.0000" if first == "posting" else "0.0000")
        settle(observer)
