"""What several sessions may do at once: who waits, who does not, and that the books stay exact."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.pgtap import throws, value

CLOSE = "UPDATE ledger.fiscal_periods SET status = %s WHERE business_id = 1 AND code = %s"


@contextlib.contextmanager
def session_on(url: str, **options: str) -> Iterator[psycopg.Connection]:
    """A session with a token of tenant 1, in autocommit."""
    with connect(url, **options) as conn:
        conn.execute("SELECT set_config('pgerp.token', identity.issue_token(1, 'alice'), false)")
        yield conn


def test_closing_a_period_waits_for_those_who_are_posting_into_it(
    committed_url: str, session: psycopg.Connection
) -> None:
    with session_on(committed_url) as poster, session_on(committed_url) as closer:
        poster.execute("BEGIN")
        post(poster, ("1110", "1"), ("4100", "-1"), date="2026-01-10")
        closing = Background(closer, lambda: closer.execute(CLOSE, ["closed", "2026-01"]))
        assert closing.waits(session)
        poster.execute("COMMIT")
        assert closing.result() is None
    assert offenders(session) == {}
    throws(
        session,
        "ZL002",
        "SELECT ledger.create_journal_entry('MAIN', '2026-01-10', 'x', %s)",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_a_poster_who_saw_the_period_open_is_refused_once_it_is_closed(
    committed_url: str, session: psycopg.Connection, isolation: str
) -> None:
    month = {"READ COMMITTED": "02", "REPEATABLE READ": "03", "SERIALIZABLE": "04"}[isolation]
    with session_on(committed_url) as poster, session_on(committed_url) as closer:
        poster.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        value(poster, "SELECT count(*) FROM ledger.fiscal_periods WHERE status = 'open'")
        closer.execute("BEGIN")
        closer.execute(CLOSE, ["closed", f"2026-{month}"])

        def post_and_commit() -> None:
            post(poster, ("1110", "1"), ("4100", "-1"), date=f"2026-{month}-10")
            poster.execute("COMMIT")

        posting = Background(poster, post_and_commit)
        assert posting.waits(session)
        closer.execute("COMMIT")
        assert posting.result() == ("ZL002" if isolation == "READ COMMITTED" else "40001")
    rows = """SELECT count(*) FROM ledger.journal_entries AS e
        JOIN ledger.fiscal_periods AS p ON p.id = e.period_id WHERE p.code = %s"""
    assert value(session, rows, [f"2026-{month}"]) == 0


def test_postings_to_one_account_from_two_sessions_do_not_wait_for_each_other(
    committed_url: str, session: psycopg.Connection
) -> None:
    """Stripes go by the server process: two processes on different stripes are taken."""
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(session_on(committed_url)) for _ in range(9)]
        one = sessions[0]
        stripe = one.info.backend_pid % 8
        other = next(s for s in sessions[1:] if s.info.backend_pid % 8 != stripe)
        one.execute("BEGIN")
        post(one, ("1110", "1"), ("4100", "-1"), date="2026-05-01")
        other.execute("SET lock_timeout = '2s'")
        post(other, ("1110", "1"), ("4100", "-1"), date="2026-05-01")
        one.execute("ROLLBACK")
    assert offenders(session) == {}


def test_postings_to_an_account_with_one_stripe_wait_for_each_other(
    committed_url: str, session: psycopg.Connection
) -> None:
    session.execute("UPDATE ledger.accounts SET balance_stripes = 1 WHERE code IN ('2110', '3100')")
    with session_on(committed_url) as one, session_on(committed_url) as other:
        one.execute("BEGIN")
        post(one, ("2110", "1"), ("3100", "-1"), date="2026-05-01")
        posting = Background(
            other, lambda: post(other, ("3100", "-1"), ("2110", "1"), date="2026-05-01")
        )
        assert posting.waits(session)
        one.execute("COMMIT")
        assert posting.result() is None
    assert balance(session, "3100") == "-2.0000"


def test_the_second_sender_of_a_request_waits_and_gets_the_entry_of_the_first(
    committed_url: str, session: psycopg.Connection
) -> None:
    call = (
        "SELECT ledger.create_journal_entry('MAIN', '2026-06-01', 'x', %s, 'POSTED', NULL, 'same')"
    )
    lines = as_json(("1110", "1"), ("4100", "-1"))
    got: list[Any] = []
    with session_on(committed_url) as one, session_on(committed_url) as other:
        one.execute("BEGIN")
        first = value(one, call, [lines])
        second = Background(other, lambda: got.append(value(other, call, [lines])))
        assert second.waits(session)
        one.execute("COMMIT")
        assert second.result() is None
    assert got == [first]


def test_a_line_cannot_slip_into_a_draft_that_is_being_posted(
    committed_url: str, session: psycopg.Connection
) -> None:
    entry_id = value(
        session,
        "SELECT ledger.create_journal_entry('MAIN', '2026-06-02', 'x', %s, 'DRAFT')",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    add = """INSERT INTO ledger.journal_lines
        (tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount)
        SELECT tenant_id, entry_id, line_no + 10, account_id, business_id, entry_date, amount
        FROM ledger.journal_lines WHERE entry_id = %s"""
    with session_on(committed_url) as poster, session_on(committed_url) as editor:
        poster.execute("BEGIN")
        poster.execute(
            "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s", [entry_id]
        )
        adding = Background(editor, lambda: editor.execute(add, [entry_id]))
        assert adding.waits(session)
        poster.execute("COMMIT")
        assert adding.result() == "ZL006"
    assert offenders(session) == {}


def test_two_fiscal_years_made_at_once_cannot_overlap(
    committed_url: str, session: psycopg.Connection
) -> None:
    with session_on(committed_url) as one, session_on(committed_url) as other:
        one.execute("BEGIN")
        one.execute("SELECT ledger.create_fiscal_year('MAIN', '2030-01-01')")
        second = Background(
            other,
            lambda: other.execute("SELECT ledger.create_fiscal_year('MAIN', '2030-07-01')"),
        )
        assert second.waits(session)
        one.execute("COMMIT")
        assert second.result() == "ZL013"


def test_balances_stay_exact_while_many_post_at_once(
    committed_url: str, session: psycopg.Connection
) -> None:
    seed = random.randrange(2**32)
    before = balance(session, "1120")
    failures: list[psycopg.Error] = []

    def work(number: int) -> None:
        rng = random.Random(seed + number)
        with session_on(committed_url) as conn:
            for _ in range(25):
                accounts = ["1110", "1120", "2110", "3100", "4100", "5100"]
                rng.shuffle(accounts)
                debit, credit = accounts[:2]
                amount = f"{rng.randrange(1, 10**6) / 100:.2f}"
                try:
                    post(conn, (debit, amount), (credit, "-" + amount), date="2026-07-15")
                except psycopg.Error as error:
                    failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        rows = "SELECT sum(debit) - sum(credit), sum(balance) FROM ledger.trial_balance('MAIN')"
        assert session.execute(rows).fetchone() == (0, 0)
    for thread in threads:
        thread.join()
    assert failures == [], f"seed {seed}"
    assert offenders(session) == {}
    posted = value(
        session,
        "SELECT count(*) FROM ledger.journal_entries WHERE entry_date = '2026-07-15'",
    )
    assert posted == 200
    assert balance(session, "1120") != before


def test_who_posts_while_an_account_is_deactivated_is_refused_without_a_look_at_commit(
    committed_url: str, session: psycopg.Connection
) -> None:
    with session_on(committed_url) as poster, session_on(committed_url) as keeper:
        keeper.execute("BEGIN")
        keeper.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '5100'")
        lines = (("5100", "1"), ("4100", "-1"))
        posting = Background(poster, lambda: post(poster, *lines, date="2026-11-10"))
        assert posting.waits(session)
        keeper.execute("COMMIT")
        assert posting.result() == "ZL010"
        keeper.execute("UPDATE ledger.accounts SET is_active = true WHERE code = '5100'")


@pytest.mark.parametrize(
    ("body", "sqlstate"),
    [
        ("IF NEW.line_no > 2 THEN RETURN NULL; END IF; RETURN NEW;", "XX000"),
        ("NEW.amount := NEW.amount * 1.5 + 0.01; RETURN NEW;", "ZL001"),
    ],
    ids=["lines are dropped", "amounts are changed"],
)
def test_an_entry_whose_lines_are_not_stored_as_sent_is_refused(
    db: psycopg.Connection, books: Books, body: str, sqlstate: str
) -> None:
    db.execute(
        "CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {body} END $$".encode()
    )
    db.execute(
        "CREATE TRIGGER a_meddler BEFORE INSERT ON ledger.journal_lines"
        " FOR EACH ROW EXECUTE FUNCTION public.meddle()"
    )
    lines = as_json(("1110", "5"), ("4100", "-5"), ("1120", "3"), ("4100", "-3"))
    call = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"
    throws(db, sqlstate, call, [lines])
