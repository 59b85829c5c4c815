"""Idempotency keys of events: no client claims one and so keeps the event from being posted."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, offenders
from tests.ledger.posting import emit, open_posting, payload, result, save
from tests.pgtap import as_role, results_eq, throws, value

RESERVED = "ZL097"
LINES = as_json(("1110", "1"), ("4100", "-1"))
ENTRY = {"business": "MAIN", "date": "2026-03-04", "description": "x", "lines": json.loads(LINES)}
BATCH = "SELECT * FROM ledger.create_journal_entries(%s, %s)"
NAMED = "p_idempotency_key => %s"
# Every function of clients that takes an idempotency key.
SINGLE = {
    "posted": f"SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, {NAMED})",
    "draft": f"SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT', {NAMED})",
    "held": f"SELECT ledger.hold_journal_entry('MAIN', '2026-03-04', 'x', %s, {NAMED})",
}
TAKES_KEYS = """
SELECT p.proname::text
FROM pg_proc AS p
-- Other modules keep the keys of their clients for themselves.
WHERE p.pronamespace = 'ledger'::regnamespace
    AND has_function_privilege('pgerp_app', p.oid, 'EXECUTE')
    AND (p.prosrc ~ 'idempotency_key|parse_entries' OR 'p_idempotency_key' = ANY (p.proargnames))
ORDER BY 1"""


@pytest.fixture(autouse=True)
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with a rule that posts the events of the test."""
    open_posting(db)
    save(db)
    return books


def batch(key: str) -> str:
    return json.dumps([ENTRY, ENTRY | {"idempotency_key": key}])


@pytest.mark.parametrize("key", ["event:J-7", "event:", "event:event:J-7"])
@pytest.mark.parametrize("way", SINGLE)
def test_no_client_claims_the_key_of_an_event(
    db: psycopg.Connection, books: Books, way: str, key: str
) -> None:
    with as_role(db, "pgerp_app"):
        for posting in ("", "function", "proved", "event"):
            db.execute("SELECT set_config('pgerp.posting', %s, true)", [posting])
            throws(db, RESERVED, SINGLE[way], [LINES, key])
    assert value(db, "SELECT count(*) FROM ledger.idempotency_keys") == 0
    made = result(db, emit(db, books, payload(posting_key=key.removeprefix("event:"))))
    assert "reason" not in made
    assert offenders(db) == {}


def test_no_batch_claims_the_key_of_an_event(db: psycopg.Connection, books: Books) -> None:
    with as_role(db, "pgerp_app"):
        throws(db, RESERVED, BATCH, [batch("event:J-7"), "atomic"])
        results_eq(
            db,
            "SELECT sqlstate, entry_id IS NULL, is_new"
            " FROM ledger.create_journal_entries(%s, 'skip_bad')",
            [(None, False, True), (RESERVED, True, False)],
            [batch("event:J-7")],
        )
    assert "reason" not in result(db, emit(db, books, payload(posting_key="J-7")))


def test_who_asks_with_the_key_of_an_event_that_was_posted_is_told_nothing_of_it(
    db: psycopg.Connection, books: Books
) -> None:
    emit(db, books, payload(posting_key="J-7"))
    with as_role(db, "pgerp_app"):
        for key in ("event:J-7", "event:unknown"):
            for query in SINGLE.values():
                throws(db, RESERVED, query, [LINES, key])
            results_eq(
                db,
                "SELECT sqlstate FROM ledger.create_journal_entries(%s, 'skip_bad')",
                [(None,), (RESERVED,)],
                [batch(key)],
            )


@pytest.mark.parametrize("key", ["events:1", "Event:1", "an event:1", "event"])
def test_other_keys_are_the_client_s(db: psycopg.Connection, key: str) -> None:
    made = value(db, SINGLE["posted"], [LINES, key])
    assert value(db, SINGLE["posted"], [LINES, key]) == made


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO ledger.idempotency_keys"
            " VALUES (1, 'event:J-7', core.uuid_v7(), sha256('x'))"
        ),
        "COPY ledger.idempotency_keys FROM STDIN",
        "UPDATE ledger.idempotency_keys SET idempotency_key = 'event:J-7'",
        (
            "MERGE INTO ledger.idempotency_keys AS k USING (VALUES ('event:J-7')) AS v (c)"
            " ON k.idempotency_key = v.c WHEN MATCHED THEN DELETE"
        ),
        "SELECT ledger.claim_idempotency_key(1, 'event:J-7', sha256('x'), core.uuid_v7(), true)",
    ],
)
def test_no_client_writes_keys_past_the_functions(db: psycopg.Connection, statement: Any) -> None:
    with as_role(db, "pgerp_app"):
        throws(db, "42501", statement)


def test_these_are_all_the_functions_of_clients_that_take_a_key(db: psycopg.Connection) -> None:
    results_eq(
        db,
        TAKES_KEYS,
        [("create_journal_entries",), ("create_journal_entry",), ("hold_journal_entry",)],
    )
