"""The catalogue: what a product may be, who changes it, and that its loans have schedules."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.products import PREVIEW, SAVE, SEASON, refused, save_product
from tests.lending.terms import Row, preview
from tests.pgtap import as_role, results_eq, throws, value

ASK = ["MAIN", "season", 1000, 6, "2026-03-31", None, None]


def ask(db: psycopg.Connection, **changes: Any) -> list[Row]:
    """Ask for the schedule of a loan of 1,000 by the product season."""
    return [Row(*row) for row in db.execute(PREVIEW, asked(**changes))]


def asked(**changes: Any) -> list[Any]:
    """Return the arguments of `ask`."""
    names = ("business", "code", "principal", "instalments", "disbursed_on", "first_due_on", "rate")
    return list((dict(zip(names, ASK, strict=True)) | changes).values())


def test_a_product_has_what_was_said_of_it_and_what_goes_without_saying(
    db: psycopg.Connection, books: Books
) -> None:
    product = save_product(db)
    results_eq(
        db,
        "SELECT id, business_id, code, name, currency_code, minor_units, method::text,"
        " interest_calculation::text, day_count::text, every, frequency::text, round_to,"
        " max_principal, allocation_order::text, is_active, version, created_by"
        " FROM lending.products",
        [
            (
                *(product, books.business_id, "season", "Season", "USD", 2),
                *("declining_equal_instalments", "period", "30/360", 1, "month", None, 5000),
                *("{penalty,fee,interest,principal}", True, 1, "alice"),
            )
        ],
    )
    results_eq(
        db,
        "SELECT code, business_id, occasion::text, basis::text, amount, created_by"
        " FROM lending.product_fees ORDER BY code",
        [
            ("file", books.business_id, "disbursement", "percent", 1.5, "alice"),
            ("visit", books.business_id, "instalment", "flat", 0.25, "alice"),
        ],
    )


def test_a_change_leaves_what_it_does_not_name(db: psycopg.Connection, books: Books) -> None:
    product = save_product(db)
    assert save_product(db, version=1, method="flat", round_to=5) == product
    results_eq(
        db,
        "SELECT method::text, round_to, name, version, (SELECT count(*) FROM lending.product_fees)"
        " FROM lending.products",
        [("flat", 5, "Season", 2, 2)],
    )
    save_product(db, version=2, round_to=None, fees=[])
    results_eq(
        db,
        "SELECT round_to, (SELECT count(*) FROM lending.product_fees) FROM lending.products",
        [(None, 0)],
    )


def test_a_change_of_what_was_changed_meanwhile_is_refused(
    db: psycopg.Connection, books: Books
) -> None:
    refused(db, "ZK001", version=1)
    save_product(db, version=0)
    refused(db, "ZK001", version=0)
    save_product(db, version=1, name="Rains")
    refused(db, "ZK001", version=1)


def test_what_a_product_is_known_by_stays(db: psycopg.Connection, books: Books) -> None:
    save_product(db)
    refused(db, "ZO004", currency_code="KES")
    refused(db, "ZO004", minor_units=3)
    for change in ("code = 'other'", "business_id = NULL", "id = core.uuid_v7()"):
        throws(db, "ZO004", f"UPDATE lending.products SET {change}")


def test_only_who_manages_products_saves_one(db: psycopg.Connection, books: Books) -> None:
    issue = (
        "SELECT set_config('pgerp.token',"
        " identity.issue_token(%s, 'alice', NULL, '1 day', %s), false)"
    )
    db.execute(issue, [books.tenant_id, ["lending.manage_products"]])
    with as_role(db, "pgerp_app"):
        save_product(db)
    db.execute(issue, [books.tenant_id, ["ledger.post"]])
    with as_role(db, "pgerp_app"):
        refused(db, "ZI011")
    with as_role(db, "pgerp_readonly"):
        refused(db, "42501")


def test_clients_do_not_write_the_tables(db: psycopg.Connection, books: Books) -> None:
    save_product(db)
    with as_role(db, "pgerp_app"):
        for table in ("products", "product_fees"):
            throws(db, "42501", f"DELETE FROM lending.{table}")
            throws(db, "42501", f"UPDATE lending.{table} SET name = 'Else'")


def test_a_shared_product_is_changed_with_a_token_for_all_businesses(
    db: psycopg.Connection, books: Books
) -> None:
    save_product(db, None, currency_code="USD")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'alice', %s), false)",
        [books.tenant_id, [books.business_id]],
    )
    refused(db, "ZI006", None)
    refused(db, "ZI006", "SIDE")
    with as_role(db, "pgerp_app"):
        assert len(ask(db)) == 6
        throws(db, "ZI005", PREVIEW, asked(business="SIDE"))


def test_a_shared_product_needs_its_currency(db: psycopg.Connection, books: Books) -> None:
    refused(db, "23502", None)


def test_a_businesss_own_product_goes_before_a_shared_one(
    db: psycopg.Connection, books: Books
) -> None:
    save_product(db, None, currency_code="USD", default_rate_percent=12)
    assert ask(db)[0].interest == 10
    save_product(db)
    assert ask(db)[0].interest == 15
    assert ask(db, business="SIDE")[0].interest == 10


def test_a_loan_of_a_product_has_the_schedule_of_its_terms(
    db: psycopg.Connection, books: Books
) -> None:
    terms: dict[str, Any] = {
        "every": 2,
        "frequency": "week",
        "method": "declining_equal_principal",
        "interest_calculation": "daily",
        "day_count": "actual/actual",
        "grace_principal": 1,
        "grace_interest": 2,
        "interest_free": 1,
        "round_to": 5,
        "rounding": "half_up",
    }
    save_product(db, **terms, minor_units=1, fees=[])
    assert ask(db, first_due_on="2026-04-20", rate="20.5") == preview(
        db, 1000, "20.5", 6, "2026-03-31", "2026-04-20", **terms, scale=1
    )


@pytest.mark.parametrize(
    ("sqlstate", "changes"),
    [
        ("ZO001", {"code": "other"}),
        ("ZO001", {"code": None}),
        ("ZO002", {"disbursed_on": "2025-12-31"}),
        ("ZO002", {"disbursed_on": "2027-01-01"}),
        ("ZO002", {"disbursed_on": None}),
        ("ZO003", {"principal": "99.99"}),
        ("ZO003", {"principal": "5000.01"}),
        ("ZO003", {"principal": "NaN"}),
        ("ZO003", {"principal": None}),
        ("ZO003", {"instalments": 2}),
        ("ZO003", {"instalments": 13}),
        ("ZO003", {"instalments": None}),
        ("ZO003", {"rate": "11.99"}),
        ("ZO003", {"rate": "24.01"}),
        ("ZO003", {"rate": "NaN"}),
        ("22023", {"principal": "100.001"}),
        ("22023", {"first_due_on": "2026-03-31"}),
        ("ZI005", {"business": "NONE"}),
        ("ZI005", {"business": None}),
    ],
    ids=str,
)
def test_a_loan_beyond_its_product_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, changes: dict[str, Any]
) -> None:
    save_product(db, effective_to="2026-12-31")
    assert ask(db, disbursed_on="2026-12-31")
    error = throws(db, sqlstate, PREVIEW, asked(**changes))
    assert error.diag.message_hint


def test_nothing_is_lent_by_an_inactive_product_or_business(
    db: psycopg.Connection, books: Books
) -> None:
    save_product(db, is_active=False)
    throws(db, "ZO002", PREVIEW, asked())
    db.execute("UPDATE identity.businesses SET is_active = false WHERE code = 'MAIN'")
    throws(db, "ZI007", PREVIEW, asked())
    refused(db, "ZI007")


def test_nothing_is_told_without_a_token(db: psycopg.Connection, books: Books) -> None:
    save_product(db)
    db.execute("SELECT set_config('pgerp.token', '', false)")
    throws(db, "ZI001", PREVIEW, asked())
    throws(db, "ZI001", SAVE, ["MAIN", "season", json.dumps(SEASON), None])


def test_another_tenant_has_its_own_products(db: psycopg.Connection, books: Books) -> None:
    save_product(db)
    theirs = value(db, "SELECT identity.create_tenant('Theirs')")
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', NULL, '1 day'), false)",
        [theirs],
    )
    db.execute("SELECT identity.create_business('MAIN', 'Main', 'USD')")
    with as_role(db, "pgerp_app"):
        throws(db, "ZO001", PREVIEW, asked())
        assert value(db, "SELECT count(*) FROM lending.products") == 0


@pytest.mark.parametrize("method", ["flat", "declining_equal_instalments"])
@pytest.mark.parametrize("rate", [0, 3, 18, 10000])
def test_the_least_loan_of_a_product_can_be_paid_in_its_multiples(
    db: psycopg.Connection, books: Books, method: str, rate: int
) -> None:
    # Sixteen is the largest that 100 in 12 instalments allow.
    save_product(db, method=method, round_to=16, min_rate_percent=0, max_rate_percent=10000)
    rows = ask(db, principal=100, instalments=12, rate=rate)
    assert rows[0].principal > 0
    assert all(row.amount % 16 == 0 for row in rows[:-1])
    assert rows[-1].balance == 0
