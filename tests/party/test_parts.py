"""Contacts, addresses and identity documents of customers."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.party.customers import ADDRESS, DOCUMENT, PHONE, add, create, sealed
from tests.pgtap import results_eq, throws, value

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("part", ["contact", "address", "identity_document"])
def test_unknown_customers_and_parts_are_refused(
    db: psycopg.Connection, books: Books, part: str
) -> None:
    throws(db, "ZT001", f"SELECT party.add_{part}(%s, '{{}}')", [NOBODY])
    throws(db, "ZT001", f"SELECT party.add_{part}(NULL, '{{}}')")
    for change in ("remove", "set_primary"):
        throws(db, "ZT003", f"SELECT party.{change}_{part}(%s)", [NOBODY])
    throws(db, "ZT001", "SELECT party.update_customer(%s, '{}', 1)", [NOBODY])
    throws(db, "ZT001", "SELECT party.record_consent(%s, 'x', 'x')", [NOBODY])


CONTACT = {"channel": "email", "email": "office@example.com"}
PARTS = {
    "contact": ("customer_contacts", CONTACT, CONTACT),
    "address": ("customer_addresses", ADDRESS, ADDRESS),
    "identity_document": ("identity_documents", DOCUMENT, {**DOCUMENT, "issuing_country": "UG"}),
}


@pytest.mark.parametrize("part", PARTS)
def test_the_first_is_primary_until_another_is_said_to_be(
    db: psycopg.Connection, books: Books, part: str
) -> None:
    table, one, two = PARTS[part]
    customer = create(db, given_name="Mary")
    first = add(db, part, customer, **one)
    second = add(db, part, customer, **two)
    primary = f"SELECT id FROM party.{table} WHERE is_primary"
    results_eq(db, primary, [(first,)])
    db.execute(f"SELECT party.set_primary_{part}(%s)", [second])
    results_eq(db, primary, [(second,)])
    db.execute(f"SELECT party.remove_{part}(%s)", [second])
    third = add(db, part, customer, **{**two, "is_primary": False})
    results_eq(db, primary, [])
    db.execute(f"SELECT party.remove_{part}(%s)", [third])
    fourth = add(db, part, customer, **{**two, "is_primary": True})
    results_eq(db, primary, [(fourth,)])
    update_all = f"UPDATE party.{table} SET is_primary = true"
    assert throws(db, "23505", update_all).diag.constraint_name == f"{table}_primary_idx"


def test_contacts_have_a_primary_one_of_each_channel(db: psycopg.Connection, mary: str) -> None:
    email = add(db, "contact", mary, **CONTACT)
    person = add(db, "contact", mary, channel="person", contact_name="Asha", **PHONE)
    query = "SELECT id FROM party.customer_contacts WHERE is_primary ORDER BY channel"
    results_eq(db, query, [(email,), (person,)])


@pytest.mark.parametrize(
    ("part", "row", "sqlstate"),
    [
        ("contact", {"channel": "fax"}, "22P02"),
        ("contact", {"channel": "phone", "email": "a@example.com"}, "23514"),
        ("contact", {"channel": "phone", "phone_encrypted": "0722"}, "23514"),
        ("contact", {"channel": "email"}, "23514"),
        ("contact", {"channel": "person", "label": "daughter"}, "23514"),
        ("contact", {"label": "office"}, "23502"),
        ("contact", {"phone": "0722"}, "22023"),
        ("address", {**ADDRESS, "country_code": "Kenya"}, "23514"),
        ("address", {"city": "Nakuru", "country_code": "KE"}, "23502"),
        ("address", {**ADDRESS, "kind": "cave"}, "22P02"),
        ("address", {**ADDRESS, "street": "x"}, "22023"),
        ("identity_document", {**DOCUMENT, "document_type": "library_card"}, "23503"),
        ("identity_document", {**DOCUMENT, "number_encrypted": "12345678"}, "23514"),
        ("identity_document", {**DOCUMENT, "number_hash": None}, "23502"),
        ("identity_document", {**DOCUMENT, "issuing_country": None}, "23502"),
        ("identity_document", {**DOCUMENT, "number": "12345678"}, "22023"),
        ("identity_document", {**DOCUMENT, "valid_until": "never"}, "22007"),
    ],
    ids=str,
)
def test_malformed_parts_are_refused(
    db: psycopg.Connection, books: Books, part: str, row: Any, sqlstate: str
) -> None:
    customer = create(db, given_name="Mary")
    throws(db, sqlstate, f"SELECT party.add_{part}(%s, %s)", [customer, json.dumps(row)])


def test_a_document_is_one_customer_s_until_it_is_removed(
    db: psycopg.Connection, mary: str
) -> None:
    john = create(db, given_name="John")
    query = "SELECT party.add_identity_document(%s, %s)"
    newer = {**DOCUMENT, **sealed("number", "12345678", "k2")}
    known = {**newer, "other_number_hashes": [DOCUMENT["number_hash"]]}
    for document in (DOCUMENT, known):
        error = throws(db, "ZT004", query, [john, json.dumps(document)])
        assert "C000001" in str(error.diag.message_detail)
    throws(
        db,
        "23505",
        "INSERT INTO party.identity_documents (tenant_id, customer_id, document_type,"
        " number_encrypted, number_hash, issuing_country) SELECT tenant_id, %s, document_type,"
        " number_encrypted, number_hash, issuing_country FROM party.identity_documents",
        [john],
    )
    results_eq(
        db,
        "SELECT display_name FROM party.find_customers_by_document(%s, 'national_id')",
        [("Mary Wanjiku",)],
        [[newer["number_hash"], DOCUMENT["number_hash"]]],
    )
    mine = value(db, "SELECT id FROM party.identity_documents")
    db.execute("SELECT party.remove_identity_document(%s)", [mine])
    add(db, "identity_document", john, **known)
