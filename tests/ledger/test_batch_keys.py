"""Idempotency keys of batches: the same request is made once, another is refused."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, open_books, settle
from tests.ledger.budgets import open_expenses, plan
from tests.ledger.limits import limit
from tests.ledger.test_batch_refusals import ATOMIC, LINES, SKIP, entry, hold
from tests.pgtap import throws, value

OTHER: list[dict[str, Any]] = [
    {"business": "SIDE"},
    {"date": "2026-03-05"},
    {"description": "y"},
    {"lines": LINES[::-1]},
    {"status": "DRAFT"},
    {"reference": "R"},
    {"source_module": "shop"},
    {"source_module": "shop", "source_id": "2"},
    {"period_kind": "adjusting", "date": "2026-12-31"},
]
"""Requests that differ from a plain one in one field."""


@pytest.fixture(autouse=True)
def stage(db: psycopg.Connection, books: Books) -> Books:
    """Plain books."""
    return books


def send(db: psycopg.Connection, *batch: dict[str, Any], mode: str = "atomic") -> list[Any]:
    """Return id, SQLSTATE and is_new of each entry."""
    call = "SELECT entry_id, sqlstate, is_new FROM ledger.create_journal_entries(%s, %s)"
    return db.execute(call, [json.dumps(batch), mode]).fetchall()


@pytest.mark.parametrize("mode", ["atomic", "skip_bad"])
def test_a_request_is_made_once_within_a_batch_and_after_it(
    db: psycopg.Connection, mode: str
) -> None:
    one, other = entry(idempotency_key="k"), entry(idempotency_key="l")
    first, again, second, plain = send(db, one, one, other, entry(), mode=mode)
    assert first[1:] == (None, True) and again == (first[0], None, False)
    assert [second[1:], plain[1:]] == [(None, True)] * 2
    assert send(db, entry(), one, mode=mode)[1] == (first[0], None, False)
    assert send(db, one, mode=mode) == [(first[0], None, False)]
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 4
    assert value(db, "SELECT count(*) FROM ledger.journal_lines") == 8
    settle(db)


@pytest.mark.parametrize("fields", OTHER, ids=[str(list(fields.values())[-1]) for fields in OTHER])
def test_another_request_with_the_key_is_refused(
    db: psycopg.Connection, fields: dict[str, Any]
) -> None:
    base = entry(idempotency_key="k")
    if "period_kind" in fields:
        base["date"] = "2026-12-31"
    if "source_id" in fields:
        base["source_module"] = "shop"
        base["source_id"] = "1"
    assert send(db, base)[0][1:] == (None, True)
    assert send(db, base | fields, mode="skip_bad") == [(None, "ZL008", False)]
    throws(db, "ZL008", ATOMIC, [json.dumps([base | fields])])
    named = "SELECT error IS NOT NULL FROM ledger.create_journal_entries(%s, 'skip_bad')"
    assert value(db, named, [json.dumps([base | fields])])
    assert send(db, base)[0][1:] == (None, False)


def test_the_first_of_a_batch_has_the_key(db: psycopg.Connection) -> None:
    batch = [entry(idempotency_key="k", description=word) for word in ("b", "a", "c")]
    rows = send(db, *batch, mode="skip_bad")
    assert [row[1:] for row in rows] == [(None, True), ("ZL008", False), ("ZL008", False)]
    assert value(db, "SELECT description::text FROM ledger.journal_entries") == "b"
    settle(db)


def test_a_bad_entry_claims_no_key(db: psycopg.Connection) -> None:
    bad = entry(idempotency_key="k", lines=LINES[:1])
    assert send(db, bad, mode="skip_bad")[0][1:] == ("ZL005", False)
    assert value(db, "SELECT count(*) FROM ledger.idempotency_keys") == 0
    good = entry(idempotency_key="k")
    rows = send(db, bad, good, mode="skip_bad")
    assert rows[1][1:] == (None, True)
    settle(db)


def test_what_was_made_before_stays_made_though_it_could_not_be_made_now(
    db: psycopg.Connection,
) -> None:
    one = entry(idempotency_key="k")
    made = send(db, one)[0][0]
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")
    for mode in ("atomic", "skip_bad"):
        assert send(db, one, mode=mode) == [(made, None, False)]
    assert send(db, one | {"description": "y"}, mode="skip_bad")[0][1] == "ZL008"


def test_who_may_not_write_to_a_business_learns_nothing_of_its_keys(
    db: psycopg.Connection, stage: Books
) -> None:
    one = entry(idempotency_key="k", business="SIDE")
    assert send(db, one)[0][1:] == (None, True)
    hold(db, stage, [stage.business_id])
    for request in (one, one | {"description": "y"}):
        assert db.execute(SKIP, [json.dumps([request])]).fetchall() == [
            (1, "ZI006", False, True, False)
        ]
        throws(db, "ZI006", ATOMIC, [json.dumps([request])])


def test_keys_are_the_tenants_own(db: psycopg.Connection, stage: Books) -> None:
    mine = send(db, entry(idempotency_key="k"))[0][0]
    open_books(db, "Theirs")
    theirs = send(db, entry(idempotency_key="k", description="y"))[0]
    assert theirs[1:] == (None, True) and theirs[0] != mine
    settle(db)


def test_a_batch_without_keys_leaves_those_of_others_alone(db: psycopg.Connection) -> None:
    """The hash of an entry without a key is not worked out: nothing would compare it."""
    send(db, entry(idempotency_key="k"))
    assert [row[1:] for row in send(db, entry(), entry())] == [(None, True)] * 2
    assert value(db, "SELECT count(*) FROM ledger.idempotency_keys") == 1


def test_the_steps_of_a_batch_keep_to_their_tenant_where_row_security_does_not_hold(
    db: psycopg.Connection, stage: Books
) -> None:
    """A superuser sees the rows of all tenants; codes and keys are the same in both."""
    given = entry(idempotency_key="k")
    send(db, given)
    theirs = open_books(db, "Theirs").tenant_id
    db.execute("SELECT identity.enter_tenant(%s)", [theirs])
    batch = json.dumps([given, entry()])
    steps = """WITH parsed AS MATERIALIZED (SELECT ledger.parse_entries(%(t)s, %(b)s) AS entries),
        claimed AS MATERIALIZED (
            SELECT ledger.claim_batch(%(t)s, p.entries) AS entries FROM parsed AS p)
        SELECT cardinality(p.entries), cardinality(c.entries),
            (SELECT array_agg(e.is_new) FROM unnest(c.entries) AS e),
            cardinality(ledger.parse_lines(%(t)s, p.entries, ARRAY[%(l)s, %(l)s]::jsonb[]))
        FROM parsed AS p, claimed AS c"""
    row = db.execute(steps, {"t": theirs, "b": batch, "l": json.dumps(LINES)}).fetchone()
    assert row == (2, 2, [True, True], 4)
    assert theirs != stage.tenant_id


def test_a_key_that_two_requests_have_names_the_fault_of_each(db: psycopg.Connection) -> None:
    """The first is over a limit and gives its key back; the second was another request with it."""
    limit(db, "1110", credit_limit=1)
    rows = send(
        db,
        entry(idempotency_key="k"),
        entry(idempotency_key="k", description="y"),
        entry(idempotency_key="k"),
        mode="skip_bad",
    )
    assert rows == [(None, "ZL031", False), (None, "ZL008", False), (None, "ZL031", False)]
    assert value(db, "SELECT count(*) FROM ledger.idempotency_keys") == 0


def test_accounts_that_only_a_budget_watches_get_no_heads(db: psycopg.Connection) -> None:
    open_expenses(db)
    plan(db, ("5200", "10"))
    lines = [{"account": "5210", "debit": "20"}, {"account": "1110", "credit": "20"}]
    rows = send(db, entry(), entry(lines=lines), mode="skip_bad")
    assert [row[1] for row in rows] == [None, "ZF001"]
    assert value(db, "SELECT count(*) FROM ledger.account_heads") == 0
    settle(db)
