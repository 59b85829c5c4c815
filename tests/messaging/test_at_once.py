"""Several at once: claimers, those who queue under one key, claims beside an anonymisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, open_books
from tests.messaging.queue import claim, queue, save, status
from tests.party.customers import PHONE, create
from tests.party.person import let_all
from tests.pgtap import value


@dataclass
class Shared:
    """A committed tenant with a customer, and two connections that hold its token."""

    books: Books
    mary: str
    one: psycopg.Connection
    two: psycopg.Connection
    observer: psycopg.Connection


@pytest.fixture
def shared(clone: str) -> Iterator[Shared]:
    with connect(clone) as one, connect(clone) as two, connect(clone) as observer:
        books = open_books(one)
        save(one)
        mary = str(create(one, given_name="Mary", **PHONE))
        two.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
        yield Shared(books, mary, one, two, observer)


def test_two_claimers_never_get_one_message_and_do_not_wait_for_each_other(
    shared: Shared,
) -> None:
    for _ in range(6):
        queue(shared.one, shared.mary)
    with shared.one.transaction(), shared.two.transaction():
        first = claim(shared.one, shared.books.tenant_id, limit=4)
        second = claim(shared.two, shared.books.tenant_id, limit=4)
    assert len(first) == 4
    assert len(second) == 2
    assert {id_ for id_, _ in first}.isdisjoint(id_ for id_, _ in second)


def test_of_two_who_queue_under_one_key_at_once_the_second_gets_the_firsts_message(
    shared: Shared,
) -> None:
    shared.one.execute("BEGIN")
    first = queue(shared.one, shared.mary, "k")
    waiting = Background(shared.two, lambda: queue(shared.two, shared.mary, "k"))
    assert waiting.waits(shared.observer)
    shared.one.execute("COMMIT")
    assert waiting.result() is None
    assert waiting.value == first
    assert value(shared.one, "SELECT count(*) FROM messaging.messages") == 1


def test_a_key_is_free_again_when_who_used_it_rolled_back(shared: Shared) -> None:
    shared.one.execute("BEGIN")
    first = queue(shared.one, shared.mary, "k")
    waiting = Background(shared.two, lambda: queue(shared.two, shared.mary, "k"))
    assert waiting.waits(shared.observer)
    shared.one.execute("ROLLBACK")
    assert waiting.result() is None
    assert waiting.value != first
    assert value(shared.one, "SELECT count(*) FROM messaging.messages") == 1


def test_who_is_being_anonymised_is_claimed_no_more_and_no_number_comes_back(
    shared: Shared,
) -> None:
    message = queue(shared.one, shared.mary)
    let_all(shared.one, shared.books)
    shared.one.execute("BEGIN")
    shared.one.execute("SELECT party.anonymise(%s, 'Request 17')", [shared.mary])
    # Its row is locked, so that it is passed over.
    assert claim(shared.two, shared.books.tenant_id) == []
    shared.one.execute("COMMIT")
    assert status(shared.two, message) == "queued"
    assert claim(shared.two, shared.books.tenant_id) == []
    assert status(shared.two, message) == "suppressed anonymised"


def test_a_number_that_is_claimed_while_its_customer_is_anonymised_goes_too(
    shared: Shared,
) -> None:
    queue(shared.one, shared.mary)
    let_all(shared.one, shared.books)
    shared.two.execute("BEGIN")
    ((message, attempt),) = claim(shared.two, shared.books.tenant_id)
    anonymising = Background(
        shared.one,
        lambda: shared.one.execute("SELECT party.anonymise(%s, 'Request 17')", [shared.mary]),
    )
    assert anonymising.waits(shared.observer)
    shared.two.execute("COMMIT")
    assert anonymising.result() is None
    query = "SELECT num_nonnulls(phone_encrypted, phone_hash, body) FROM messaging.messages"
    assert value(shared.one, query) == 0
    note = "SELECT messaging.note_failed(%s, %s, %s, 'no such number 0722', true)"
    assert value(shared.two, note, [shared.books.tenant_id, message, attempt]) is True
    assert value(shared.one, "SELECT last_error FROM messaging.messages") is None


def test_queueing_wakes_a_worker_when_it_commits(shared: Shared) -> None:
    shared.observer.execute("LISTEN pgerp_messages")
    shared.one.execute("BEGIN")
    queue(shared.one, shared.mary)
    assert list(shared.observer.notifies(timeout=0.2, stop_after=1)) == []
    shared.one.execute("COMMIT")
    assert len(list(shared.observer.notifies(timeout=5, stop_after=1))) == 1
