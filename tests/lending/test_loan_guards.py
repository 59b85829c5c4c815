"""What of loans never changes, by whatever path: statuses out of turn, terms, what is on record."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.lending.loans import apply, approve, open_lending, paid_out
from tests.pgtap import lives, throws

STATUSES = (
    "applied",
    "approved",
    "rejected",
    "active",
    "restructured",
    "defaulted",
    "overpaid",
    "closed",
    "written_off",
)
LENT = STATUSES[3:]
FOLLOWS = {
    "applied": {"approved", "rejected"},
    "approved": {"rejected", "active"},
    "rejected": set(),
    **{status: set(LENT) - {status} for status in LENT},
}
SET = """UPDATE lending.loans SET
    status = %(to)s::lending.loan_status,
    decided_on = CASE WHEN %(to)s <> 'applied' THEN coalesce(decided_on, applied_on) END,
    decided_by = CASE
        WHEN %(to)s IN ('applied') THEN NULL
        WHEN %(to)s IN ('approved', 'rejected') THEN session_user
        ELSE coalesce(decided_by, session_user)
    END,
    decision_reason = CASE %(to)s WHEN 'rejected' THEN 'No' END,
    disbursed_on = CASE
        WHEN %(to)s NOT IN ('applied', 'approved', 'rejected') THEN '2026-03-10'::date
    END,
    restructured_on = CASE %(to)s WHEN 'restructured' THEN '2026-04-01'::date END,
    defaulted_on = CASE %(to)s WHEN 'defaulted' THEN '2026-04-01'::date END,
    closed_on = CASE WHEN %(to)s IN ('closed', 'overpaid') THEN '2026-04-01'::date END,
    written_off_on = CASE %(to)s WHEN 'written_off' THEN '2026-04-01'::date END
    WHERE id = %(loan)s"""
"""Gives a loan a status, with all that the constraints want of it."""


@pytest.fixture(autouse=True)
def lending(db: psycopg.Connection, books: Books) -> None:
    open_lending(db)


def force(conn: psycopg.Connection, loan: Any, status: str) -> None:
    """Give a loan a status past the guard."""
    conn.execute("ALTER TABLE lending.loans DISABLE TRIGGER loans_guard")
    conn.execute(SET, {"to": status, "loan": loan})
    conn.execute("ALTER TABLE lending.loans ENABLE TRIGGER loans_guard")


@pytest.mark.parametrize("before", STATUSES)
def test_a_loan_takes_no_status_out_of_turn(db: psycopg.Connection, before: str) -> None:
    loan = apply(db)
    for after in STATUSES:
        if after == before:
            continue
        force(db, loan, before)
        if after in FOLLOWS[before]:
            lives(db, SET, {"to": after, "loan": loan})
        else:
            throws(db, "ZO031", SET, {"to": after, "loan": loan})


@pytest.mark.parametrize("status", STATUSES[1:])
def test_a_new_loan_is_applied_for(db: psycopg.Connection, status: str) -> None:
    loan = apply(db)
    force(db, loan, status)
    throws(
        db,
        "ZO031",
        """INSERT INTO lending.loans SELECT (jsonb_populate_record(l,
            jsonb_build_object('id', core.uuid_v7(), 'loan_no', 'X'))).*
        FROM lending.loans AS l WHERE l.id = %s""",
        [loan],
    )


STAYS = {
    "loan_no": "'X'",
    "customer_id": "core.uuid_v7()",
    "product_id": "core.uuid_v7()",
    "currency_code": "'EUR'",
    "minor_units": "3",
    "applied_on": "applied_on - 1",
    "requested_principal": "1",
    "business_id": "business_id + 1",
    "tenant_id": "tenant_id + 1",
    "id": "core.uuid_v7()",
}
TERMS = {
    "principal": "principal - 1",
    "annual_rate_percent": "1",
    "instalments": "instalments + 1",
    "every": "2",
    "frequency": "'week'",
    "method": "'flat'",
    "interest_calculation": "'daily'",
    "day_count": "'actual/365'",
    "grace_principal": "1",
    "grace_interest": "1",
    "interest_free": "1",
    "round_to": "1",
    "rounding": "'half_up'",
    "penalty_rate_percent": "1",
    "penalty_grace_days": "1",
    "penalty_cap_percent": "1",
    "allocation_order": "'{principal,interest,fee,penalty}'",
    "allocate_by": "'instalment'",
    "prepayment": "'reduce_term'",
}
DECISION = {"decided_on": "decided_on + 1", "decided_by": "'eve'", "decision_reason": "'Else'"}
PAYOUT = {
    "disbursed_on": "disbursed_on + 1",
    "expected_disbursement_on": "expected_disbursement_on + 1",
    "first_due_on": "'2026-09-01'",
}
FREE = {
    "officer": "officer",
    "purpose": "'Else'",
    "group_id": "NULL",
    "branch_id": "NULL",
    "status": "status",
    "restructured_on": "NULL",
    "defaulted_on": "NULL",
    "closed_on": "NULL",
    "written_off_on": "NULL",
    "version": "version",
}


def change(column: str, text: str) -> str:
    """Return the statement that sets a column of a loan."""
    return f"UPDATE lending.loans SET {column} = {text} WHERE id = %s"


def test_every_column_of_a_loan_is_guarded_or_free(db: psycopg.Connection) -> None:
    stamps = {"created_at", "created_by", "last_modified_at", "last_modified_by"}
    columns = db.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'lending.loans'::regclass"
        " AND attnum > 0 AND NOT attisdropped"
    )
    assert {name for (name,) in columns} == {*STAYS, *TERMS, *DECISION, *PAYOUT, *FREE, *stamps}


def test_what_a_loan_is_stays_and_terms_stay_once_they_are_decided(
    db: psycopg.Connection,
) -> None:
    loan = apply(db)
    for column, text in STAYS.items():
        throws(db, "ZO033", change(column, text), [loan])
    for column, text in TERMS.items():
        db.execute("SAVEPOINT before")
        lives(db, change(column, text), [loan])
        db.execute("ROLLBACK TO before")
    approve(db, loan)
    for column, text in {**STAYS, **TERMS, **DECISION}.items():
        throws(db, "ZO033", change(column, text), [loan])
    for column, text in FREE.items():
        lives(db, change(column, text), [loan])


def test_when_a_loan_was_paid_out_stays(db: psycopg.Connection) -> None:
    loan = paid_out(db)
    for column, text in {**STAYS, **TERMS, **DECISION, **PAYOUT}.items():
        throws(db, "ZO033", change(column, text), [loan])
    throws(db, "ZO030", "DELETE FROM lending.loans WHERE id = %s", [loan])


def test_a_stale_update_of_a_loan_is_refused(db: psycopg.Connection) -> None:
    loan = apply(db)
    throws(db, "ZK001", change("version", "7"), [loan])


def test_fees_are_decided_with_the_loan(db: psycopg.Connection) -> None:
    loan, other = apply(db), apply(db)
    of_loan = "WHERE loan_id = %s AND code = 'visit'"
    lives(db, f"UPDATE lending.loan_fees SET amount = 0.5 {of_loan}", [loan])
    throws(db, "ZO033", f"UPDATE lending.loan_fees SET loan_id = '{other}' {of_loan}", [loan])
    approve(db, loan)
    throws(db, "ZO033", f"UPDATE lending.loan_fees SET amount = 1 {of_loan}", [loan])
    throws(db, "ZO033", f"DELETE FROM lending.loan_fees {of_loan}", [loan])
    throws(
        db,
        "ZO033",
        "INSERT INTO lending.loan_fees SELECT tenant_id, loan_id, 'new', business_id, name,"
        f" occasion, basis, amount, now(), 'x', now(), 'x' FROM lending.loan_fees {of_loan}",
        [loan],
    )


def test_no_table_and_no_partition_is_emptied(db: psycopg.Connection) -> None:
    tables = db.execute(
        "SELECT c.oid::regclass::text FROM pg_class AS c"
        " WHERE c.relnamespace = 'lending'::regnamespace AND c.relkind IN ('r', 'p')"
    ).fetchall()
    for (table,) in tables:
        error = throws(db, "ZO030" if _own(table) else "ZA001", f"TRUNCATE {table} CASCADE")
        assert table.split(".")[1] in str(error) or _own(table)


def _own(table: str) -> bool:
    """Whether lending refuses it itself: the log does not know these, or not their partitions."""
    return table.startswith(("lending.transactions", "lending.movements", "lending.loan_balances"))
