"""Closing while others post, close and number: who waits, who is refused, that nothing is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import offenders, post
from tests.ledger.periods import CLOSE, CLOSE_YEAR, REOPEN, SALE, SOFT_CLOSE, hold, retain, status
from tests.ledger.test_concurrency import session_on
from tests.pgtap import value

ISOLATION = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
MONTH = dict(zip(ISOLATION, ("02", "03", "04"), strict=True))


@pytest.fixture(scope="module", autouse=True)
def years(committed_url: str) -> None:
    with session_on(committed_url) as conn:
        retain(conn)
        for year in range(2030, 2041):
            conn.execute("SELECT ledger.create_fiscal_year('MAIN', %s)", [f"{year}-01-01"])


@pytest.fixture
def pair(committed_url: str) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    with session_on(committed_url) as one, session_on(committed_url) as other:
        yield one, other


@pytest.mark.parametrize("close", [CLOSE, SOFT_CLOSE], ids=["close", "soft_close"])
@pytest.mark.parametrize("isolation", ISOLATION)
def test_closing_waits_for_those_who_post_and_keeps_what_they_posted(
    session: psycopg.Connection,
    pair: tuple[psycopg.Connection, psycopg.Connection],
    close: str,
    isolation: str,
) -> None:
    poster, closer = pair
    code = f"{2030 + (close == CLOSE)}-{MONTH[isolation]}"
    poster.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    entry_id = post(poster, *SALE, date=f"{code}-10")
    closing = Background(closer, lambda: closer.execute(close, [code]))
    assert closing.waits(session)
    poster.execute("COMMIT")
    assert closing.result() is None
    assert status(session, code) == ("closed" if close == CLOSE else "soft_closed")
    if close == CLOSE:
        assert value(session, "SELECT ledger.journal_number(%s)", [entry_id]) is not None
    assert offenders(session) == {}


@pytest.mark.parametrize("isolation", ISOLATION)
@pytest.mark.parametrize("close", [CLOSE, SOFT_CLOSE], ids=["close", "soft_close"])
def test_who_closes_may_do_so_in_any_isolation_level(
    session: psycopg.Connection,
    pair: tuple[psycopg.Connection, psycopg.Connection],
    close: str,
    isolation: str,
) -> None:
    poster, closer = pair
    code = f"{2032 + (close == CLOSE)}-{MONTH[isolation]}"
    poster.execute("BEGIN")
    post(poster, *SALE, date=f"{code}-10")
    closer.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    closing = Background(closer, lambda: closer.execute(close, [code]))
    assert closing.waits(session)
    poster.execute("COMMIT")
    assert closing.result() is None
    closer.execute("COMMIT")
    assert status(session, code) != "open"
    session.execute("SELECT ledger.assign_journal_numbers('MAIN')")
    assert offenders(session) == {}


@pytest.mark.parametrize("isolation", ISOLATION)
@pytest.mark.parametrize("close", [CLOSE, SOFT_CLOSE], ids=["close", "soft_close"])
def test_a_poster_who_saw_the_period_open_is_refused_once_a_function_closed_it(
    session: psycopg.Connection,
    pair: tuple[psycopg.Connection, psycopg.Connection],
    close: str,
    isolation: str,
) -> None:
    poster, closer = pair
    code = f"{2034 + (close == CLOSE)}-{MONTH[isolation]}"
    poster.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    value(poster, "SELECT count(*) FROM ledger.fiscal_periods")
    closer.execute("BEGIN")
    closer.execute(close, [code])

    def post_and_commit() -> None:
        post(poster, *SALE, date=f"{code}-10")
        poster.execute("COMMIT")

    posting = Background(poster, post_and_commit)
    assert posting.waits(session)
    closer.execute("COMMIT")
    assert posting.result() == ("ZL002" if isolation == "READ COMMITTED" else "40001")


def test_who_may_post_into_a_soft_closed_period_does_not_slip_past_its_closing(
    session: psycopg.Connection, pair: tuple[psycopg.Connection, psycopg.Connection]
) -> None:
    poster, closer = pair
    session.execute(SOFT_CLOSE, ["2036-01"])
    hold(poster, 1, "ledger.post_soft_closed")
    poster.execute("BEGIN")
    post(poster, *SALE, date="2036-01-10")
    closing = Background(closer, lambda: closer.execute(CLOSE, ["2036-01"]))
    assert closing.waits(session)
    poster.execute("COMMIT")
    assert closing.result() is None
    session.execute(REOPEN.replace("'Late invoice'", "'x', 'soft_closed'"), ["2036-01"])
    closer.execute("BEGIN")
    closer.execute(CLOSE, ["2036-01"])

    def post_and_commit() -> None:
        poster.execute("BEGIN")
        post(poster, *SALE, date="2036-01-10")
        poster.execute("COMMIT")

    posting = Background(poster, post_and_commit)
    assert posting.waits(session)
    closer.execute("COMMIT")
    assert posting.result() == "ZL002"
    assert offenders(session) == {}


def test_closing_a_year_waits_for_those_who_post_and_carries_what_they_posted(
    session: psycopg.Connection, pair: tuple[psycopg.Connection, psycopg.Connection]
) -> None:
    poster, closer = pair
    poster.execute("BEGIN")
    post(poster, *SALE, date="2037-05-10")
    closing = Background(closer, lambda: value(closer, CLOSE_YEAR, ["2037"]))
    assert closing.waits(session)
    poster.execute("COMMIT")
    assert closing.result() is None
    assert status(session, "2037-CL") == "closed"
    assert offenders(session) == {}


def test_a_year_is_closed_once_by_two_who_try(
    session: psycopg.Connection, pair: tuple[psycopg.Connection, psycopg.Connection]
) -> None:
    one, other = pair
    post(session, *SALE, date="2038-05-10")
    one.execute("BEGIN")
    value(one, CLOSE_YEAR, ["2038"])
    second = Background(other, lambda: value(other, CLOSE_YEAR, ["2038"]))
    assert second.waits(session)
    one.execute("COMMIT")
    assert second.result() == "ZL004"


@pytest.mark.parametrize("how", ["function", "update"])
def test_a_period_is_not_reopened_past_the_closing_of_its_year(
    session: psycopg.Connection, pair: tuple[psycopg.Connection, psycopg.Connection], how: str
) -> None:
    one, other = pair
    year = {"function": "2039", "update": "2040"}[how]
    update = "UPDATE ledger.fiscal_periods SET status = %s WHERE business_id = 1 AND code = %s"
    for month in range(1, 14):
        session.execute(CLOSE, [f"{year}-{month:02}"])
    other.execute("SELECT set_config('pgerp.period_reason', 'x', false)")
    one.execute("BEGIN")
    if how == "function":
        value(one, CLOSE_YEAR, [year])
    else:
        one.execute(update, ["closed", f"{year}-CL"])
    reopening = Background(other, lambda: other.execute(update, ["open", f"{year}-06"]))
    assert reopening.waits(session)
    one.execute("COMMIT")
    assert reopening.result() == "ZL042"
    assert offenders(session) == {}


@pytest.mark.parametrize("isolation", ISOLATION)
def test_who_numbers_second_waits_and_goes_on_where_the_first_ended(
    session: psycopg.Connection,
    pair: tuple[psycopg.Connection, psycopg.Connection],
    isolation: str,
) -> None:
    one, other = pair
    assign = "SELECT ledger.assign_journal_numbers('MAIN')"
    session.execute(assign)
    post(session, *SALE, date="2036-05-10")
    one.execute("BEGIN")
    assert value(one, assign) == 1
    post(session, *SALE, date="2036-05-09")
    other.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    second = Background(other, lambda: value(other, assign))
    assert second.waits(session)
    one.execute("COMMIT")
    assert second.result() == (None if isolation == "READ COMMITTED" else "40001")
    other.execute("COMMIT")
    session.execute(assign)
    assert offenders(session) == {}


def test_numbers_have_no_gap_and_no_twin_while_many_post_close_and_number(
    committed_url: str, session: psycopg.Connection
) -> None:
    seed = random.randrange(2**32)
    failures: list[str | None] = []

    def work(number: int) -> None:
        rng = random.Random(seed + number)
        with session_on(committed_url) as conn:
            for _ in range(12):
                month = f"2029-{rng.randrange(1, 7):02}"
                try:
                    if number % 2:
                        post(conn, *SALE, date=f"{month}-10")
                    elif rng.random() < 0.5:
                        conn.execute("SELECT ledger.assign_journal_numbers('MAIN')")
                    else:
                        conn.execute(CLOSE, [month])
                        conn.execute(REOPEN, [month])
                except psycopg.Error as error:
                    failures.append(error.sqlstate)

    session.execute("SELECT ledger.create_fiscal_year('MAIN', '2029-01-01')")
    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(failures) <= {"ZL002", "ZL004", "ZL041"}, f"seed {seed}: {failures}"
    session.execute("SELECT ledger.assign_journal_numbers('MAIN')")
    missing = """SELECT count(*) FROM ledger.journal_entries AS e WHERE NOT EXISTS (
        SELECT FROM ledger.journal_numbers AS n WHERE n.entry_id = e.id)"""
    assert value(session, missing) == 0
    assert offenders(session) == {}
