"""Entries in two phases: held, then posted, released, or expired."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.ledger.limits import POST_HELD, RELEASE, head, hold, let_expire, limit, state
from tests.pgtap import as_role, lives, throws, value

HOLD = "SELECT ledger.hold_journal_entry('MAIN', '2026-03-04', 'x', %s)"
PART = "SELECT ledger.post_held_entry(%s, %s)"


@pytest.fixture
def funded(db: psycopg.Connection, books: Books) -> Books:
    """Books with 100 in 1110, which may not fall below 0 nor rise above 150."""
    post(db, ("1110", "100"), ("4100", "-100"))
    limit(db, "1110", minimum_balance=0, credit_limit=150)
    return books


def test_a_hold_counts_against_the_minimum_but_not_in_the_books(
    db: psycopg.Connection, funded: Books
) -> None:
    hold(db, ("5100", "70"), ("1110", "-70"))
    assert balance(db, "1110") == "100.0000"
    assert head(db, "1110")[:3] == ("100.0000", "0.0000", "70.0000")
    over = [as_json(("5100", "30.01"), ("1110", "-30.01"))]
    error = throws(db, "ZL030", HOLD, over)
    assert error.diag.message_detail is not None
    for part in ("Balance 100.0000", "held 70.0000", "available 30.0000", "movement -30.0100"):
        assert part in error.diag.message_detail
    throws(db, "ZL030", "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)", over)
    post(db, ("5100", "30"), ("1110", "-30"))
    assert offenders(db) == {}


def test_a_hold_counts_against_the_limit_and_never_as_money_there(
    db: psycopg.Connection, funded: Books
) -> None:
    hold(db, ("1110", "50"), ("4100", "-50"))
    error = throws(db, "ZL031", HOLD, [as_json(("1110", "0.01"), ("4100", "-0.01"))])
    assert error.diag.message_detail is not None
    for part in ("Balance 100.0000", "held 50.0000", "available 0.0000", "movement 0.0100"):
        assert part in error.diag.message_detail
    throws(db, "ZL030", HOLD, [as_json(("5100", "100.01"), ("1110", "-100.01"))])


def test_a_held_entry_is_posted_as_it_is(db: psycopg.Connection, funded: Books) -> None:
    entry_id = hold(db, ("5100", "100"), ("1110", "-100"))
    assert value(db, POST_HELD, [entry_id]) == entry_id
    assert state(db, entry_id) == ("posted", "POSTED")
    assert head(db, "1110")[:3] == ("0.0000", "0.0000", "0.0000")
    assert balance(db, "1110") == "0.0000"
    assert offenders(db) == {}
    for call in (POST_HELD, RELEASE):
        error = throws(db, "ZL036", call, [entry_id])
        assert str(entry_id) in (error.diag.message_detail or "")


@pytest.mark.parametrize(
    "way",
    [
        "SELECT ledger.post_journal_entry(%s)",
        "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s",
    ],
)
def test_posting_the_draft_in_another_way_ends_the_hold_too(
    db: psycopg.Connection, funded: Books, way: str
) -> None:
    entry_id = hold(db, ("5100", "100"), ("1110", "-100"))
    lives(db, way, [entry_id], deferred=True)
    assert state(db, entry_id) == ("posted", "POSTED")
    assert offenders(db) == {}


@pytest.mark.parametrize(
    "way",
    [
        RELEASE,
        "SELECT ledger.void_journal_entry(%s, 'changed my mind')",
        "UPDATE ledger.journal_entries SET status = 'VOIDED' WHERE id = %s",
    ],
)
def test_what_is_released_is_free_again(db: psycopg.Connection, funded: Books, way: str) -> None:
    entry_id = hold(db, ("5100", "100"), ("1110", "-100"))
    lives(db, way, [entry_id])
    assert state(db, entry_id) == ("released", "VOIDED")
    assert head(db, "1110")[:3] == ("100.0000", "0.0000", "0.0000")
    for call in (POST_HELD, RELEASE):
        throws(db, "ZL036", call, [entry_id])
    lives(db, HOLD, [as_json(("5100", "100"), ("1110", "-100"))])
    assert offenders(db) == {}


def test_a_release_needs_a_reason(db: psycopg.Connection, funded: Books) -> None:
    entry_id = hold(db, ("5100", "100"), ("1110", "-100"))
    throws(db, "ZL027", "SELECT ledger.release_held_entry(%s, ' ')", [entry_id])


def test_an_expired_hold_counts_no_more_at_once_and_cannot_be_posted(
    db: psycopg.Connection, funded: Books
) -> None:
    entry_id = hold(db, ("5100", "100"), ("1110", "-100"))
    let_expire(db, entry_id)
    for way in (
        POST_HELD,
        "SELECT ledger.post_journal_entry(%s)",
        "SELECT ledger.post_held_entry(%s, '[]')",
        "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s",
    ):
        throws(db, "ZL034", way, [entry_id])
    second = hold(db, ("5100", "100"), ("1110", "-100"))
    throws(db, "ZL030", HOLD, [as_json(("5100", "1"), ("1110", "-1"))])
    assert value(db, POST_HELD, [second]) == second
    assert offenders(db) == {}
    lives(db, RELEASE, [entry_id])
    assert state(db, entry_id) == ("expired", "VOIDED")
    assert offenders(db) == {}


def test_maintenance_voids_what_has_expired_and_nothing_else(
    db: psycopg.Connection, funded: Books
) -> None:
    live = hold(db, ("5100", "10"), ("1110", "-10"))
    expired = [hold(db, ("5100", "10"), ("1110", "-10")) for _ in range(2)]
    for entry_id in expired:
        let_expire(db, entry_id)
    with as_role(db, "pgerp_app"):
        assert value(db, "SELECT ledger.expire_holds()") == 2
        assert value(db, "SELECT ledger.expire_holds()") == 0
    assert [state(db, entry_id) for entry_id in [live, *expired]] == [
        ("pending", "DRAFT"),
        ("expired", "VOIDED"),
        ("expired", "VOIDED"),
    ]
    assert head(db, "1110")[:3] == ("100.0000", "0.0000", "10.0000")
    throws(db, "ZL034", POST_HELD, [expired[0]])
    assert offenders(db) == {}


def test_a_hold_lasts_seven_days_or_as_long_as_is_said(
    db: psycopg.Connection, funded: Books
) -> None:
    days = "SELECT (expires_at - now())::text FROM ledger.holds WHERE entry_id = %s"
    assert value(db, days, [hold(db, ("5100", "1"), ("1110", "-1"))]) == "7 days"
    lives(db, HOLD.replace("%s", "%s, 'infinity'"), [as_json(("5100", "1"), ("1110", "-1"))])
    for past in ("now()", "'-infinity'"):
        throws(
            db, "22023", HOLD.replace("%s", f"%s, {past}"), [as_json(("5100", "1"), ("1110", "-1"))]
        )


@pytest.mark.parametrize(
    ("sqlstate", "lines"),
    [
        ("ZL001", as_json(("5100", "2"), ("1110", "-1"))),
        ("ZL005", "[]"),
        ("ZL005", as_json(("5100", "2"))),
        ("ZL007", as_json(("9999", "1"), ("1110", "-1"))),
        ("ZL011", as_json(("5100", "0.00001"), ("1110", "-0.00001"))),
        ("ZL015", "{}"),
    ],
)
def test_what_could_not_be_posted_is_not_held(
    db: psycopg.Connection, funded: Books, sqlstate: str, lines: str
) -> None:
    throws(db, sqlstate, HOLD, [lines])


@pytest.mark.parametrize(
    "way",
    [
        "UPDATE ledger.journal_lines SET amount = amount * 2 WHERE entry_id = %s",
        "UPDATE ledger.journal_lines SET description = 'y' WHERE entry_id = %s",
        "DELETE FROM ledger.journal_lines WHERE entry_id = %s",
        """INSERT INTO ledger.journal_lines SELECT (n).* FROM (
            SELECT jsonb_populate_record(l, '{"line_no": 9}') AS n FROM ledger.journal_lines AS l
            WHERE l.entry_id = %s AND l.line_no = 1) AS n""",
        "DELETE FROM ledger.journal_entries WHERE id = %s",
        "SELECT ledger.remove_journal_line(%s, 1)",
    ],
)
def test_the_lines_of_a_held_draft_cannot_change_nor_the_draft_go(
    db: psycopg.Connection, funded: Books, way: str
) -> None:
    entry_id = hold(db, ("5100", "70"), ("1110", "-70"))
    throws(db, "ZL035", way, [entry_id])
    let_expire(db, entry_id)
    throws(db, "ZL035", way, [entry_id])


def test_the_date_of_a_held_draft_may_change(db: psycopg.Connection, funded: Books) -> None:
    entry_id = hold(db, ("5100", "70"), ("1110", "-70"))
    lives(db, "SELECT ledger.change_draft(%s, '2026-04-05')", [entry_id])
    lives(db, POST_HELD, [entry_id], deferred=True)
    assert offenders(db) == {}


def test_a_part_of_what_is_held_can_be_posted_and_the_rest_is_free(
    db: psycopg.Connection, funded: Books
) -> None:
    entry_id = hold(db, ("5100", "60"), ("3100", "40"), ("1110", "-100"), reference="R-1")
    part = value(db, PART, [entry_id, as_json(("5100", "45"), ("1110", "-45"))])
    assert part != entry_id
    assert state(db, entry_id) == ("posted", "VOIDED")
    row = db.execute(
        "SELECT e.status::text, e.reference FROM ledger.journal_entries AS e"
        " JOIN ledger.holds AS h ON h.posted_entry_id = e.id WHERE h.entry_id = %s",
        [entry_id],
    ).fetchone()
    assert row == ("POSTED", "R-1")
    assert head(db, "1110")[:3] == ("55.0000", "0.0000", "0.0000")
    assert offenders(db) == {}
    throws(db, "ZL036", PART, [entry_id, as_json(("5100", "1"), ("1110", "-1"))])


@pytest.mark.parametrize(
    ("sqlstate", "lines"),
    [
        ("ZL037", [("5100", "60.01"), ("1110", "-60.01")]),
        ("ZL037", [("2110", "1"), ("1110", "-1")]),
        ("ZL037", [("5100", "-1"), ("1110", "1")]),
        ("ZL001", [("5100", "2"), ("1110", "-1")]),
        ("ZL005", []),
    ],
)
def test_no_more_is_posted_than_is_held(
    db: psycopg.Connection, funded: Books, sqlstate: str, lines: list[Any]
) -> None:
    entry_id = hold(db, ("5100", "60"), ("1110", "-60"))
    throws(db, sqlstate, PART, [entry_id, as_json(*lines)])
    assert state(db, entry_id) == ("pending", "DRAFT")


def test_only_what_is_held_is_posted_or_released(db: psycopg.Connection, books: Books) -> None:
    draft = value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')",
        [as_json(("1110", "5"), ("4100", "-5"))],
    )
    for call in (POST_HELD, RELEASE):
        throws(db, "ZL036", call, [draft])
        throws(db, "ZL026", call, ["01a1f8bc-0000-7000-8000-000000000001"])
        throws(db, "ZL026", call, [None])


def test_the_same_request_to_hold_is_carried_out_once(
    db: psycopg.Connection, funded: Books
) -> None:
    lines = (("5100", "60"), ("1110", "-60"))
    first = hold(db, *lines, idempotency_key="k")
    assert hold(db, *lines, idempotency_key="k") == first
    assert head(db, "1110")[2] == "60.0000"
    call = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT', NULL, 'k')"
    throws(db, "ZL008", call, [as_json(*lines)])
    throws(db, "ZL008", HOLD.replace("%s", "%s, 'infinity', NULL, 'k'"), [as_json(*lines)])
    assert offenders(db) == {}


def test_holds_made_before_the_limit_count(db: psycopg.Connection, books: Books) -> None:
    post(db, ("1110", "100"), ("4100", "-100"))
    first = hold(db, ("5100", "70"), ("1110", "-70"))
    gone = hold(db, ("5100", "20"), ("1110", "-20"))
    db.execute(RELEASE, [gone])
    call = "SELECT ledger.set_account_limits('1110', %s, %s)"
    throws(db, "ZL030", call, ["30.0001", None])
    lives(db, call, [30, None])
    throws(db, "ZL030", HOLD, [as_json(("5100", "1"), ("1110", "-1"))])
    lives(db, POST_HELD, [first])
    hold(db, ("1110", "7"), ("4100", "-7"))
    throws(db, "ZL031", call, [30, "36.9999"])
    lives(db, call, [30, 37])
    assert offenders(db) == {}


def test_held_lines_of_one_account_count_together(db: psycopg.Connection, funded: Books) -> None:
    lives(db, HOLD, [as_json(("1110", "-500"), ("1110", "450"), ("5100", "50"))])
    assert head(db, "1110")[:3] == ("100.0000", "0.0000", "50.0000")
    lives(db, HOLD, [as_json(("1110", "-500"), ("1110", "500"))])
    assert offenders(db) == {}


def test_a_token_of_another_business_can_neither_post_nor_release(
    db: psycopg.Connection, funded: Books
) -> None:
    entry_id = hold(db, ("5100", "60"), ("1110", "-60"))
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', '{2}'), true)"
    db.execute(token, [funded.tenant_id])
    for call in (POST_HELD, RELEASE, "SELECT ledger.post_held_entry(%s, '[]')"):
        throws(db, "ZL026", call, [entry_id])
