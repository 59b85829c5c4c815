"""party.export_personal_data: all that the database has of a customer, and it is on record."""

from __future__ import annotations

import json

import psycopg

from tests.ledger.books import Books
from tests.party.customers import create
from tests.party.person import HIDDEN, VALUES, let_all, make_person
from tests.pgtap import as_role, results_eq, throws, value

EXPORT = "SELECT party.export_personal_data(%s)"


def test_everything_of_the_person_is_in_it_what_is_gone_too(
    db: psycopg.Connection, books: Books
) -> None:
    person = make_person(db)
    let_all(db, books)
    with as_role(db, "pgerp_app"):
        found = value(db, EXPORT, [person.id])
    text = json.dumps(found, ensure_ascii=False)
    assert {item for item in VALUES if item in text} == set(VALUES) - HIDDEN
    assert found.keys() == {
        "customer_id",
        "customer_no",
        "exported_at",
        "exported_by",
        "tables",
        "history",
    }
    assert (found["customer_id"], found["customer_no"]) == (str(person.id), person.number)
    assert found["exported_by"] == "officer"
    assert {table: len(rows) for table, rows in found["tables"].items()} == {
        "party.customers": 1,
        "party.customer_terms": 4,
        "party.customer_contacts": 1,
        "party.customer_addresses": 1,
        "party.identity_documents": 1,
        "party.consents": 1,
        "ledger.journal_lines": 1,
    }
    changes = [
        (one["table_name"], one["action"], one["actor"])
        for one in found["history"]
        if one["table_name"] in {"party.customers", "party.customer_addresses"}
    ]
    assert changes == [
        *[("party.customer_addresses", action, "alice") for action in ("INSERT", "DELETE")],
        ("party.customer_addresses", "INSERT", "alice"),
        ("party.customers", "INSERT", "alice"),
        ("party.customers", "UPDATE", "alice"),
    ]


def test_the_export_is_on_record_without_what_was_exported(
    db: psycopg.Connection, books: Books
) -> None:
    person = make_person(db)
    let_all(db, books)
    found = value(db, EXPORT, [person.id])
    counts = {table: len(rows) for table, rows in found["tables"].items()}
    results_eq(
        db,
        "SELECT kind::text, reason, created_by, row_counts FROM party.privacy_acts",
        [("export", None, "officer", counts | {"audit.log": len(found["history"])})],
    )
    again = value(db, EXPORT, [person.id])
    assert [one["kind"] for one in again["tables"]["party.privacy_acts"]] == ["export"]


def test_nothing_of_anybody_else_is_in_it(db: psycopg.Connection, books: Books) -> None:
    make_person(db)
    mary = create(db, given_name="Mary")
    let_all(db, books)
    text = json.dumps(value(db, EXPORT, [mary]))
    assert [item for item in VALUES if item in text] == []


def test_after_the_person_is_gone_the_export_says_what_is_left(
    db: psycopg.Connection, books: Books
) -> None:
    person = make_person(db)
    let_all(db, books)
    db.execute("SELECT party.anonymise(%s, 'Request 17')", [person.id])
    found = value(db, EXPORT, [person.id])
    text = json.dumps(found)
    assert [item for item in VALUES if item in text] == []
    assert len(found["tables"]["ledger.journal_lines"]) == 1
    assert [one["kind"] for one in found["tables"]["party.privacy_acts"]] == ["anonymise"]


def test_only_customers_of_the_tenant_are_exported(db: psycopg.Connection, books: Books) -> None:
    let_all(db, books)
    throws(db, "ZT001", EXPORT, ["00000000-0000-7000-8000-000000000000"])
    throws(db, "ZT001", EXPORT, [None])
