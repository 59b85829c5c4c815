"""party.anonymise: the person is gone from the whole database, the books are as they were."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, offenders, open_books
from tests.party.customers import ADDRESS, add, create, found
from tests.party.person import HIDDEN, VALUES, Person, make_person, sightings, statements
from tests.pgtap import as_role, is_empty, results_eq, throws, value

ROOT = Path(__file__).resolve().parents[2]
ANONYMISE = "SELECT party.anonymise(%s, 'Request 17')"
NOBODY = "00000000-0000-7000-8000-000000000000"


def let_all(conn: psycopg.Connection, books: Books, subject: str = "officer") -> None:
    """Hold a token with every permission."""
    conn.execute(
        "SELECT set_config('pgerp.token',"
        " identity.issue_token(%s, %s, NULL, '1 day', '{*}'), false)",
        [books.tenant_id, subject],
    )


@pytest.fixture
def person(db: psycopg.Connection, books: Books) -> Person:
    """A person in the books, whom the token may anonymise."""
    made = make_person(db)
    let_all(db, books)
    return made


@pytest.fixture
def lived(clone: str) -> Iterator[tuple[psycopg.Connection, Person]]:
    """The same, committed, in sealed books; with another tenant's namesake."""
    with connect(clone) as conn:
        books = open_books(conn)
        made = make_person(conn)
        conn.execute("SELECT ledger.seal()")
        let_all(conn, books)
        yield conn, made


def verify(url: str) -> str:
    """Run `pgerp verify`, seals included; return what it says."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "migrate.py"), "--database-url", url, "verify"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_nothing_of_the_person_is_left_in_any_table_and_the_books_are_equal(
    clone: str, lived: tuple[psycopg.Connection, Person]
) -> None:
    conn, person = lived
    seen = sightings(conn)
    # All of it was there, and where one would expect it.
    assert set().union(*seen.values()) == set(VALUES) - HIDDEN
    assert {"party.customers", "party.customer_terms", "audit.log_2026"} <= set(seen)
    before = statements(conn)
    conn.execute(ANONYMISE, [person.id])
    assert sightings(conn) == {}
    assert statements(conn) == before
    assert offenders(conn) == {}
    assert "healthy" in verify(clone)
    results_eq(
        conn,
        "SELECT counterparty FROM ledger.journal_lines WHERE counterparty IS NOT NULL",
        [(person.number,)],
    )


STATISTICS = """ALTER TABLE party.customers ALTER COLUMN email SET STATISTICS 100;
ALTER TABLE audit.log ALTER COLUMN old_row SET STATISTICS 100"""
LAX_COLUMN = """UPDATE party.personal_data_columns SET treatment = 'keep'
WHERE (table_name, column_name) = ('party.{}', '{}')"""
KEPT_TABLE = """UPDATE party.personal_data_tables SET treatment = 'keep', reason = 'x'
WHERE table_name = 'party.{}'"""
NO_REDACTION = """CREATE OR REPLACE FUNCTION audit.redact(
    p_tenant_id integer, p_table text, p_key jsonb, p_columns text[], p_reason text
) RETURNS integer LANGUAGE sql AS 'SELECT 0'"""
ONLY_LIVING = """CREATE OR REPLACE FUNCTION party.logged_keys(
    p_tenant_id integer, p_table text, p_column text, p_value text
) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$ BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT jsonb_build_object(''id'', t.id) FROM %s AS t WHERE t.%I = %L',
        p_table, p_column, p_value
    );
END $$"""
NO_MASK = """CREATE OR REPLACE FUNCTION audit.mask(
    p_old jsonb, p_new jsonb, p_columns text, OUT old_row jsonb, OUT new_row jsonb
) LANGUAGE sql AS 'SELECT p_old, p_new'"""
STALE_TERMS = "ALTER TABLE party.customers DISABLE TRIGGER customers_terms"


@pytest.mark.parametrize(
    ("plant", "left"),
    [
        (LAX_COLUMN.format("customer_addresses", "line_1"), {"audit.log_2026"}),
        (LAX_COLUMN.format("customers", "family_name"), "23514"),
        (LAX_COLUMN.format("customers", "email"), "23514"),
        (KEPT_TABLE.format("customer_contacts"), {"audit.log_2026", "party.customer_contacts"}),
        (KEPT_TABLE.format("customers"), {"audit.log_2026", "party.customers"}),
        (NO_REDACTION, {"audit.log_2026"}),
        (ONLY_LIVING, {"audit.log_2026"}),
        (STALE_TERMS, {"party.customer_terms"}),
    ],
    ids=["column", "name", "e-mail", "table", "customers", "log", "log of the gone", "terms"],
)
def test_what_is_left_where_one_treatment_is_missing_is_seen(
    db: psycopg.Connection, person: Person, plant: str, left: set[str] | str
) -> None:
    db.execute(plant)  # type: ignore[arg-type]
    if isinstance(left, str):
        throws(db, left, ANONYMISE, [person.id])
        return
    db.execute(ANONYMISE, [person.id])
    assert set(sightings(db)) >= left


def test_samples_that_the_planner_keeps_are_seen(db: psycopg.Connection, person: Person) -> None:
    db.execute(STATISTICS)
    assert "pg_statistic" in sightings(db)


def test_sensitive_columns_never_reach_the_log(db: psycopg.Connection, books: Books) -> None:
    token_like = "'k[0-9]:(gAAAAA|[0-9a-f]{64})'"
    query = f"SELECT count(*) FROM audit.log AS l WHERE l::text ~ {token_like}"
    make_person(db)
    assert value(db, query) == 0
    db.execute(NO_MASK)
    create(db, given_name="Mary", phone_encrypted=None)
    add(
        db,
        "contact",
        value(db, "SELECT max(id::text) FROM party.customers"),
        channel="phone",
        phone_encrypted="k1:gAAAAAB" + "x" * 93,
        phone_hash="k1:" + "0" * 64,
    )
    assert value(db, query) == 1


def test_the_row_the_number_the_consents_and_the_act_stay(
    db: psycopg.Connection, person: Person
) -> None:
    db.execute(ANONYMISE, [person.id])
    results_eq(
        db,
        "SELECT customer_no, display_name, status::text, kind::text FROM party.customers",
        [(person.number, "Anonymised", "anonymised", "person")],
    )
    results_eq(
        db,
        "SELECT kind::text, reason, created_by, row_counts - 'audit.log' FROM party.privacy_acts",
        [
            (
                "anonymise",
                "Request 17",
                "officer",
                {
                    "party.customers": 1,
                    "party.customer_contacts": 1,
                    "party.customer_addresses": 1,
                    "party.identity_documents": 1,
                },
            )
        ],
    )
    results_eq(
        db, "SELECT purpose, decision::text FROM party.consents", [("sms_marketing", "granted")]
    )
    assert value(db, "SELECT party.has_consent(%s, 'sms_marketing')", [person.id]) is False
    assert found(db, "anonymised") == []
    assert found(db, person.number) == ["Anonymised"]
    # The log goes on to tell what was done when, and by whom.
    results_eq(
        db,
        "SELECT action::text, actor FROM audit.history('party.customers', %s)",
        [("INSERT", "alice"), ("UPDATE", "alice"), ("UPDATE", "officer")],
        [f'{{"id": "{person.id}"}}'],
    )


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
