"""Portfolio at risk: what counts as late, on which day, and of which loans."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.reports import Lender, open_lender, par
from tests.pgtap import as_role, results_eq, throws, value

TWO = [("2026-02-01", 400), ("2026-03-01", 600)]
AT_RISK = ("loans", "portfolio", "loans_at_risk", "at_risk", "ratio")


@pytest.fixture
def lender(db: psycopg.Connection, books: Books) -> Lender:
    """MAIN, which lends."""
    return open_lender(db, books)


def at_risk(conn: psycopg.Connection, days: int, as_of: str) -> tuple[object, ...]:
    """Return loans, portfolio, loans at risk, at risk, ratio."""
    row = par(conn, days, as_of)
    return tuple(row[name] for name in AT_RISK)


def test_thirty_days_late_is_not_more_than_thirty_days_late(
    db: psycopg.Connection, lender: Lender
) -> None:
    lender.lend("L1", TWO)
    # Due 1 February: 30 days late on 3 March, 31 on the 4th.
    assert at_risk(db, 30, "2026-03-03") == (1, 1000, 0, 0, 0)
    assert at_risk(db, 30, "2026-03-04") == (1, 1000, 1, 1000, 1)
    # Late is after the due date; with 0 days whatever is late counts.
    assert at_risk(db, 0, "2026-02-01") == (1, 1000, 0, 0, 0)
    assert at_risk(db, 0, "2026-02-02") == (1, 1000, 1, 1000, 1)


def test_all_that_is_owed_of_a_late_loan_is_at_risk_not_what_is_late(
    db: psycopg.Connection, lender: Lender
) -> None:
    lender.lend("L1", TWO)
    lender.settle(lender.lend("L2", TWO), "2026-02-01", 400)
    lender.lend("L3", [("2026-12-01", 1400)])
    row = par(db, 30, "2026-03-04")
    assert (row["loans"], row["portfolio"], row["at_risk"]) == (3, 3000, 1000)
    assert row["ratio"] == Decimal("0.333333")


@pytest.mark.parametrize(
    ("principal", "interest", "fees"), [(399, 1, 1), (400, 0.99, 1), (400, 1, 0.99)]
)
def test_an_instalment_paid_in_part_is_late(
    db: psycopg.Connection, lender: Lender, principal: int, interest: float, fees: float
) -> None:
    """In principal, in interest, or in fees alone."""
    loan = lender.lend("L1", TWO)
    lender.settle(loan, "2026-02-01", principal, interest=interest, fees=fees)
    assert at_risk(db, 30, "2026-03-04")[2:4] == (1, 1000 - principal)


def test_an_instalment_paid_in_full_is_not_and_the_next_counts_by_its_own_day(
    db: psycopg.Connection, lender: Lender
) -> None:
    lender.settle(lender.lend("L1", TWO), "2026-02-20", 400)
    assert at_risk(db, 1, "2026-02-19") == (1, 1000, 1, 1000, 1)
    assert at_risk(db, 1, "2026-02-20") == (1, 600, 0, 0, 0)
    assert at_risk(db, 30, "2026-03-31") == (1, 600, 0, 0, 0)
    assert at_risk(db, 30, "2026-04-01") == (1, 600, 1, 600, 1)


def test_a_past_day_is_as_it_was_though_all_has_been_paid_since(
    db: psycopg.Connection, lender: Lender
) -> None:
    loan = lender.lend("L1", TWO)
    lender.settle(loan, "2026-05-01", 1000)
    db.execute(
        "UPDATE lending.loans SET status = 'closed', closed_on = '2026-05-01' WHERE id = %s", [loan]
    )
    assert at_risk(db, 30, "2026-04-30") == (1, 1000, 1, 1000, 1)
    assert at_risk(db, 30, "2026-05-01") == (0, 0, 0, 0, 0)
    assert at_risk(db, 30, "2025-12-31") == (0, 0, 0, 0, 0)


def test_written_off_is_in_neither_from_its_day_on(db: psycopg.Connection, lender: Lender) -> None:
    lender.settle(lender.lend("L1", TWO), "2026-06-01", 1000, kind="write_off")
    lender.lend("L2", [("2026-12-01", 500)])
    before, after = par(db, 30, "2026-05-31"), par(db, 30, "2026-06-01")
    assert (before["portfolio"], before["at_risk"], before["written_off"]) == (1500, 1000, 0)
    assert (after["portfolio"], after["at_risk"], after["written_off"]) == (500, 0, 1000)
    assert (before["written_off_loans"], after["written_off_loans"]) == (0, 1)


def test_what_was_rescheduled_is_shown_apart_and_counts_by_its_new_days(
    db: psycopg.Connection, lender: Lender
) -> None:
    loan = lender.lend("L1", TWO)
    lender.lend("L2", TWO)
    lender.plan(loan, [("2026-05-01", 1000)], "2026-04-01", "reschedule")
    before, after = par(db, 30, "2026-03-31"), par(db, 30, "2026-04-01")
    assert (before["at_risk"], before["restructured"]) == (2000, 0)
    assert (after["at_risk"], after["restructured"], after["restructured_at_risk"]) == (
        *(1000, 1000, 0),
    )
    late = par(db, 30, "2026-06-01")
    assert (late["at_risk"], late["restructured"], late["restructured_at_risk"]) == (
        *(2000, 1000, 1000),
    )
    assert (late["loans"], late["restructured_loans"]) == (2, 1)


def test_a_version_that_is_not_so_any_more_does_not_count(
    db: psycopg.Connection, lender: Lender
) -> None:
    loan = lender.lend("L1", TWO)
    lender.plan(loan, [("2026-12-01", 1000)], "2026-01-15", "reschedule", is_live=False)
    row = par(db, 30, "2026-03-04")
    assert (row["at_risk"], row["restructured"]) == (1000, 0)


def test_nothing_lent_is_a_portfolio_of_nothing_and_no_risk(
    db: psycopg.Connection, lender: Lender
) -> None:
    row = par(db, 30, "2026-03-04")
    assert {name: row[name] for name in AT_RISK} == dict.fromkeys(AT_RISK, 0)
    assert (row["currency_code"], str(row["as_of"])) == ("USD", "2026-03-04")


def test_without_a_day_it_is_today(db: psycopg.Connection, lender: Lender) -> None:
    today = value(db, "SELECT current_date")
    lender.lend("L1", [(str(today), 1000)], on="2020-01-01", through="2030-01-01")
    assert value(db, "SELECT as_of FROM lending.calculate_par()") == today
    # The tenant has SIDE too, in the same currency: one row.
    assert value(db, "SELECT portfolio FROM lending.calculate_par(0)") == 1000


def test_another_business_is_not_seen(db: psycopg.Connection, books: Books, lender: Lender) -> None:
    open_lender(db, books, "SIDE").lend("L9", TWO)
    lender.lend("L1", TWO)
    assert par(db, 30, "2026-03-04", None)["portfolio"] == 2000
    token = value(
        db,
        "SELECT identity.issue_token(%s, 'alice', ARRAY[%s], '1 day')",
        [books.tenant_id, lender.business_id],
    )
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])
    for role in ("pgerp_app", "pgerp_readonly", "pgerp_auditor"):
        with as_role(db, role):
            assert par(db, 30, "2026-03-04", None)["portfolio"] == 1000
            throws(db, "ZI005", "SELECT lending.calculate_par(30, NULL, 'SIDE')")
            results_eq(db, "SELECT DISTINCT business_id FROM lending.vw_portfolio_at_risk", [(1,)])


def test_the_view_has_five_numbers_of_days_of_each_business(
    db: psycopg.Connection, lender: Lender
) -> None:
    for age in (0, 1, 2, 30, 31, 61, 91, 181):
        due = value(db, "SELECT (current_date - %s)::text", [age])
        lender.lend(f"L{age}", [(due, 100)], on="2020-01-01", through="2030-01-01")
    results_eq(
        db,
        "SELECT business_code, days, loans, loans_at_risk, at_risk, ratio"
        " FROM lending.vw_portfolio_at_risk ORDER BY business_code, days",
        [
            *(("MAIN", 1, 8, 6, 600, Decimal("0.75")), ("MAIN", 30, 8, 4, 400, Decimal("0.5"))),
            ("MAIN", 60, 8, 3, 300, Decimal("0.375")),
            *(("MAIN", 90, 8, 2, 200, Decimal("0.25")), ("MAIN", 180, 8, 1, 100, Decimal("0.125"))),
            *(("SIDE", days, 0, 0, 0, 0) for days in (1, 30, 60, 90, 180)),
        ],
    )


@pytest.mark.parametrize(
    ("sqlstate", "arguments"),
    [
        ("22023", "-1"),
        ("22023", "NULL"),
        ("22023", "30, 'infinity'"),
        ("ZI005", "30, NULL, 'NOBODY'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, arguments: str
) -> None:
    throws(db, sqlstate, f"SELECT lending.calculate_par({arguments})")


def test_it_takes_a_token(db: psycopg.Connection) -> None:
    throws(db, "ZI001", "SELECT lending.calculate_par()")
