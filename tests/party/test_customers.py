"""Customers: made, changed, and what is refused, by functions and by SQL."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, open_books
from tests.party.customers import ADDRESS, DOCUMENT, PHONE, add, create, sealed, update
from tests.pgtap import as_role, results_eq, throws, value

CREATE = "SELECT party.create_customer(%s)"
CONTACT = {"channel": "email", "email": "office@example.com"}


def test_names_make_the_display_name_and_the_kind(db: psycopg.Connection, books: Books) -> None:
    create(db, given_name="Mary", family_name="Wanjiku")
    create(db, family_name="Otieno")
    create(db, organisation_name="Acme Ltd")
    create(db, display_name="Mama Njeri")
    results_eq(
        db,
        "SELECT customer_no, display_name, kind::text, status::text, version, created_by"
        " FROM party.customers ORDER BY customer_no",
        [
            ("C000001", "Mary Wanjiku", "person", "active", 1, "alice"),
            ("C000002", "Otieno", "person", "active", 1, "alice"),
            ("C000003", "Acme Ltd", "organisation", "active", 1, "alice"),
            ("C000004", "Mama Njeri", "person", "active", 1, "alice"),
        ],
    )


def test_a_number_that_was_given_is_kept_and_not_given_again(
    db: psycopg.Connection, books: Books
) -> None:
    create(db, display_name="First", customer_no="C000001")
    create(db, display_name="Second")
    results_eq(
        db,
        "SELECT display_name, customer_no FROM party.customers ORDER BY customer_no",
        [("First", "C000001"), ("Second", "C000002")],
    )
    throws(db, "23505", CREATE, ['{"display_name": "Third", "customer_no": "C000002"}'])


@pytest.mark.parametrize(
    "number", ["+254722000001", "0722 000 001", "12345678", "1-2-3-4-5-6-7", "mary@example.com"]
)
def test_a_number_that_may_be_a_person_s_own_is_no_customer_number(
    db: psycopg.Connection, books: Books, number: str
) -> None:
    error = throws(db, "23514", CREATE, [json.dumps({"display_name": "x", "customer_no": number})])
    assert error.diag.constraint_name == "customers_customer_no_check"


@pytest.mark.parametrize("number", ["123456", "W-20261127", "KE0722000001"])
def test_other_numbers_are(db: psycopg.Connection, books: Books, number: str) -> None:
    create(db, display_name="x", customer_no=number)


@pytest.mark.parametrize(
    ("customer", "sqlstate"),
    [
        ({}, "23502"),
        ([], "22023"),
        (None, "22023"),
        ({"given_name": "Mary", "surname": "x"}, "22023"),
        ({"given_name": "Mary", "status": "anonymised"}, "22023"),
        ({"given_name": "Mary", "status": "gone"}, "22P02"),
        ({"given_name": " "}, "23514"),
        ({"given_name": "Mary", "email": "mary"}, "23514"),
        ({"given_name": "Mary", "birth_date": "1990-02-30"}, "22008"),
        ({"given_name": "Mary", "birth_date": "soon"}, "22007"),
        ({"given_name": "Mary", "phone_encrypted": "0722000001"}, "23514"),
        ({"given_name": "Mary", "phone_hash": PHONE["phone_hash"]}, "23514"),
        ({"given_name": "Mary", "other_phone_hashes": "x"}, "22023"),
        ({"given_name": "Mary", "organisation_name": "Acme"}, "23514"),
        ({"given_name": "Mary", "kind": "organisation"}, "23514"),
    ],
    ids=str,
)
def test_malformed_customers_are_refused(
    db: psycopg.Connection, books: Books, customer: Any, sqlstate: str
) -> None:
    throws(db, sqlstate, CREATE, [json.dumps(customer)])


def test_a_customer_with_a_known_phone_is_refused_unless_they_share_it(
    db: psycopg.Connection, mary: str
) -> None:
    twin = json.dumps({"given_name": "Mary", **PHONE})
    assert "C000001" in str(throws(db, "ZT005", CREATE, [twin]).diag.message_detail)
    # By a new key it has another hash: the application knows it by both.
    newer = sealed("phone", "+254722000001", "k2")
    both = json.dumps({"given_name": "M", **newer, "other_phone_hashes": [PHONE["phone_hash"]]})
    throws(db, "ZT005", CREATE, [both])
    create(db, allow=True, given_name="John", **PHONE)
    results_eq(
        db,
        "SELECT display_name FROM party.find_customers_by_phone(%s)",
        [("Mary Wanjiku",), ("John",)],
        [["k9:" + "0" * 64, PHONE["phone_hash"]]],
    )


def test_a_phone_of_a_contact_is_known_too(db: psycopg.Connection, mary: str) -> None:
    other = sealed("phone", "+254722000002")
    add(db, "contact", mary, channel="phone", **other)
    throws(db, "ZT005", CREATE, [json.dumps({"given_name": "M", **other})])


def test_an_update_changes_what_it_names_and_counts_the_version(
    db: psycopg.Connection, mary: str
) -> None:
    assert update(db, mary, 1, email="mary@example.com", status="suspended") == 2
    assert update(db, mary, 2, email=None, birth_date="1990-01-02") == 3
    results_eq(
        db,
        "SELECT given_name, email, birth_date::text, status::text, phone_hash"
        " FROM party.customers WHERE id = %s",
        [("Mary", None, "1990-01-02", "suspended", PHONE["phone_hash"])],
        [mary],
    )


@pytest.mark.parametrize("version", [1, 3, None])
def test_a_stale_update_is_refused(db: psycopg.Connection, mary: str, version: int | None) -> None:
    update(db, mary, 1, status="inactive")
    query = "SELECT party.update_customer(%s, %s, %s)"
    throws(db, "ZK001", query, [mary, '{"status": "active"}', version])


def test_of_two_updates_at_once_one_is_refused(clone: str) -> None:
    query = "SELECT party.update_customer(%s, %s, 1)"
    with connect(clone, autocommit=False) as first, connect(clone, autocommit=False) as second:
        books = open_books(first)
        customer = create(first, given_name="Mary")
        first.commit()
        second.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        first.execute(query, [customer, '{"given_name": "Maria"}'])
        other = Background(second, lambda: second.execute(query, [customer, '{"locale": "sw"}']))
        with connect(clone) as observer:
            assert other.waits(observer)
        first.commit()
        assert other.result() == "ZK001"


@pytest.mark.parametrize(
    ("changes", "sqlstate"),
    [
        ({"customer_no": "C7"}, "22023"),
        ({"status": "anonymised"}, "22023"),
        ({"display_name": None}, "23502"),
        ({"phone_encrypted": None}, "23514"),
        ([], "22023"),
    ],
    ids=str,
)
def test_malformed_changes_are_refused(
    db: psycopg.Connection, mary: str, changes: Any, sqlstate: str
) -> None:
    query = "SELECT party.update_customer(%s, %s, 1)"
    throws(db, sqlstate, query, [mary, json.dumps(changes)])


def test_the_number_never_changes_by_sql_either(db: psycopg.Connection, mary: str) -> None:
    throws(db, "ZT006", "UPDATE party.customers SET customer_no = 'C7' WHERE id = %s", [mary])


def test_customers_of_another_tenant_are_not_there(db: psycopg.Connection, mary: str) -> None:
    contact = add(db, "contact", mary, **CONTACT)
    open_books(db, "Others")
    throws(db, "ZT001", "SELECT party.update_customer(%s, '{}', 1)", [mary])
    throws(db, "ZT003", "SELECT party.remove_contact(%s)", [contact])
    with as_role(db, "pgerp_app"):
        for query, given in (
            ("SELECT * FROM party.find_customers(%s)", "Mary"),
            ("SELECT * FROM party.find_customers_by_phone(%s)", [PHONE["phone_hash"]]),
            ("SELECT * FROM party.find_customers_by_document(%s)", [DOCUMENT["number_hash"]]),
        ):
            results_eq(db, query, [], [given])
    # Its phone is free there.
    create(db, given_name="Mary", **PHONE)


def test_customers_are_shared_by_the_businesses(db: psycopg.Connection, mary: str) -> None:
    tenant_id = value(db, "SELECT tenant_id FROM party.customers")
    query = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', %s), true)"
    for businesses in ([1], [2]):
        db.execute(query, [tenant_id, businesses])
        with as_role(db, "pgerp_app"):
            query_names = "SELECT display_name FROM party.find_customers('mary')"
            results_eq(db, query_names, [("Mary Wanjiku",)])


def test_the_details_have_usual_names_and_the_primary_parts(
    db: psycopg.Connection, mary: str
) -> None:
    add(db, "address", mary, **ADDRESS, postal_code="20100")
    add(db, "address", mary, line_1="Else", city="Thika", country_code="KE")
    create(db, given_name="John")
    with as_role(db, "pgerp_readonly"):
        results_eq(
            db,
            "SELECT first_name, last_name, phone_hash, address, identity_document_type,"
            " identity_document_number_hash, updated_at = now() FROM party.customer_details"
            " ORDER BY customer_no",
            [
                (
                    "Mary",
                    "Wanjiku",
                    PHONE["phone_hash"],
                    "PO Box 17, 20100 Nakuru, KE",
                    "national_id",
                    DOCUMENT["number_hash"],
                    True,
                ),
                ("John", None, None, "", None, None, True),
            ],
        )
