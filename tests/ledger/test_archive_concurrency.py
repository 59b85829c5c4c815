"""What archiving waits for, and what it then sees."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import post
from tests.ledger.old_books import OldBooks, enter, open_old_books, seal, write
from tests.ledger.test_archive import ARCHIVE, archived
from tests.pgtap import throws, value


@pytest.fixture
def sessions(
    new_database: Callable[[str | None], AbstractContextManager[str]], template: str
) -> Iterator[tuple[psycopg.Connection, psycopg.Connection, psycopg.Connection, OldBooks]]:
    """One who works, one who archives, one who looks on, and old books, closed and sealed."""
    with (
        new_database(template) as url,
        connect(url) as worker,
        connect(url) as archiver,
        connect(url) as observer,
    ):
        books = open_old_books(worker)
        seal(worker, books)
        enter(worker, books.tokens[0])
        yield worker, archiver, observer, books


Sessions = tuple[psycopg.Connection, psycopg.Connection, psycopg.Connection, OldBooks]


def test_a_draft_that_somebody_is_writing_into_an_old_year_is_waited_for_and_seen(
    sessions: Sessions,
) -> None:
    worker, archiver, observer, books = sessions
    worker.execute("BEGIN")
    write(worker, books.tenant_id, books.business_id, date="2017-05-05", status="DRAFT")
    waiting = Background(archiver, lambda: archiver.execute(ARCHIVE, ["2018-01-01"]))
    assert waiting.waits(observer)
    # Nobody else waits for either of them.
    enter(observer, books.tokens[0])
    observer.execute("SET lock_timeout = '1s'")
    post(observer, ("1110", "5"), ("4100", "-5"))
    worker.execute("COMMIT")
    assert waiting.result() == "ZL083"
    assert archived(observer) == {}


def test_a_period_that_somebody_is_opening_again_is_waited_for_and_seen(
    sessions: Sessions,
) -> None:
    worker, archiver, observer, _ = sessions
    worker.execute("BEGIN")
    worker.execute("SELECT set_config('pgerp.period_reason', 'late', true)")
    worker.execute(
        "UPDATE ledger.fiscal_periods SET status = 'open' WHERE kind = 'closing'"
        " AND starts_on = '2017-12-31'"
    )
    waiting = Background(archiver, lambda: archiver.execute(ARCHIVE, ["2018-01-01"]))
    assert waiting.waits(observer)
    worker.execute("COMMIT")
    assert waiting.result() in ("ZL081", "55P03")
    assert archived(observer) == {}
    throws(archiver, "ZL081", ARCHIVE, ["2018-01-01"])


def test_whoever_posts_is_kept_waiting_for_half_a_second_at_most(sessions: Sessions) -> None:
    """While archiving waits for the whole journal, everybody waits behind it."""
    worker, archiver, observer, _ = sessions
    worker.execute("BEGIN")
    post(worker, ("1110", "5"), ("4100", "-5"))
    began = time.monotonic()
    throws(archiver, "55P03", ARCHIVE, ["2018-01-01"])
    assert time.monotonic() - began < 3
    worker.execute("COMMIT")
    assert archived(observer) == {}


def test_planning_leaves_the_session_its_tenant(sessions: Sessions) -> None:
    worker, _, _, _ = sessions
    for entered in ("17", ""):
        with worker.transaction():
            worker.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [entered])
            worker.execute("SELECT * FROM ledger.archive_plan('2018-01-01')")
            assert value(worker, "SELECT current_setting('pgerp.tenant_id')") == entered
