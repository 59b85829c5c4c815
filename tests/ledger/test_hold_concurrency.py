"""Holds while several sessions post: exactly one ends each, and no money is used twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import as_json, balance, offenders, post
from tests.ledger.limits import ISOLATION, POST_HELD, RELEASE, head, hold, let_expire, limit, state
from tests.ledger.periods import REOPEN_YEAR
from tests.ledger.test_concurrency import session_on
from tests.pgtap import value


@pytest.mark.parametrize("isolation", ISOLATION)
def test_of_two_holds_against_the_last_money_one_wins(
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
    hold(other, ("5100", "60"), (safe, "-60"))
    second = Background(third, lambda: hold(third, ("5100", "60"), (safe, "-60")))
    assert second.waits(session)
    other.execute("COMMIT")
    assert second.result() == ("ZL030" if isolation == "READ COMMITTED" else "40001")
    assert head(session, safe)[:3] == ("100.0000", "0.0000", "60.0000")


ENDS: dict[str, Callable[[psycopg.Connection, object], object]] = {
    "post": lambda conn, entry_id: conn.execute(POST_HELD, [entry_id]),
    "release": lambda conn, entry_id: conn.execute(RELEASE, [entry_id]),
    "status": lambda conn, entry_id: conn.execute(
        "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s", [entry_id]
    ),
}


@pytest.mark.parametrize(
    ("first", "second", "sqlstate", "end"),
    [
        ("post", "release", "ZL036", ("posted", "POSTED")),
        ("release", "post", "ZL036", ("released", "VOIDED")),
        ("post", "post", "ZL036", ("posted", "POSTED")),
        ("release", "status", "ZL006", ("released", "VOIDED")),
        ("post", "status", "ZL006", ("posted", "POSTED")),
    ],
)
def test_of_two_who_end_a_hold_one_wins(
    session: psycopg.Connection,
    other: psycopg.Connection,
    safe: str,
    first: str,
    second: str,
    sqlstate: str,
    end: tuple[str, str],
) -> None:
    limit(session, safe, minimum_balance=0)
    entry_id = hold(session, ("5100", "60"), (safe, "-60"))
    session.execute("BEGIN")
    ENDS[first](session, entry_id)
    ending = Background(other, lambda: ENDS[second](other, entry_id))
    assert ending.waits(session)
    session.execute("COMMIT")
    assert ending.result() == sqlstate
    assert state(session, entry_id) == end
    assert offenders(session) == {}


def test_maintenance_leaves_alone_what_somebody_is_releasing(
    session: psycopg.Connection, other: psycopg.Connection, safe: str
) -> None:
    entry_id = hold(session, ("5100", "60"), (safe, "-60"))
    let_expire(session, entry_id)
    session.execute("BEGIN")
    session.execute(RELEASE, [entry_id])
    assert value(other, "SELECT ledger.expire_holds()") == 0
    session.execute("COMMIT")
    assert state(session, entry_id) == ("expired", "VOIDED")


def test_a_hold_that_expires_while_its_posting_waits_is_not_posted(
    session: psycopg.Connection, other: psycopg.Connection, safe: str
) -> None:
    limit(session, safe, minimum_balance=0)
    entry_id = value(
        session,
        """SELECT ledger.hold_journal_entry('MAIN', '2026-03-04', 'x', %s,
            clock_timestamp() + interval '1 s')""",
        [as_json(("5100", "60"), (safe, "-60"))],
    )
    session.execute("BEGIN")
    post(session, (safe, "1"), ("4100", "-1"))
    posting = Background(other, lambda: other.execute(POST_HELD, [entry_id]))
    assert posting.waits(session)
    session.execute("SELECT pg_sleep(1.1)")
    post(session, ("5100", "101"), (safe, "-101"))
    session.execute("COMMIT")
    assert posting.result() == "ZL034"
    assert offenders(session) == {}


EXPIRE = "SELECT ledger.expire_holds()"


@pytest.mark.parametrize("end", [POST_HELD, RELEASE, EXPIRE], ids=["post", "release", "expire"])
def test_who_ends_a_hold_locks_the_period_before_the_money(
    session: psycopg.Connection,
    other: psycopg.Connection,
    third: psycopg.Connection,
    committed_url: str,
    safe: str,
    end: str,
) -> None:
    limit(session, safe, minimum_balance=0)
    entry_id = hold(session, ("5100", "60"), (safe, "-60"))
    if end == EXPIRE:
        let_expire(session, entry_id)
    with session_on(committed_url) as observer:
        session.execute("BEGIN")
        post(session, ("5100", "1"), ("4100", "-1"), date="2026-12-01")
        # Whoever opens or closes a year locks its periods; the one of the hold is before ours.
        calendar = Background(other, lambda: other.execute(REOPEN_YEAR, ["2026"]))
        assert calendar.waits(observer)
        ending = Background(third, lambda: third.execute(end, [entry_id] * end.count("%")))
        assert ending.waits(observer)
        post(session, ("5100", "5"), (safe, "-5"), date="2026-12-01")
        session.execute("COMMIT")
    assert (calendar.result(), ending.result()) == ("ZL041", None)
    assert offenders(session) == {}


def test_twenty_sessions_never_overdraw_an_account(
    committed_url: str, session: psycopg.Connection, safe: str
) -> None:
    limit(session, safe, minimum_balance=0, keeps_version=True)
    seen: Counter[str] = Counter()
    lowest: list[str] = []

    def work(number: int) -> None:
        with session_on(committed_url) as conn:
            for turn in range(8):
                try:
                    if (number + turn) % 4 == 0:
                        post(conn, (safe, "5"), ("4100", "-5"))
                        seen["in"] += 1
                    elif (number + turn) % 4 == 1:
                        entry_id = hold(conn, ("5100", "7"), (safe, "-7"))
                        conn.execute(POST_HELD if turn % 2 else RELEASE, [entry_id])
                        seen["held" if turn % 2 else "released"] += 1
                    else:
                        post(conn, ("5100", "7"), (safe, "-7"))
                        seen["out"] += 1
                except psycopg.Error as error:
                    seen[error.sqlstate or "?"] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        lowest.append(balance(session, safe))
    for thread in threads:
        thread.join()
    assert set(seen) <= {"in", "out", "held", "released", "ZL030"}, seen
    assert seen["ZL030"] > 0
    assert all(float(one) >= 0 for one in lowest)
    left = 100 + 5 * seen["in"] - 7 * (seen["out"] + seen["held"])
    posted = seen["in"] + seen["out"] + seen["held"]
    assert head(session, safe) == (f"{left}.0000", "0.0000", "0.0000", posted)
    assert offenders(session) == {}
