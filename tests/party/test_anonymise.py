"""party.anonymise: the person is gone from the whole database, the books are as they were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.party.customers import add, create, found
from tests.party.person import (
    ANONYMISE,
    HIDDEN,
    LOG,
    VALUES,
    Person,
    make_person,
    sightings,
    statements,
)
from tests.pgtap import results_eq, throws, value

ROOT = Path(__file__).resolve().parents[2]


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
    assert {"party.customers", "party.customer_terms", LOG} <= set(seen)
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
        (LAX_COLUMN.format("customer_addresses", "line_1"), {LOG}),
        (LAX_COLUMN.format("customers", "family_name"), "23514"),
        (LAX_COLUMN.format("customers", "email"), "23514"),
        (KEPT_TABLE.format("customer_contacts"), {LOG, "party.customer_contacts"}),
        (KEPT_TABLE.format("customers"), {LOG, "party.customers"}),
        (NO_REDACTION, {LOG}),
        (ONLY_LIVING, {LOG}),
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


def test_rows_that_the_log_knows_only_from_their_end_are_found_too(
    db: psycopg.Connection, person: Person
) -> None:
    """After seven years the log has no more how a row was made."""
    db.execute("SET LOCAL session_replication_role = replica")
    db.execute("DELETE FROM audit.log WHERE action = 'INSERT' AND table_name ~ '^party'")
    db.execute("SET LOCAL session_replication_role = origin")
    assert "Plot 77" in sightings(db)[LOG]
    db.execute(ANONYMISE, [person.id])
    assert sightings(db) == {}


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
                    "messaging.messages": 0,
                    "lending.loans": 0,
                    "lending.collaterals": 0,
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
