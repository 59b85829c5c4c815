"""Limits and versions while several sessions post: who waits, and who is refused."""

from __future__ import annotations

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import as_json, balance, offenders, post
from tests.ledger.limits import ISOLATION, POST_HELD, RELEASE, head, hold, limit
from tests.pgtap import throws, value

DRAFT = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')"


def draft(session: psycopg.Connection, safe: str, amount: str) -> object:
    return value(session, DRAFT, [as_json(("5100", amount), (safe, "-" + amount))])


@pytest.mark.parametrize("isolation", ISOLATION)
@pytest.mark.parametrize("way", ["lines", "draft", "hold"])
def test_who_posts_while_an_account_gets_a_limit_waits_and_heeds_it(
    session: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    safe: str,
    isolation: str,
    way: str,
) -> None:
    entry_id = draft(session, safe, "100.01")

    def go() -> None:
        if way == "draft":
            other.execute("SELECT ledger.post_journal_entry(%s)", [entry_id])
        else:
            (post if way == "lines" else hold)(other, ("5100", "100.01"), (safe, "-100.01"))
        other.execute("COMMIT")

    other.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    value(other, "SELECT count(*) FROM ledger.accounts WHERE is_watched")
    third.execute("BEGIN")
    limit(third, safe, minimum_balance=0)
    posting = Background(other, go)
    assert posting.waits(session)
    third.execute("COMMIT")
    assert posting.result() == ("ZL030" if isolation == "READ COMMITTED" else "40001")
    assert head(session, safe)[:3] == ("100.0000", "0.0000", "0.0000")
    assert offenders(session) == {}


@pytest.mark.parametrize("isolation", ISOLATION)
@pytest.mark.parametrize("way", ["lines", "draft"])
def test_who_posts_after_an_account_got_a_limit_that_it_cannot_see_is_refused(
    session: psycopg.Connection,
    other: psycopg.Connection,
    safe: str,
    isolation: str,
    way: str,
) -> None:
    entry_id = draft(session, safe, "1")
    other.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    value(other, "SELECT count(*) FROM ledger.accounts WHERE is_watched")
    limit(session, safe, minimum_balance=100)

    def go() -> None:
        if way == "draft":
            other.execute("SELECT ledger.post_journal_entry(%s)", [entry_id])
        else:
            post(other, ("5100", "1"), (safe, "-1"))

    with pytest.raises(psycopg.Error) as error:
        go()
    assert error.value.sqlstate == ("ZL030" if isolation == "READ COMMITTED" else "40001")
    other.execute("ROLLBACK")
    assert offenders(session) == {}


@pytest.mark.parametrize("isolation", ISOLATION)
@pytest.mark.parametrize("way", ["lines", "draft", "hold", "release", "post held"])
def test_a_limit_waits_for_those_who_are_posting_and_counts_what_they_did(
    session: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    safe: str,
    isolation: str,
    way: str,
) -> None:
    entry_id = draft(session, safe, "40")
    held_id = hold(session, ("5100", "30"), (safe, "-30"))
    other.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    if way == "draft":
        other.execute("SELECT ledger.post_journal_entry(%s)", [entry_id])
    elif way in ("lines", "hold"):
        (post if way == "lines" else hold)(other, ("5100", "40"), (safe, "-40"))
    else:
        other.execute(RELEASE if way == "release" else POST_HELD, [held_id])
    limiting = Background(third, lambda: limit(third, safe, minimum_balance=0))
    assert limiting.waits(session)
    other.execute("COMMIT")
    assert limiting.result() is None
    posted, held = {
        "lines": ("60", "30"),
        "draft": ("60", "30"),
        "hold": ("100", "70"),
        "release": ("100", "0"),
        "post held": ("70", "0"),
    }[way]
    assert head(session, safe)[:3] == (f"{posted}.0000", "0.0000", f"{held}.0000")
    assert offenders(session) == {}


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_limits_are_set_in_read_committed_transactions_only(
    session: psycopg.Connection, safe: str, isolation: str
) -> None:
    with session.transaction(force_rollback=True):
        session.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
        throws(session, "25001", "SELECT ledger.set_account_limits(%s, 0)", [safe])


def test_a_business_that_posts_for_the_first_time_at_once_in_two_sessions_has_one_head(
    session: psycopg.Connection, other: psycopg.Connection, safe: str
) -> None:
    limit(session, safe, minimum_balance=0)
    session.execute("BEGIN")
    post(session, (safe, "1"), ("4100", "-1"), business="SIDE")
    second = Background(other, lambda: post(other, (safe, "2"), ("4100", "-2"), business="SIDE"))
    assert second.waits(session)
    session.execute("COMMIT")
    assert second.result() is None
    assert head(session, safe, "SIDE") == ("3.0000", "0.0000", "0.0000", 2)


@pytest.mark.parametrize("isolation", ISOLATION)
def test_the_last_money_is_spent_once(
    session: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    safe: str,
    isolation: str,
) -> None:
    limit(session, safe, minimum_balance=0)
    for conn in (other, third):
        conn.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        balance(conn, safe)
    post(other, ("5100", "100"), (safe, "-100"))
    second = Background(third, lambda: hold(third, ("5100", "100"), (safe, "-100")))
    assert second.waits(session)
    other.execute("COMMIT")
    assert second.result() == ("ZL030" if isolation == "READ COMMITTED" else "40001")


@pytest.mark.parametrize("isolation", ISOLATION)
def test_of_two_who_expect_the_same_version_one_wins(
    session: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    safe: str,
    isolation: str,
) -> None:
    limit(session, safe, keeps_version=True)
    call = """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s,
        p_expected_versions => %s)"""
    words = [as_json((safe, "1"), ("4100", "-1")), f'{{"{safe}": 0}}']
    for conn in (other, third):
        conn.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        assert value(conn, "SELECT ledger.account_version('MAIN', %s)", [safe]) == 0
    other.execute(call, words)
    second = Background(third, lambda: third.execute(call, words))
    assert second.waits(session)
    other.execute("COMMIT")
    assert second.result() == ("ZL032" if isolation == "READ COMMITTED" else "40001")
    assert value(session, "SELECT ledger.account_version('MAIN', %s)", [safe]) == 1


def test_who_has_locked_a_head_can_post_while_another_waits_for_it(
    session: psycopg.Connection, other: psycopg.Connection, safe: str
) -> None:
    """Heads are locked before balances: the other one holds no balance row that we need."""
    limit(session, safe, minimum_balance=0)
    session.execute("BEGIN")
    hold(session, ("5100", "1"), (safe, "-1"))
    posting = Background(other, lambda: post(other, ("5100", "1"), (safe, "-1")))
    assert posting.waits(session)
    post(session, ("5100", "1"), (safe, "-1"))
    session.execute("COMMIT")
    assert posting.result() is None
    assert head(session, safe)[:3] == ("98.0000", "0.0000", "1.0000")


def test_who_expects_a_version_waits_for_whoever_ends_the_keeping_of_versions(
    session: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection, safe: str
) -> None:
    limit(session, safe, keeps_version=True)
    call = """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s,
        p_expected_versions => %s)"""
    words = [as_json(("1110", "1"), ("4100", "-1")), f'{{"{safe}": 0}}']
    third.execute("BEGIN")
    limit(third, safe, keeps_version=False)
    posting = Background(other, lambda: other.execute(call, words))
    assert posting.waits(session)
    third.execute("COMMIT")
    assert posting.result() == "ZL033"
