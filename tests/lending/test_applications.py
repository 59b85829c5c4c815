"""Applications: what they take from the product, who may borrow and lend, and who decides."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.loans import (
    APPLIED,
    TERMS,
    acting_as,
    apply,
    approve,
    borrower,
    call,
    open_lending,
    statement,
    status,
)
from tests.lending.products import save_product
from tests.party.customers import update
from tests.pgtap import results_eq, throws, value


@pytest.fixture(autouse=True)
def lending(db: psycopg.Connection, books: Books) -> None:
    open_lending(db)


def refused(conn: psycopg.Connection, sqlstate: str, function: str, **named: Any) -> Any:
    """Such a call is refused with this SQLSTATE."""
    return throws(conn, sqlstate, statement(function, named), list(named.values()))


def refused_loan(conn: psycopg.Connection, sqlstate: str, **changes: Any) -> Any:
    """Such an application is refused with this SQLSTATE."""
    named = {**TERMS, "p_customer_id": changes.pop("customer", None) or borrower(conn), **changes}
    return refused(conn, sqlstate, "apply_for_loan", **named)


def test_terms_and_fees_are_those_of_the_product_and_stay(db: psycopg.Connection) -> None:
    first = apply(db)
    save_product(db, version=1, penalty_rate_percent=36, allocate_by="instalment", fees=[])
    second = apply(db, p_rate=20)
    query = """SELECT l.loan_no, l.status, l.principal, l.requested_principal,
            l.annual_rate_percent, l.penalty_rate_percent, l.allocate_by::text, l.officer,
            l.created_by, (
                SELECT string_agg(f.code || ' ' || f.amount, ', ' ORDER BY f.code)
                FROM lending.loan_fees AS f WHERE f.loan_id = l.id
            )
        FROM lending.loans AS l WHERE l.id = ANY (%s) ORDER BY l.loan_no"""
    money = Decimal("1200.00")
    both = ("applied", money, money)
    results_eq(
        db,
        query,
        [
            ("L000001", *both, 18, 0, "kind", "olive", "alice", "file 1.5, visit 0.25"),
            ("L000002", *both, 20, 36, "instalment", "olive", "alice", None),
        ],
        [[first, second]],
    )


def test_a_number_that_somebody_gave_is_not_given_again(db: psycopg.Connection) -> None:
    apply(db, p_loan_no="L000001")
    loan = apply(db)
    results_eq(db, "SELECT loan_no FROM lending.loans WHERE id = %s", [("L000002",)], [loan])
    refused_loan(db, "23505", p_loan_no="L000002")


@pytest.mark.parametrize(
    ("sqlstate", "changes"),
    [
        ("ZI005", {"p_business_code": "NONE"}),
        ("ZO001", {"p_product_code": "none"}),
        ("ZO002", {"p_disburse_on": "2025-12-31", "p_applied_on": "2025-12-30"}),
        ("ZO003", {"p_principal": 99}),
        ("ZO003", {"p_principal": 5001}),
        ("ZO003", {"p_principal": None}),
        ("ZO003", {"p_principal": "NaN"}),
        ("ZO003", {"p_instalments": 13}),
        ("ZO003", {"p_rate": 25}),
        ("22023", {"p_principal": "100.001"}),
        ("22023", {"p_first_due_on": "2026-03-10"}),
        ("ZO039", {"p_disburse_on": "2026-03-01"}),
        ("ZO034", {"p_officer": "nobody"}),
        # Who acts is a service, and no user.
        ("ZO034", {"p_officer": None}),
        ("ZO036", {"p_branch_code": "none"}),
        ("ZO036", {"p_group_code": "none"}),
        ("ZT001", {"customer": "00000000-0000-7000-8000-000000000000"}),
        ("23514", {"p_purpose": " "}),
        ("23514", {"p_loan_no": " L"}),
    ],
    ids=str,
)
def test_an_application_out_of_bounds_is_refused(
    db: psycopg.Connection, sqlstate: str, changes: dict[str, Any]
) -> None:
    refused_loan(db, sqlstate, **changes)
    assert value(db, "SELECT count(*) FROM lending.loans") == 0


def test_an_officer_is_active_and_works_for_the_business(db: psycopg.Connection) -> None:
    db.execute("SELECT identity.create_user('sam', 'Sam')")
    refused_loan(db, "ZO034", p_officer="sam")
    db.execute("SELECT identity.grant_business('sam', 'SIDE')")
    refused_loan(db, "ZO034", p_officer="sam")
    db.execute("SELECT identity.grant_business('sam', 'MAIN')")
    assert apply(db, p_officer="sam")
    db.execute("SELECT identity.deactivate_user('sam')")
    refused_loan(db, "ZO034", p_officer="sam")


def test_who_acts_is_the_officer_unless_another_is_named(db: psycopg.Connection) -> None:
    db.execute("SELECT identity.create_standard_roles()")
    db.execute("SELECT identity.grant_role('olive', 'owner')")
    customer = borrower(db)
    with acting_as(db, "olive"):
        loan = apply(db, customer, p_officer=None)
    results_eq(db, "SELECT officer FROM lending.loans WHERE id = %s", [("olive",)], [loan])


@pytest.mark.parametrize("state", ["inactive", "suspended"])
def test_nothing_is_lent_to_a_customer_who_is_not_active(
    db: psycopg.Connection, state: str
) -> None:
    customer = borrower(db)
    update(db, customer, 1, status=state)
    refused_loan(db, "ZO035", customer=customer)


def test_nothing_is_lent_to_a_customer_who_is_anonymised(db: psycopg.Connection) -> None:
    customer = borrower(db)
    with acting_as(db, "privacy", p_permissions=["*"]):
        db.execute("SELECT party.anonymise(%s, 'Request 1')", [customer])
    refused_loan(db, "ZT002", customer=customer)
    # Nor past the function.
    template = apply(db)
    throws(
        db,
        "ZT002",
        """INSERT INTO lending.loans SELECT (jsonb_populate_record(l, jsonb_build_object(
            'id', core.uuid_v7(), 'loan_no', 'X', 'customer_id', %s::text
        ))).* FROM lending.loans AS l WHERE l.id = %s""",
        [customer, template],
    )


def test_a_loan_is_approved_by_another_than_its_officer_and_who_entered_it(
    db: psycopg.Connection,
) -> None:
    db.execute("SELECT identity.create_standard_roles()")
    db.execute("SELECT identity.grant_role('olive', 'owner')")
    loan = apply(db)
    for subject in ("alice", "olive"):
        with acting_as(db, subject):
            refused(db, "ZO032", "approve_loan", p_loan_id=loan)
    assert status(db, loan) == "applied"
    approve(db, loan)
    query = "SELECT status::text, decided_by, decided_on::text FROM lending.loans WHERE id = %s"
    results_eq(db, query, [("approved", "bob", APPLIED)], [loan])


def test_four_eyes_hold_past_the_functions(db: psycopg.Connection) -> None:
    loan = apply(db)
    update_loan = (
        "UPDATE lending.loans SET status = 'approved', decided_on = %s, decided_by = %s"
        " WHERE id = %s"
    )
    me = value(db, "SELECT session_user::text")
    # In another's name; and as who entered it or answers for it.
    throws(db, "ZO032", update_loan, [APPLIED, "bob", loan])
    db.execute("SELECT identity.create_user(%s, 'Me', NULL, true)", [me])
    mine = apply(db, p_officer=me)
    throws(db, "23514", update_loan, [APPLIED, me, mine])


@pytest.mark.parametrize(
    ("sqlstate", "changes"),
    [
        ("ZO038", {"p_principal": "1200.01"}),
        ("ZO003", {"p_principal": 99}),
        ("22023", {"p_principal": "100.001"}),
        ("22023", {"p_principal": 0}),
        ("22023", {"p_principal": "NaN"}),
        ("ZO039", {"p_approved_on": "2026-03-01"}),
        ("ZO039", {"p_approved_on": "infinity"}),
        ("23514", {"p_reason": ""}),
        ("ZO010", {"p_loan_id": "00000000-0000-7000-8000-000000000000"}),
    ],
    ids=str,
)
def test_an_approval_out_of_bounds_is_refused(
    db: psycopg.Connection, sqlstate: str, changes: dict[str, Any]
) -> None:
    loan = apply(db)
    with acting_as(db, "bob"):
        refused(db, sqlstate, "approve_loan", **{"p_loan_id": loan, **changes})
    assert status(db, loan) == "applied"


def test_less_than_requested_may_be_approved(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db), p_principal=1000)
    query = "SELECT principal, requested_principal FROM lending.loans WHERE id = %s"
    results_eq(db, query, [(1000, 1200)], [loan])


def test_a_rejection_has_a_reason_and_ends_it(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    refused(db, "23514", "reject_loan", p_loan_id=loan, p_reason=None, p_rejected_on=APPLIED)
    refused(db, "ZO039", "reject_loan", p_loan_id=loan, p_reason="x", p_rejected_on="2026-03-01")
    call(db, "reject_loan", p_loan_id=loan, p_reason="Left town", p_rejected_on=APPLIED)
    results_eq(
        db,
        "SELECT no, from_status::text, to_status::text, changed_by FROM lending.status_changes"
        " WHERE loan_id = %s ORDER BY no",
        [
            (1, None, "applied", "alice"),
            (2, "applied", "approved", "bob"),
            (3, "approved", "rejected", "alice"),
        ],
        [loan],
    )
    with acting_as(db, "bob"):
        refused(db, "ZO031", "approve_loan", p_loan_id=loan)
    refused(db, "ZO031", "reject_loan", p_loan_id=loan, p_reason="Again")


def test_a_loan_of_another_business_is_not_there(db: psycopg.Connection, books: Books) -> None:
    loan = apply(db)
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    with acting_as(db, "bob", p_business_ids=[side]):
        refused(db, "ZO010", "approve_loan", p_loan_id=loan)
        refused(db, "ZO010", "reject_loan", p_loan_id=loan, p_reason="No")
        refused_loan(db, "ZI006")
    assert status(db, loan) == "applied"
