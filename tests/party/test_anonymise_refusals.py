"""What party.anonymise refuses, whom it leaves alone, and who waits for whom."""

from __future__ import annotations

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, open_books
from tests.party.customers import ADDRESS, add, create, found
from tests.party.person import ANONYMISE, Person, let_all, make_person, sightings
from tests.pgtap import as_role, is_empty, results_eq, throws, value

NOBODY = "00000000-0000-7000-8000-000000000000"


def test_a_second_time_has_its_own_code_and_changes_nothing(
    db: psycopg.Connection, person: Person
) -> None:
    db.execute(ANONYMISE, [person.id])
    before = value(db, "SELECT count(*) FROM audit.log")
    throws(db, "ZT009", ANONYMISE, [person.id])
    assert value(db, "SELECT count(*) FROM audit.log") == before
    throws(db, "ZT001", ANONYMISE, [NOBODY])
    throws(db, "ZT001", ANONYMISE, [None])


INSERT = "INSERT INTO party.{} SELECT tenant_id, id, {} FROM party.customers"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT party.update_customer(%(id)s, '{}', 3)",
        "SELECT party.add_contact(%(id)s, '{}')",
        "SELECT party.record_consent(%(id)s, 'sms_marketing', 'web')",
        "UPDATE party.customers SET display_name = 'Zawadi' WHERE id = %(id)s",
        "UPDATE party.customers SET status = 'active' WHERE id = %(id)s",
        INSERT.format(
            "customer_addresses (tenant_id, customer_id, line_1, city, country_code)",
            "'x', 'x', 'KE'",
        ),
        INSERT.format(
            "consents (tenant_id, customer_id, purpose, decision, decided_at, source)",
            "'sms', 'granted', now(), 'web'",
        ),
        INSERT.format(
            "customer_contacts (tenant_id, customer_id, channel, contact_name)",
            "'person', 'Zawadi'",
        ),
        INSERT.format(
            "identity_documents (tenant_id, customer_id, document_type, number_encrypted,"
            " number_hash, issuing_country)",
            "'passport', 'k1:gAAAAAB' || repeat('x', 93), 'k1:' || repeat('0', 64), 'KE'",
        ),
    ],
)
def test_nothing_is_added_or_changed_afterwards_by_sql_either(
    db: psycopg.Connection, person: Person, statement: str
) -> None:
    db.execute(ANONYMISE, [person.id])
    throws(db, "ZT002", statement, {"id": person.id})


def test_a_row_is_not_made_somebody_else_s_part_after_all(
    db: psycopg.Connection, person: Person
) -> None:
    mary = create(db, given_name="Mary")
    add(db, "address", mary, **ADDRESS)
    db.execute(ANONYMISE, [person.id])
    throws(db, "ZT002", "UPDATE party.customer_addresses SET customer_id = %s", [person.id])


def test_a_reason_is_needed(db: psycopg.Connection, person: Person) -> None:
    query = "SELECT party.anonymise(%s, %s)"
    for reason, sqlstate in ((None, "22023"), (" ", "22023"), ("x" * 501, "23514")):
        throws(db, sqlstate, query, [person.id, reason])
    assert found(db, "nyakwama") == ["Zawadi Nyakwama"]


def test_a_legal_hold_on_the_log_keeps_the_person(db: psycopg.Connection, person: Person) -> None:
    hold = value(db, "SELECT audit.place_legal_hold('Case 7')")
    throws(db, "ZA008", ANONYMISE, [person.id])
    assert found(db, "nyakwama") == ["Zawadi Nyakwama"]
    db.execute("SELECT audit.lift_legal_hold(%s)", [hold])
    db.execute(ANONYMISE, [person.id])


@pytest.mark.parametrize("function", ["party.anonymise(%s, 'x')", "party.export_personal_data(%s)"])
def test_the_permission_must_be_named(
    db: psycopg.Connection, books: Books, person: Person, function: str
) -> None:
    name = function.split("(")[0]
    for permissions, allowed in ((None, False), (["party.*"], False), ([name], True)):
        db.execute(
            "SELECT set_config('pgerp.token',"
            " identity.issue_token(%s, 'till', NULL, '1 day', %s), false)",
            [books.tenant_id, permissions],
        )
        with as_role(db, "pgerp_app"):
            if not allowed:
                throws(db, "ZI011", f"SELECT {function}", [person.id])
            else:
                db.execute(f"SELECT {function}", [person.id])  # type: ignore[arg-type]


def test_others_with_the_same_values_are_left_alone(
    db: psycopg.Connection, books: Books, person: Person
) -> None:
    twin = create(db, given_name="Zawadi", family_name="Nyakwama", email="zawadi.n@example.org")
    others = open_books(db, "Others")
    namesake = make_person(db)
    let_all(db, books)
    db.execute(ANONYMISE, [person.id])
    assert found(db, "nyakwama") == ["Zawadi Nyakwama", "Zawadi Nyakwama"]
    logged = "SELECT new_row ->> 'given_name' FROM audit.log WHERE row_key = %s ORDER BY id"
    results_eq(db, logged, [("Zawadi",)], [str(twin)])
    results_eq(db, logged, [("Zawadi",), ("Zawadi",)], [str(namesake.id)])
    assert others.tenant_id != books.tenant_id
    throws(db, "ZT001", ANONYMISE, [namesake.id])


def test_whoever_adds_to_the_person_meanwhile_waits_and_is_refused(
    clone: str, lived: tuple[psycopg.Connection, Person]
) -> None:
    conn, person = lived
    statement = (
        "INSERT INTO party.customer_contacts (tenant_id, customer_id, channel, contact_name)"
        " SELECT tenant_id, id, 'person', 'Baraka' FROM party.customers"
    )
    with connect(clone) as writer:
        with conn.transaction():
            conn.execute(ANONYMISE, [person.id])
            other = Background(writer, lambda: writer.execute(statement))
            assert other.waits(conn)
        assert other.result() == "ZT002"
    is_empty(conn, "SELECT FROM party.customer_contacts")


def test_the_person_waits_for_who_is_adding(
    clone: str, lived: tuple[psycopg.Connection, Person]
) -> None:
    conn, person = lived
    with connect(clone) as writer:
        with writer.transaction():
            writer.execute(
                "INSERT INTO party.customer_contacts (tenant_id, customer_id, channel, email)"
                " SELECT tenant_id, id, 'email', 'duka@nyakwama.example' FROM party.customers"
            )
            other = Background(conn, lambda: conn.execute(ANONYMISE, [person.id]))
            assert other.waits(writer)
        assert other.result() is None
    assert sightings(conn) == {}
