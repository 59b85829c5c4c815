"""Terms that change once a loan is paid out, and what is given up: schedules before stay."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders
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
from tests.pgtap import results_eq, throws, value

LATER = "2026-04-20"
"""Ten days after the first of six instalments, of 210.63 each with a fee of 0.25, is due."""


@pytest.fixture(autouse=True)
def lending(db: psycopg.Connection, books: Books) -> None:
    open_lending(db)


def refused(conn: psycopg.Connection, sqlstate: str, function: str, **named: Any) -> Any:
    """Such a call is refused with this SQLSTATE."""
    return throws(conn, sqlstate, statement(function, named), list(named.values()))


def versions(conn: psycopg.Connection, loan: Any) -> list[tuple[Any, ...]]:
    """Return reason, whether it is live, rate, instalments and principal of each version."""
    return conn.execute(
        """SELECT s.reason::text, s.is_live, s.annual_rate_percent::integer, count(*),
            sum(i.principal)::text
        FROM lending.schedules AS s
        INNER JOIN lending.instalments AS i ON i.tenant_id = s.tenant_id AND i.schedule_id = s.id
        WHERE s.loan_id = %s GROUP BY s.tenant_id, s.id ORDER BY s.version_no""",
        [loan],
    ).fetchall()


FIRST = ("disbursement", True, 18, 6, "1200.0000")


@pytest.mark.parametrize(
    ("function", "change", "version", "becomes"),
    [
        (
            "reschedule_loan",
            {"p_instalments": 9, "p_rescheduled_on": LATER, "p_rate": 15},
            ("reschedule", True, 15, 10, "1200.0000"),
            "restructured",
        ),
        (
            "change_loan_rate",
            {"p_rate": 24, "p_changed_on": LATER},
            ("rate_change", True, 24, 6, "1200.0000"),
            "active",
        ),
        (
            "extend_loan",
            {"p_instalments": 2, "p_extended_on": LATER},
            ("extension", True, 18, 8, "1200.0000"),
            "active",
        ),
    ],
)
def test_a_change_of_terms_makes_a_version_and_keeps_the_one_before(
    db: psycopg.Connection,
    function: str,
    change: dict[str, Any],
    version: tuple[Any, ...],
    becomes: str,
) -> None:
    loan = paid_out(db)
    before = db.execute("SELECT i::text FROM lending.instalments AS i ORDER BY 1").fetchall()
    made = call(db, function, p_loan_id=loan, **change)
    assert versions(db, loan) == [FIRST, version]
    assert status(db, loan) == becomes
    assert call(db, "generate_payment_schedule", p_loan_id=loan) == 2
    still = db.execute("SELECT i::text FROM lending.instalments AS i ORDER BY 1").fetchall()
    assert set(before) < set(still)
    call(db, "reverse_transaction", p_transaction_id=made, p_reason="Not agreed")
    assert versions(db, loan) == [FIRST, (version[0], False, *version[2:])]
    assert status(db, loan) == "active"
    assert offenders(db) == {}


@pytest.mark.parametrize(
    ("sqlstate", "function", "change"),
    [
        ("23514", "reschedule_loan", {"p_instalments": 0}),
        ("23514", "reschedule_loan", {"p_instalments": None}),
        ("ZO039", "reschedule_loan", {"p_instalments": 6, "p_rescheduled_on": "2026-03-09"}),
        (
            "ZO039",
            "reschedule_loan",
            {"p_instalments": 6, "p_rescheduled_on": LATER, "p_first_due_on": LATER},
        ),
        ("23514", "change_loan_rate", {"p_rate": -1, "p_changed_on": LATER}),
        ("23514", "change_loan_rate", {"p_rate": None, "p_changed_on": LATER}),
        ("ZO041", "change_loan_rate", {"p_rate": 20, "p_changed_on": "2026-09-10"}),
        ("23514", "extend_loan", {"p_instalments": 0, "p_extended_on": LATER}),
        ("ZO041", "extend_loan", {"p_instalments": 1, "p_extended_on": "2026-09-10"}),
        ("22023", "charge_loan_fee", {"p_amount": 0}),
        ("22023", "charge_loan_fee", {"p_amount": "0.001"}),
        ("22023", "waive_loan_balance", {"p_due_kind": "principal", "p_waived_on": LATER}),
        ("22023", "waive_loan_balance", {"p_due_kind": None, "p_waived_on": LATER}),
        ("22023", "waive_loan_balance", {"p_due_kind": "interest", "p_amount": -1}),
        ("ZO038", "waive_loan_balance", {"p_due_kind": "penalty", "p_waived_on": LATER}),
        ("ZO039", "write_off_loan", {"p_written_off_on": "2026-03-09"}),
        ("ZO031", "record_loan_recovery", {"p_amount": 1}),
        ("ZO031", "refund_overpayment", {}),
    ],
    ids=str,
)
def test_a_change_out_of_bounds_is_refused_whole(
    db: psycopg.Connection, sqlstate: str, function: str, change: dict[str, Any]
) -> None:
    loan = paid_out(db)
    refused(db, sqlstate, function, p_loan_id=loan, **change)
    assert value(db, "SELECT count(*) FROM lending.transactions") == 1
    assert versions(db, loan) == [FIRST]


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("reschedule_loan", {"p_instalments": 6}),
    ("change_loan_rate", {"p_rate": 20}),
    ("extend_loan", {"p_instalments": 1}),
    ("charge_loan_fee", {"p_amount": 1}),
    ("waive_loan_balance", {"p_due_kind": "interest"}),
    ("write_off_loan", {}),
    ("record_loan_recovery", {"p_amount": 1}),
    ("refund_overpayment", {}),
    ("generate_payment_schedule", {}),
    ("disburse_loan", {}),
]


@pytest.mark.parametrize(("function", "named"), CALLS)
def test_a_loan_of_another_business_is_not_there(
    db: psycopg.Connection, function: str, named: dict[str, Any]
) -> None:
    loan = paid_out(db)
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    with acting_as(db, "bob", p_business_ids=[side]):
        refused(db, "ZO010", function, p_loan_id=loan, **named)
    assert value(db, "SELECT count(*) FROM lending.transactions") == 1


@pytest.mark.parametrize(("function", "named"), CALLS[:8])
def test_what_is_not_paid_out_does_not_change(
    db: psycopg.Connection, function: str, named: dict[str, Any]
) -> None:
    loan = approve(db, apply(db))
    refused(db, "ZO031", function, p_loan_id=loan, **named)


def test_a_waiver_is_of_what_is_due_and_no_more(db: psycopg.Connection) -> None:
    loan = paid_out(db)
    named = {"p_loan_id": loan, "p_due_kind": "interest", "p_waived_on": LATER}
    # 18.00 are due; what has accrued since is not.
    refused(db, "ZO038", "waive_loan_balance", **named, p_amount="18.01")
    call(db, "waive_loan_balance", **named, p_amount=8)
    call(db, "waive_loan_balance", **named)
    refused(db, "ZO038", "waive_loan_balance", **named)
    results_eq(
        db,
        "SELECT -sum(interest) FROM lending.movements WHERE kind = 'waiver' AND loan_id = %s",
        [(18,)],
        [loan],
    )
    assert offenders(db) == {}


def test_what_is_written_off_may_be_recovered(db: psycopg.Connection) -> None:
    loan = paid_out(db)
    call(db, "charge_loan_fee", p_loan_id=loan, p_amount=3, p_charged_on=PAID, p_reason="Visit")
    call(db, "write_off_loan", p_loan_id=loan, p_written_off_on=LATER, p_reason="Died")
    assert status(db, loan) == "written_off"
    recovery = {"p_loan_id": loan, "p_amount": "50", "p_method": "cash"}
    refused(db, "ZO039", "record_loan_recovery", **recovery, p_recovered_on="2026-04-19")
    once = recovery | {"p_recovered_on": "2026-06-01", "p_idempotency_key": "r"}
    made = call(db, "record_loan_recovery", **once)
    assert call(db, "record_loan_recovery", **once | {"p_amount": "50.00"}) == made
    refused(db, "ZO040", "record_loan_recovery", **once | {"p_amount": 51})
    for function, named in CALLS[:6]:
        refused(db, "ZO031", function, p_loan_id=loan, **named)
    assert value(db, "SELECT sum(cash) FROM lending.movements WHERE kind = 'recovery'") == 50
    assert offenders(db) == {}


def test_what_is_overpaid_is_given_back(db: psycopg.Connection) -> None:
    loan = paid_out(db)
    paid = {"p_loan_id": loan, "p_amount": 1500, "p_paid_on": PAID, "p_method": "bank"}
    call(db, "record_loan_payment", **paid)
    assert status(db, loan) == "overpaid"
    refund = {"p_loan_id": loan, "p_refunded_on": LATER}
    refused(db, "ZO038", "refund_overpayment", **refund, p_amount="300.01")
    refused(db, "22023", "refund_overpayment", **refund, p_amount=0)
    refused(db, "ZO039", "refund_overpayment", p_loan_id=loan, p_refunded_on="2026-03-09")
    call(db, "refund_overpayment", **refund, p_amount=100, p_idempotency_key="b")
    call(db, "refund_overpayment", **refund, p_amount=100, p_idempotency_key="b")
    assert status(db, loan) == "overpaid"
    call(db, "refund_overpayment", **refund)
    assert status(db, loan) == "closed"
    assert value(db, "SELECT sum(cash) FROM lending.movements WHERE kind = 'refund'") == -300
    refused(db, "ZO031", "refund_overpayment", **refund)
    assert offenders(db) == {}


def test_nothing_is_booked_before_the_books_are_open(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    assert call(db, "save_settings", p_business_code="MAIN", p_books_open_from="2026-04-01") == 1
    disburse(db, loan)
    results_eq(
        db,
        "SELECT DISTINCT effective_on::text, booked_on::text FROM lending.movements",
        [(PAID, "2026-04-01")],
    )
    settings = {"p_business_code": "MAIN", "p_books_open_from": "2026-05-01"}
    refused(db, "ZK001", "save_settings", **settings, p_version=7)
    refused(db, "23514", "save_settings", **settings | {"p_books_open_from": "infinity"})
    assert call(db, "save_settings", **settings, p_version=1) == 2
