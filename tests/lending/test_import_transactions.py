"""What happened to a loan elsewhere is recorded once, in order, and as what it was."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.loans import acting_as, apply, approve, open_lending, paid_out
from tests.pgtap import results_eq, throws, value

IMPORT = "SELECT lending.import_transactions(%s, %s)"
PAID_OUT = {
    "key": "d", "kind": "disbursement", "effective_on": "2026-03-10", "amount": 1200,
    "method": "bank",
}  # fmt: skip
PAYMENT = {
    "key": "p-1", "kind": "payment", "effective_on": "2026-04-12", "amount": "50.00",
    "method": "cash", "reference": "R-1",
}  # fmt: skip


@pytest.fixture
def loan(db: psycopg.Connection, books: Books) -> Any:
    """An approved loan of 1,200 whose fee is 18."""
    open_lending(db)
    return approve(db, apply(db))


def load(conn: psycopg.Connection, loan: Any, *items: dict[str, Any]) -> Any:
    """Import these, and return how many were new."""
    return value(conn, IMPORT, [loan, json.dumps(items)])


def refused(conn: psycopg.Connection, sqlstate: str, loan: Any, *items: dict[str, Any]) -> None:
    """These are refused."""
    throws(conn, sqlstate, IMPORT, [loan, json.dumps(items)])


def test_they_are_recorded_in_the_order_in_which_they_happened(
    db: psycopg.Connection, loan: Any
) -> None:
    later = PAYMENT | {"key": "p-2", "effective_on": "2026-05-10", "prepayment": "reduce_term"}
    assert load(db, loan, later, PAYMENT, PAID_OUT) == 3
    results_eq(
        db,
        """SELECT kind::text, effective_on::text, amount, fees_withheld, method::text,
            reference::text, prepayment::text, substr(description, 11)
        FROM lending.transactions ORDER BY place""",
        [
            ("disbursement", "2026-03-10", 1200, 18, "bank", None, None, "bank"),
            ("payment", "2026-04-12", 50, None, "cash", "R-1", "advance", "cash"),
            ("payment", "2026-05-10", 50, None, "cash", "R-1", "reduce_term", "cash"),
        ],
    )
    assert value(db, "SELECT status::text FROM lending.loans") == "active"


def test_what_was_imported_before_is_left_alone(db: psycopg.Connection, loan: Any) -> None:
    assert load(db, loan, PAID_OUT, PAYMENT) == 2
    assert load(db, loan, PAID_OUT | {"amount": "1200.00"}, PAYMENT | {"amount": 50}) == 0
    assert load(db, loan, PAID_OUT, PAYMENT, PAYMENT | {"key": "p-2"}) == 1
    refused(db, "ZO040", loan, PAYMENT | {"amount": 51})


def test_days_before_the_books_are_booked_without_cash(db: psycopg.Connection, loan: Any) -> None:
    db.execute("SELECT lending.save_settings('MAIN', '2026-04-12')")
    load(db, loan, PAID_OUT, PAYMENT)
    results_eq(
        db,
        "SELECT method::text, description::text FROM lending.transactions ORDER BY place",
        [("opening", "Imported: bank"), ("cash", "Imported: cash")],
    )


@pytest.mark.parametrize(
    ("sqlstate", "items"),
    [
        ("ZO060", [PAYMENT]),
        ("ZO060", [PAID_OUT, PAYMENT | {"effective_on": "2026-03-09"}]),
        ("ZO038", [PAID_OUT | {"amount": 1201}]),
        ("22023", [PAID_OUT | {"amount": -1}]),
        ("22023", [PAID_OUT, PAYMENT | {"amount": "0.001"}]),
        ("22023", [PAID_OUT | {"kind": "write_off"}]),
        ("22023", [PAID_OUT | {"key": None}]),
        ("22023", [PAID_OUT | {"method": None}]),
        ("22023", [PAID_OUT | {"effective_on": None}]),
        ("22023", [PAID_OUT | {"colour": "red"}]),
        ("22P02", [PAID_OUT, PAYMENT | {"prepayment": "all"}]),
        ("22008", [PAID_OUT | {"effective_on": "2026-02-30"}]),
        ("ZO040", [PAID_OUT, PAYMENT | {"key": "d"}]),
    ],
)
def test_what_cannot_have_happened_is_refused_as_a_whole(
    db: psycopg.Connection, loan: Any, sqlstate: str, items: list[dict[str, Any]]
) -> None:
    refused(db, sqlstate, loan, *items)
    assert value(db, "SELECT count(*) FROM lending.transactions") == 0


def test_a_loan_that_is_paid_out_already_is_not_paid_out_again(
    db: psycopg.Connection, loan: Any
) -> None:
    other = paid_out(db)
    refused(db, "ZO060", other, PAID_OUT)
    assert load(db, other, PAYMENT) == 1


def test_an_application_is_not_paid_out_by_an_import(db: psycopg.Connection, loan: Any) -> None:
    refused(db, "ZO031", apply(db), PAID_OUT)


def test_it_needs_its_own_permission(db: psycopg.Connection, loan: Any) -> None:
    with acting_as(db, "ida", p_permissions=["lending.disburse", "lending.record_payments"]):
        refused(db, "ZI011", loan, PAID_OUT)
    with acting_as(db, "ida", p_permissions=["lending.import"]):
        assert load(db, loan, PAID_OUT) == 1
