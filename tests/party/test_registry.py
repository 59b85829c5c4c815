"""party.personal_data_tables: domains say what they hold of customers, and are held to it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.ledger.books import Books, offenders
from tests.party.customers import create
from tests.party.person import ANONYMISE, let_all
from tests.pgtap import results_eq, throws, value

CHECK = Path(__file__).resolve().parents[2] / "sql/checks/party/personal_data_is_classified.sql"

# What a domain's migration does.
LOANS = """
CREATE TABLE core.loans (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    customer_id uuid NOT NULL,
    guarantor core.label NOT NULL,
    purpose core.label,
    payout_encrypted core.encrypted_value,
    amount core.amount NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT loans_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT loans_customer_fkey FOREIGN KEY (tenant_id, customer_id)
    REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT
);
ALTER TABLE core.loans OWNER TO pgerp_owner;
SELECT core.secure_table('core.loans'), audit.apply_triggers();
CREATE FUNCTION core.loan_objection(p_tenant_id integer, p_customer_id uuid) RETURNS text
LANGUAGE sql AS $$
    SELECT 'Loans are open' WHERE EXISTS (
        SELECT FROM core.loans AS l
        WHERE l.tenant_id = p_tenant_id AND l.customer_id = p_customer_id AND l.amount > 0
    )
$$;
ALTER FUNCTION core.loan_objection OWNER TO pgerp_owner;
"""
REGISTERED = """
INSERT INTO party.personal_data_tables (table_name, treatment, objection)
VALUES ('core.loans', 'change', 'core.loan_objection');
INSERT INTO party.personal_data_columns (table_name, column_name, treatment) VALUES
('core.loans', 'guarantor', 'replace'),
('core.loans', 'purpose', 'blank'),
('core.loans', 'payout_encrypted', 'blank'),
('core.loans', 'amount', 'keep');
"""


@pytest.fixture
def loans(db: psycopg.Connection) -> None:
    """A table of a domain, registered."""
    db.execute(LOANS + REGISTERED)


def complaints(db: psycopg.Connection) -> list[tuple[str, str | None]]:
    """Return table and column of those that break the rule."""
    return [(table, column) for table, column, _ in db.execute(CHECK.read_text())]  # type: ignore[arg-type]


def test_every_table_with_customers_is_registered_with_every_column(
    db: psycopg.Connection,
) -> None:
    assert complaints(db) == []


def test_a_domain_s_table_is_exported_and_its_columns_are_treated(
    db: psycopg.Connection, books: Books, loans: None
) -> None:
    mary, john = (create(db, given_name=name) for name in ("Mary", "John"))
    for customer in (mary, john):
        db.execute(
            "INSERT INTO core.loans (tenant_id, customer_id, guarantor, purpose, amount)"
            " VALUES (%s, %s, 'Baraka', 'A cow for Baraka', 0)",
            [books.tenant_id, customer],
        )
    let_all(db, books)
    exported = value(db, "SELECT party.export_personal_data(%s)", [mary])
    assert [one["guarantor"] for one in exported["tables"]["core.loans"]] == ["Baraka"]
    db.execute(ANONYMISE, [mary])
    results_eq(
        db,
        "SELECT guarantor, purpose, amount FROM core.loans ORDER BY customer_id",
        [("Anonymised", None, 0), ("Baraka", "A cow for Baraka", 0)],
    )
    results_eq(
        db,
        "SELECT new_row ->> 'guarantor', new_row ->> 'purpose' FROM audit.log"
        " WHERE table_name = 'core.loans' ORDER BY id",
        [("[anonymised]", "[anonymised]"), ("Baraka", "A cow for Baraka"), ("[anonymised]", None)],
    )
    assert (
        value(
            db, "SELECT row_counts -> 'core.loans' FROM party.privacy_acts WHERE kind = 'anonymise'"
        )
        == 1
    )
    assert offenders(db).keys() <= {"audit/every_table_is_logged"}


def test_a_table_in_which_nothing_is_personal_is_left_as_it_is(
    db: psycopg.Connection, books: Books, loans: None
) -> None:
    mary = create(db, given_name="Mary")
    db.execute(
        "INSERT INTO core.loans (tenant_id, customer_id, guarantor, amount)"
        " VALUES (%s, %s, 'Baraka', 0)",
        [books.tenant_id, mary],
    )
    let_all(db, books)
    db.execute(
        "UPDATE party.personal_data_columns SET treatment = 'keep' WHERE table_name = 'core.loans'"
    )
    db.execute(ANONYMISE, [mary])
    results_eq(db, "SELECT guarantor FROM core.loans", [("Baraka",)])
    results_eq(db, "SELECT status::text FROM party.customers", [("anonymised",)])


def test_a_domain_may_object(db: psycopg.Connection, books: Books, loans: None) -> None:
    mary = create(db, given_name="Mary")
    db.execute(
        "INSERT INTO core.loans (tenant_id, customer_id, guarantor, amount)"
        " VALUES (%s, %s, 'Baraka', 5)",
        [books.tenant_id, mary],
    )
    let_all(db, books)
    error = throws(db, "ZT007", ANONYMISE, [mary])
    assert error.diag.message_detail == "core.loans: Loans are open."
    db.execute("UPDATE core.loans SET amount = 0")
    db.execute(ANONYMISE, [mary])


OFFENCES = [
    ("DELETE FROM party.personal_data_tables WHERE table_name = 'core.loans'", None),
    (
        (
            "DELETE FROM party.personal_data_tables WHERE table_name = 'core.loans';"
            "ALTER TABLE core.loans DROP CONSTRAINT loans_customer_fkey"
        ),
        None,
    ),
    ("ALTER TABLE core.loans ADD COLUMN witness text", "witness"),
    ("ALTER TABLE core.loans RENAME COLUMN guarantor TO witness", "guarantor"),
    ("ALTER TABLE core.loans RENAME TO old_loans", "tenant_id"),
    ("UPDATE party.personal_data_tables SET customer_column = 'x'", "x"),
    ("UPDATE party.personal_data_columns SET treatment = 'keep'", "payout_encrypted"),
    ("UPDATE party.personal_data_columns SET treatment = 'blank'", "guarantor"),
    ("UPDATE party.personal_data_columns SET treatment = 'replace'", "amount"),
    (
        "UPDATE party.personal_data_tables SET treatment = 'keep', reason = 'Law'",
        "payout_encrypted",
    ),
    ("UPDATE party.personal_data_tables SET objection = 'core.none'", "core.none"),
    (
        "INSERT INTO party.personal_data_columns VALUES ('core.loans', 'tenant_id', 'keep')",
        "tenant_id",
    ),
]


@pytest.mark.parametrize(("plant", "column"), OFFENCES)
def test_what_is_not_said_or_cannot_be_is_found(
    db: psycopg.Connection, loans: None, plant: str, column: str | None
) -> None:
    assert complaints(db) == []
    if plant.startswith("UPDATE"):
        plant += " WHERE table_name = 'core.loans'"
    db.execute(plant)  # type: ignore[arg-type]
    assert ("core.loans", column) in complaints(db)


def test_the_books_know_the_customer_by_the_number_and_are_kept(
    db: psycopg.Connection,
) -> None:
    results_eq(
        db,
        "SELECT table_name, customer_column, treatment::text FROM party.personal_data_tables"
        " WHERE is_by_number ORDER BY 1",
        [
            ("ledger.journal_lines", "counterparty", "keep"),
            ("ledger.matches", "counterparty", "keep"),
            ("ledger_archive.journal_lines", "counterparty", "keep"),
        ],
    )
