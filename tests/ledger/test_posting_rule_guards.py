"""Posting rules by DML: what is or was in force stays, and nothing unsound comes into force."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.ledger.books import CHECKS, Books
from tests.ledger.posting import IDENTITIES, TYPE, open_posting, save
from tests.pgtap import as_role, results_eq, throws, value


@pytest.fixture
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with a posting rule for MAIN."""
    open_posting(db)
    save(db, business="MAIN")
    return books


LINE = """INSERT INTO ledger.posting_rule_lines (
    tenant_id, rule_id, revision_no, line_no, side, role, amount_path)
    SELECT tenant_id, rule_id, {}, 9, 'debit', 'vat_payable', 'net'
    FROM ledger.posting_rule_revisions"""
REVISION = """INSERT INTO ledger.posting_rule_revisions (
    tenant_id, rule_id, revision_no, name, description, date_path)
    SELECT tenant_id, rule_id, {}, name, description, date_path
    FROM ledger.posting_rule_revisions"""

REFUSED = [
    "UPDATE ledger.posting_rule_lines SET amount_path = 'net' WHERE line_no = 1",
    "DELETE FROM ledger.posting_rule_lines WHERE line_no = 1",
    LINE.format(1),
    LINE.format(3),
    "UPDATE ledger.posting_rule_revisions SET date_path = 'due_on'",
    "DELETE FROM ledger.posting_rule_revisions",
    REVISION.format(1),
    REVISION.format(3),
    "UPDATE ledger.posting_rules SET event_type = 'wash.other'",
    "UPDATE ledger.posting_rules SET business_id = NULL",
    "UPDATE ledger.posting_rules SET id = core.uuid_v7()",
    "UPDATE ledger.posting_rules SET current_revision = 0",
    "UPDATE ledger.posting_rules SET current_revision = 3",
    "DELETE FROM ledger.posting_rules",
    """INSERT INTO ledger.posting_rules (tenant_id, event_type, current_revision)
    SELECT tenant_id, event_type, 1 FROM ledger.posting_rules""",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_in_force_is_not_changed_by_dml(
    db: psycopg.Connection, books: Books, statement: str
) -> None:
    throws(db, "ZL094", statement)


def test_a_revision_comes_into_force_by_dml_only_when_it_is_sound(
    db: psycopg.Connection, books: Books
) -> None:
    force = "UPDATE ledger.posting_rules SET current_revision = 2"
    throws(db, "ZL092", force)
    db.execute(REVISION.format(2))
    throws(db, "ZL092", force)
    db.execute(LINE.format(2) + " WHERE revision_no = 2")
    throws(db, "ZL093", force)
    db.execute(
        """INSERT INTO ledger.posting_rule_lines (
            tenant_id, rule_id, revision_no, line_no, side, role, amount_path)
        SELECT tenant_id, rule_id, 2, 10, 'credit', 'vat_payable', 'net'
        FROM ledger.posting_rule_revisions WHERE revision_no = 2"""
    )
    # Until then it may still change and go; its business is the rule's, whatever is given.
    db.execute("UPDATE ledger.posting_rule_lines SET business_id = NULL WHERE revision_no = 2")
    results_eq(
        db,
        "SELECT DISTINCT business_id FROM ledger.posting_rule_lines WHERE revision_no = 2",
        [(books.business_id,)],
    )
    db.execute(force)


def test_a_rule_without_a_revision_may_go(db: psycopg.Connection, books: Books) -> None:
    db.execute(
        "INSERT INTO ledger.posting_rules (tenant_id, event_type) VALUES (%s, %s)",
        [books.tenant_id, TYPE],
    )
    db.execute("DELETE FROM ledger.posting_rules WHERE current_revision = 0")


def test_there_is_one_rule_for_a_type_and_a_business(db: psycopg.Connection, books: Books) -> None:
    again = (
        "INSERT INTO ledger.posting_rules (tenant_id, event_type, business_id) VALUES (%s, %s, %s)"
    )
    throws(db, "23505", again, [books.tenant_id, TYPE, books.business_id])
    db.execute(again, [books.tenant_id, TYPE, None])
    throws(db, "23505", again, [books.tenant_id, TYPE, None])


def test_a_type_that_a_rule_is_for_does_not_go(db: psycopg.Connection, books: Books) -> None:
    db.execute("DELETE FROM events.subscriptions WHERE event_type = %s", [TYPE])
    restricted = "23001" if db.info.server_version >= 180000 else "23503"
    throws(db, restricted, "DELETE FROM events.event_types WHERE code = %s", [TYPE])


@pytest.mark.parametrize("table", ["posting_rules", "posting_rule_revisions", "posting_rule_lines"])
def test_clients_write_none_of_the_tables(db: psycopg.Connection, books: Books, table: str) -> None:
    with as_role(db, "pgerp_app"):
        assert value(db, f"SELECT count(*) > 0 FROM ledger.{table}")
        throws(db, "42501", f"DELETE FROM ledger.{table}")
        throws(db, "42501", f"UPDATE ledger.{table} SET business_id = NULL")


CHANGES = [
    f"identities = '{json.dumps({'tax': IDENTITIES['tax']})}'",
    "payload_schema = payload_schema #- '{properties,customer}'",
    "payload_schema = payload_schema #- '{properties,vat,minimum}'",
    "payload_schema = payload_schema #- '{required,0}'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_type_that_changes_under_a_rule_is_found(
    db: psycopg.Connection, books: Books, change: str
) -> None:
    check = (CHECKS / "ledger" / "posting_rules_fit_their_events.sql").read_text()
    assert db.execute(check).fetchall() == []
    db.execute(f"UPDATE events.event_types SET {change} WHERE code = '{TYPE}'")
    found = db.execute(check).fetchall()
    assert [(row[0], row[2]) for row in found] == [(books.tenant_id, TYPE)]
    db.execute("SELECT ledger.set_posting_rule_active(%s, false, 'MAIN')", [TYPE])
    assert db.execute(check).fetchall() == []
