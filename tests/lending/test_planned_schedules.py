"""The schedule of a loan before it is paid out."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.loans import apply, approve, call, open_lending
from tests.lending.products import save_product
from tests.pgtap import results_eq, throws, value


@pytest.fixture(autouse=True)
def lending(db: psycopg.Connection, books: Books) -> None:
    open_lending(db)


def generate(conn: psycopg.Connection, loan: Any) -> Any:
    """Have its schedule stored; return the version."""
    return call(conn, "generate_payment_schedule", p_loan_id=loan)


def test_a_planned_schedule_is_that_of_the_terms_with_fees(db: psycopg.Connection) -> None:
    save_product(
        db,
        version=1,
        fees=[
            {"code": c, "name": c, "occasion": "instalment", "basis": b, "amount": a}
            for c, b, a in (("visit", "flat", "0.25"), ("care", "percent", "1"))
        ],
    )
    loan = apply(db)
    assert generate(db, loan) == 1
    results_eq(
        db,
        """SELECT i.instalment_no, i.due_date, i.days, i.principal, i.interest,
            i.amount - i.fees, i.balance, i.fees - round(i.principal + i.interest, 0) / 100 < 0.4
        FROM lending.instalments AS i WHERE i.loan_id = %s ORDER BY 1""",
        [
            (*row, True)
            for row in db.execute(
                "SELECT * FROM lending.preview_product_schedule('MAIN', 'season', 1200, 6,"
                " '2026-03-10')"
            ).fetchall()
        ],
        [loan],
    )
    results_eq(
        db,
        """SELECT instalment_no, starts_on::text, fees::text, fees_to_date::text,
            principal_to_date::text
        FROM lending.instalments WHERE loan_id = %s AND instalment_no IN (1, 2, 6) ORDER BY 1""",
        # 210.63 an instalment: 0.25 and 2.11.
        [
            (1, "2026-03-10", "2.3600", "2.3600", "192.6300"),
            (2, "2026-04-10", "2.3600", "4.7200", "388.1500"),
            (6, "2026-08-10", "2.3600", "14.1600", "1200.0000"),
        ],
        [loan],
    )


def test_the_same_terms_make_no_further_version(db: psycopg.Connection) -> None:
    loan = apply(db)
    assert [generate(db, loan), generate(db, loan)] == [1, 1]
    approve(db, loan, p_principal=900)
    assert [generate(db, loan), generate(db, loan)] == [2, 2]
    results_eq(
        db,
        """SELECT s.version_no, s.reason::text, s.is_live, s.effective_on::text,
            sum(i.principal)::text
        FROM lending.schedules AS s INNER JOIN lending.instalments AS i ON i.schedule_id = s.id
        WHERE s.loan_id = %s GROUP BY s.id, s.tenant_id ORDER BY 1""",
        [
            (1, "planned", False, "2026-03-10", "1200.0000"),
            (2, "planned", True, "2026-03-10", "900.0000"),
        ],
        [loan],
    )


def test_interest_in_grace_accrues_from_the_first_period_that_bears_it(
    db: psycopg.Connection,
) -> None:
    save_product(db, version=1, grace_interest=2, interest_free=1)
    loan = apply(db)
    generate(db, loan)
    results_eq(
        db,
        "SELECT starts_on::text, interest = 0 FROM lending.instalments WHERE loan_id = %s"
        " ORDER BY instalment_no LIMIT 4",
        [("2026-03-10", True), ("2026-04-10", True), ("2026-04-10", False), ("2026-06-10", False)],
        [loan],
    )


def test_what_is_rejected_has_no_schedule(db: psycopg.Connection) -> None:
    loan = apply(db)
    call(db, "reject_loan", p_loan_id=loan, p_reason="No")
    throws(db, "ZO031", "SELECT lending.generate_payment_schedule(%s)", [loan])
    assert value(db, "SELECT count(*) FROM lending.schedules") == 0
