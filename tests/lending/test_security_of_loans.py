"""Who and what stands behind a loan: branches, groups, guarantors, collateral; and privacy."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.lending.loans import (
    PAID,
    TERMS,
    acting_as,
    apply,
    approve,
    borrower,
    call,
    disburse,
    open_lending,
    paid_out,
    statement,
)
from tests.pgtap import results_eq, throws, value

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def lending(db: psycopg.Connection, books: Books) -> None:
    open_lending(db)


def refused(conn: psycopg.Connection, sqlstate: str, function: str, **named: Any) -> Any:
    """Such a call is refused with this SQLSTATE."""
    return throws(conn, sqlstate, statement(function, named), list(named.values()))


def open_group(conn: psycopg.Connection) -> None:
    """Have the branch north and the group umoja of it."""
    call(conn, "save_branch", p_business_code="MAIN", p_code="north", p_name="North")
    named = {"p_business_code": "MAIN", "p_code": "umoja", "p_name": "Umoja"}
    call(conn, "save_group", **named, p_branch_code="north")


def test_branches_and_groups_are_made_once_and_changed(db: psycopg.Connection) -> None:
    open_group(db)
    branch = {"p_business_code": "MAIN", "p_code": "north"}
    call(db, "save_branch", **branch, p_is_active=False)
    call(db, "save_group", p_business_code="MAIN", p_code="umoja", p_is_active=False)
    results_eq(
        db,
        "SELECT b.name, b.is_active, g.name, g.is_active, b.id = g.branch_id"
        " FROM lending.branches AS b CROSS JOIN lending.groups AS g",
        [("North", False, "Umoja", False, True)],
    )
    refused(db, "ZO037", "save_group", p_business_code="MAIN", p_code="x", p_branch_code="north")
    refused(db, "23502", "save_branch", p_business_code="MAIN", p_code="south")
    refused(db, "23502", "save_group", p_business_code="MAIN", p_code="other")
    named = {**TERMS, "p_customer_id": borrower(db), "p_branch_code": "north"}
    refused(db, "ZO037", "apply_for_loan", **named)


def test_who_is_in_a_group_on_the_day_borrows_with_it(db: psycopg.Connection) -> None:
    open_group(db)
    member, stranger = borrower(db), borrower(db, "Otieno")
    group = {"p_business_code": "MAIN", "p_group_code": "umoja"}
    call(db, "add_group_member", **group, p_customer_id=member, p_joined_on="2026-03-01")
    refused(db, "ZO037", "add_group_member", **group, p_customer_id=member)
    loan = apply(db, member, p_group_code="umoja")
    results_eq(
        db,
        "SELECT b.code, g.code FROM lending.loans AS l"
        " INNER JOIN lending.branches AS b ON b.id = l.branch_id"
        " INNER JOIN lending.groups AS g ON g.id = l.group_id WHERE l.id = %s",
        [("north", "umoja")],
        [loan],
    )
    with_group = {**TERMS, "p_group_code": "umoja"}
    refused(db, "ZO037", "apply_for_loan", **with_group, p_customer_id=stranger)
    leave = {**group, "p_customer_id": member}
    refused(db, "23514", "end_group_membership", **leave, p_left_on="2026-02-28")
    call(db, "end_group_membership", **leave, p_left_on="2026-03-01")
    refused(db, "ZO036", "end_group_membership", **leave)
    # The second of March is the day of the application.
    refused(db, "ZO037", "apply_for_loan", **with_group, p_customer_id=member)
    refused(db, "ZO037", "add_group_member", **leave, p_joined_on="2026-03-01")
    call(db, "add_group_member", **leave, p_joined_on="2026-03-02")
    apply(db, member, p_group_code="umoja")
    call(db, "save_group", p_business_code="MAIN", p_code="umoja", p_is_active=False)
    refused(db, "ZO037", "apply_for_loan", **with_group, p_customer_id=member)
    refused(db, "ZO037", "add_group_member", **group, p_customer_id=stranger)
    refused(db, "ZO036", "add_group_member", **group | {"p_group_code": "x"}, p_customer_id=member)


def test_a_guarantor_is_somebody_else_and_answers_until_released(db: psycopg.Connection) -> None:
    loan, other = apply(db), borrower(db, "Otieno")
    owner = value(db, "SELECT customer_id FROM lending.loans WHERE id = %s", [loan])
    add = {"p_loan_id": loan, "p_customer_id": other, "p_amount": 500}
    refused(db, "ZO042", "add_guarantor", **add | {"p_customer_id": owner})
    refused(db, "ZT001", "add_guarantor", **add | {"p_customer_id": NOBODY})
    refused(db, "22023", "add_guarantor", **add | {"p_amount": 0})
    refused(db, "ZO010", "add_guarantor", **add | {"p_loan_id": NOBODY})
    call(db, "add_guarantor", **add)
    refused(db, "ZO042", "add_guarantor", **add)
    release = {"p_loan_id": loan, "p_customer_id": other}
    refused(db, "ZO039", "release_guarantor", **release, p_released_on="2026-03-01")
    call(db, "release_guarantor", **release, p_released_on=PAID)
    refused(db, "ZO036", "release_guarantor", **release)
    results_eq(db, "SELECT released_on::text FROM lending.guarantors", [(PAID,)])
    for change in ("amount = 1", "customer_id = core.uuid_v7()"):
        throws(db, "ZO030", f"UPDATE lending.guarantors SET {change}")
    throws(db, "ZO030", "DELETE FROM lending.guarantors")


def test_collateral_is_the_borrowers_and_is_given_back_once(db: psycopg.Connection) -> None:
    loan = apply(db)
    add = {"p_loan_id": loan, "p_kind": "land", "p_description": "Plot 7", "p_estimated_value": 9}
    refused(db, "22023", "add_collateral", **add | {"p_estimated_value": "0.001"})
    refused(db, "23514", "add_collateral", **add | {"p_description": " "})
    plot = call(db, "add_collateral", **add)
    results_eq(
        db,
        "SELECT c.customer_id = l.customer_id FROM lending.collaterals AS c"
        " INNER JOIN lending.loans AS l ON l.id = c.loan_id",
        [(True,)],
    )
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    with acting_as(db, "bob", p_business_ids=[side]):
        refused(db, "ZO036", "release_collateral", p_collateral_id=plot)
    call(db, "release_collateral", p_collateral_id=plot, p_released_on=PAID)
    refused(db, "ZO036", "release_collateral", p_collateral_id=plot)
    call(db, "reject_loan", p_loan_id=loan, p_reason="No")
    refused(db, "ZO031", "add_collateral", **add)


def anonymise(conn: psycopg.Connection, customer: Any) -> None:
    """Anonymise a customer."""
    with acting_as(conn, "privacy", p_permissions=["*"]):
        conn.execute("SELECT party.anonymise(%s, 'Request 1')", [customer])


def test_nobody_whose_loan_is_open_is_anonymised(db: psycopg.Connection) -> None:
    customer, guarantor = borrower(db), borrower(db, "Otieno")
    loan = apply(db, customer)
    call(db, "add_guarantor", p_loan_id=loan, p_customer_id=guarantor, p_amount=1)

    def refuse() -> None:
        for who in (customer, guarantor):
            with acting_as(db, "privacy", p_permissions=["*"]):
                throws(db, "ZT007", "SELECT party.anonymise(%s, 'Request 1')", [who])

    refuse()
    approve(db, loan)
    refuse()
    disburse(db, loan)
    refuse()
    pay = {"p_loan_id": loan, "p_paid_on": PAID, "p_method": "cash"}
    call(db, "record_loan_payment", **pay, p_amount=1300)
    refuse()
    call(db, "refund_overpayment", p_loan_id=loan, p_refunded_on=PAID)
    for who in (customer, guarantor):
        anonymise(db, who)
    lost = paid_out(db)
    call(db, "write_off_loan", p_loan_id=lost, p_written_off_on=PAID)
    customer = value(db, "SELECT customer_id FROM lending.loans WHERE id = %s", [lost])
    with acting_as(db, "privacy", p_permissions=["*"]):
        throws(db, "ZT007", "SELECT party.anonymise(%s, 'Request 2')", [customer])


def test_a_released_guarantor_is_anonymised(db: psycopg.Connection) -> None:
    loan, guarantor = apply(db), borrower(db, "Otieno")
    of = {"p_loan_id": loan, "p_customer_id": guarantor}
    call(db, "add_guarantor", **of, p_amount=1)
    call(db, "release_guarantor", **of)
    anonymise(db, guarantor)


def test_what_was_written_about_a_person_goes_and_the_loan_stays(db: psycopg.Connection) -> None:
    customer = borrower(db)
    loan = apply(db, customer, p_purpose="Dowry of Wanjiru")
    plot = {"p_kind": "land", "p_estimated_value": 9, "p_description": "Plot of Wanjiru"}
    call(db, "add_collateral", p_loan_id=loan, **plot)
    call(db, "reject_loan", p_loan_id=loan, p_reason="Wanjiru is in debt")
    with acting_as(db, "privacy", p_permissions=["*"]):
        exported = value(db, "SELECT party.export_personal_data(%s)", [customer])
    assert "Dowry of Wanjiru" in json.dumps(exported["tables"]["lending.loans"])
    assert "Plot of Wanjiru" in json.dumps(exported["tables"]["lending.collaterals"])
    anonymise(db, customer)
    results_eq(
        db,
        "SELECT l.purpose, l.decision_reason, l.principal::integer, c.description"
        " FROM lending.loans AS l INNER JOIN lending.collaterals AS c ON c.loan_id = l.id",
        [(None, "Anonymised", 1200, "Anonymised")],
    )
    log = "SELECT count(*) FROM audit.log WHERE concat(old_row, new_row) LIKE '%%Wanjiru%%'"
    assert value(db, log) == 0
    assert offenders(db) == {}


def test_what_happened_to_loans_is_exported_and_kept(db: psycopg.Connection) -> None:
    loan = approve(db, apply(db))
    customer = value(db, "SELECT customer_id FROM lending.loans WHERE id = %s", [loan])
    disburse(db, loan, p_reference="QX1")
    with acting_as(db, "privacy", p_permissions=["*"]):
        exported = value(db, "SELECT party.export_personal_data(%s)", [customer])
    (told,) = exported["tables"]["lending.customer_transactions"]
    assert (told["kind"], told["amount"], told["reference"]) == ("disbursement", 1200, "QX1")
