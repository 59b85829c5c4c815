"""Paying loans out, at once and in parts, and what is on record of it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.loans import (
    PAID,
    acting_as,
    apply,
    approve,
    call,
    disburse,
    open_lending,
    paid_out,
    statement,
    status,
)
from tests.lending.products import save_product
from tests.pgtap import results_eq, throws, value


@pytest.fixture(autouse=True)
def lending(db: psycopg.Connection, books: Books) -> None:
    open_lending(db)


def refused(conn: psycopg.Connection, sqlstate: str, loan: Any, **changes: Any) -> Any:
    """Paying it out so is refused with this SQLSTATE."""
    named = {"p_loan_id": loan, "p_disbursed_on": PAID, **changes}
    return throws(conn, sqlstate, statement("disburse_loan", named), list(named.values()))


def versions(conn: psycopg.Connection, loan: Any) -> list[tuple[Any, ...]]:
    """Return number, reason, whether it is live and principal of each version of its schedule."""
    return conn.execute(
        """SELECT s.version_no, s.reason::text, s.is_live, sum(i.principal)::integer, count(*)
        FROM lending.schedules AS s
        INNER JOIN lending.instalments AS i ON i.tenant_id = s.tenant_id AND i.schedule_id = s.id
        WHERE s.loan_id = %s GROUP BY s.tenant_id, s.id ORDER BY 1""",
        [loan],
    ).fetchall()


def test_what_is_paid_out_is_owed_less_what_is_withheld(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    paid = disburse(db, loan, p_method="mpesa", p_reference="QX1")
    results_eq(
        db,
        """SELECT t.id, t.kind::text, t.amount::text, t.fees_withheld::text, t.method, t.reference,
            m.cash::text, m.principal::text
        FROM lending.transactions AS t
        INNER JOIN lending.movements AS m ON m.transaction_id = t.id
        WHERE t.loan_id = %s""",
        # 1.5 percent of 1200.
        [(paid, "disbursement", "1200.00", "18.0000", "mpesa", "QX1", "-1182.0000", "1200.0000")],
        [loan],
    )
    assert status(db, loan) == "active"


def test_fees_that_are_not_withheld_are_due(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    disburse(db, loan, p_withhold_fees=False)
    results_eq(
        db,
        "SELECT principal::text, fees::text FROM lending.loan_balances WHERE loan_id = %s",
        [("1200.0000", "18.0000")],
        [loan],
    )


def test_a_loan_is_paid_out_in_parts_and_no_more(db: psycopg.Connection) -> None:
    save_product(
        db,
        version=1,
        fees=[
            {"code": c, "name": c, "occasion": "disbursement", "basis": b, "amount": a}
            for c, b, a in (("flat", "flat", "5"), ("part", "percent", "1"))
        ],
    )
    loan = approve(db, apply(db))
    refused(db, "ZO038", loan, p_amount="1200.01")
    disburse(db, loan, p_amount=500)
    refused(db, "ZO038", loan, p_amount="700.01")
    disburse(db, loan, p_disbursed_on="2026-04-01")
    refused(db, "ZO038", loan)
    results_eq(
        db,
        "SELECT place, amount::integer, fees_withheld::integer FROM lending.transactions"
        " WHERE loan_id = %s ORDER BY place",
        [(1, 500, 10), (2, 700, 7)],
        [loan],
    )
    assert versions(db, loan) == [
        (1, "disbursement", True, 500, 6),
        (2, "disbursement", True, 1200, 6),
    ]


def test_the_planned_schedule_stays_on_record_when_it_is_paid_out(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    assert call(db, "generate_payment_schedule", p_loan_id=loan) == 1
    disburse(db, loan, p_amount=600)
    assert call(db, "generate_payment_schedule", p_loan_id=loan) == 2
    assert versions(db, loan) == [
        (1, "planned", False, 1200, 6),
        (2, "disbursement", True, 600, 6),
    ]


def test_what_was_planned_is_what_comes(db: psycopg.Connection) -> None:
    """Fees, days and interest of the plan are those of the schedule in force."""
    save_product(db, version=1, grace_interest=2, interest_free=1, grace_principal=1, round_to=5)
    loan = approve(db, apply(db))
    call(db, "generate_payment_schedule", p_loan_id=loan)
    disburse(db, loan)
    rows = [
        db.execute(
            """SELECT to_jsonb(i) - 'schedule_id' FROM lending.instalments AS i
            INNER JOIN lending.schedules AS s ON s.id = i.schedule_id
            WHERE s.loan_id = %s AND s.version_no = %s ORDER BY i.instalment_no""",
            [loan, version],
        ).fetchall()
        for version in (1, 2)
    ]
    assert rows[0] == rows[1] and len(rows[0]) == 6


@pytest.mark.parametrize(
    ("sqlstate", "changes"),
    [
        ("22023", {"p_amount": 0}),
        ("22023", {"p_amount": "NaN"}),
        ("22023", {"p_amount": "1.001"}),
        ("ZO038", {"p_amount": "0.01", "fees": True}),
        ("ZO039", {"p_disbursed_on": "2026-03-01"}),
        ("ZO039", {"p_disbursed_on": "infinity"}),
        ("22023", {"p_method": None}),
        ("23514", {"p_method": ""}),
        ("23514", {"p_reference": "x" * 201}),
        ("ZO010", {"p_loan_id": "00000000-0000-7000-8000-000000000000"}),
    ],
    ids=str,
)
def test_paying_out_out_of_bounds_is_refused_whole(
    db: psycopg.Connection, sqlstate: str, changes: dict[str, Any]
) -> None:
    if changes.pop("fees", None):
        fee = {"code": "f", "name": "F", "occasion": "disbursement", "basis": "flat", "amount": 1}
        save_product(db, version=1, fees=[fee])
    loan = approve(db, apply(db))
    refused(db, sqlstate, loan, **{"p_idempotency_key": "k", **changes})
    assert status(db, loan) == "approved"
    assert value(db, "SELECT count(*) FROM lending.idempotency_keys") == 0


def test_a_loan_is_paid_out_once_approved_and_before_it_is_due(db: psycopg.Connection) -> None:
    loan = apply(db, p_first_due_on="2026-04-01")
    refused(db, "ZO031", loan)
    approve(db, loan)
    refused(db, "ZO039", loan, p_disbursed_on="2026-04-01")
    disburse(db, loan, p_disbursed_on="2026-03-31")
    rejected = apply(db)
    call(db, "reject_loan", p_loan_id=rejected, p_reason="No")
    refused(db, "ZO031", rejected)


def test_a_request_that_is_sent_twice_pays_once(db: psycopg.Connection) -> None:
    loan, other = approve(db, apply(db)), approve(db, apply(db))
    key = {"p_idempotency_key": "once", "p_amount": "100.0"}
    paid = disburse(db, loan, **key)
    assert disburse(db, loan, **key | {"p_amount": "100.00"}) == paid
    refused(db, "ZO040", loan, **key | {"p_amount": 101})
    refused(db, "ZO040", other, **key)
    assert value(db, "SELECT sum(amount) FROM lending.transactions") == 100


def test_a_loan_of_another_business_is_not_paid_out(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    with acting_as(db, "bob", p_business_ids=[side]):
        refused(db, "ZO010", loan)


def test_what_is_on_record_stays(db: psycopg.Connection) -> None:
    loan = paid_out(db)
    call(db, "record_loan_payment", p_loan_id=loan, p_amount=10, p_paid_on=PAID, p_method="cash")
    call(
        db,
        "add_collateral",
        p_loan_id=loan,
        p_kind="land",
        p_description="Plot 7",
        p_estimated_value=900,
    )
    call(db, "save_branch", p_business_code="MAIN", p_code="b", p_name="B")
    call(db, "save_group", p_business_code="MAIN", p_code="g", p_name="G")
    disburse(db, approve(db, apply(db)), p_idempotency_key="k")
    for table, change in {
        "status_changes": "changed_by = 'eve'",
        "transactions": "description = 'Else'",
        "movements": "booked_on = booked_on + 1",
        "idempotency_keys": "request_hash = sha256('x')",
        "schedules": "annual_rate_percent = 1",
        "instalments": "due_date = due_date + 1",
        "branches": "code = 'else'",
        "groups": "code = 'else'",
        "collaterals": "kind = 'else'",
    }.items():
        throws(db, "ZO030", f"UPDATE lending.{table} SET {change}")
        throws(db, "ZO030", f"DELETE FROM lending.{table}")
