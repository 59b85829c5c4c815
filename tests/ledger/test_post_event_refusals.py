"""ledger.post_event: an event that cannot be posted is an error, and never silence."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books
from tests.ledger.posting import (
    CREDITS,
    DEBIT,
    TYPE,
    ZEROS,
    emit,
    open_posting,
    payload,
    result,
    save,
)
from tests.pgtap import value


@pytest.fixture
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with the type of event and its role."""
    open_posting(db)
    return books


def refused(conn: psycopg.Connection, books: Books, sqlstate: str, **arguments: object) -> None:
    """The event is refused with this SQLSTATE, and is not stored."""
    with pytest.raises(psycopg.Error) as caught:
        emit(conn, books, **arguments)  # type: ignore[arg-type]
    assert caught.value.sqlstate == sqlstate
    assert value(conn, "SELECT count(*) FROM events.event_store") == 0


def test_an_event_without_a_rule_is_an_error(db: psycopg.Connection, books: Books) -> None:
    refused(db, books, "ZL090")
    save(db, business="SIDE")
    refused(db, books, "ZL090")


def test_an_event_whose_rule_is_inactive_is_an_error(db: psycopg.Connection, books: Books) -> None:
    save(db)
    db.execute("SELECT ledger.set_posting_rule_active(%s, false)", [TYPE])
    refused(db, books, "ZL091")
    db.execute("SELECT ledger.set_posting_rule_active(%s, true)", [TYPE])
    assert result(db, emit(db, books))["entry_id"]


def test_where_the_rule_of_a_business_is_inactive_that_of_all_does_not_step_in(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    save(db, business="MAIN")
    db.execute("SELECT ledger.set_posting_rule_active(%s, false, 'MAIN')", [TYPE])
    refused(db, books, "ZL091")


def test_an_event_of_no_business_is_an_error(db: psycopg.Connection, books: Books) -> None:
    save(db)
    refused(db, books, "ZL095", business=None)
    refused(db, books, "ZL095", business=4711)


def test_a_role_that_no_account_has_any_more_is_an_error(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    db.execute("DELETE FROM ledger.account_roles WHERE role = 'vat_payable'")
    refused(db, books, "ZL024")
    # Nothing is to be posted to it.
    assert result(db, emit(db, books, payload(gross=100.5, vat=0, tax=0.5)))["entry_id"]


def test_a_period_that_is_not_open_is_an_error(db: psycopg.Connection, books: Books) -> None:
    save(db)
    refused(db, books, "ZL003", body=payload(done_on="2020-01-01"))
    db.execute("SELECT ledger.close_period('MAIN', '2026-03')")
    refused(db, books, "ZL002")


def test_an_account_that_is_inactive_is_an_error(db: psycopg.Connection, books: Books) -> None:
    save(db)
    db.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '4100'")
    refused(db, books, "ZL010")


def test_a_condition_that_is_neither_true_nor_false_is_an_error(
    db: psycopg.Connection, books: Books
) -> None:
    pair = [
        {**DEBIT, "side": side, "when": "$.customer > 5 || $.note == 5"}
        for side in ("debit", "credit")
    ]
    save(db, lines=[DEBIT, *CREDITS, *pair])
    refused(db, books, "ZL096")


@pytest.mark.parametrize("gross", [None, -1, "x"])
def test_a_payload_that_does_not_fit_the_type_any_more_is_an_error(
    db: psycopg.Connection, books: Books, gross: object
) -> None:
    """It arrived from a database whose contract is another."""
    save(db)
    db.execute(
        "UPDATE events.event_types SET payload_schema = '{\"type\": \"object\"}', identities = '{}'"
    )
    sqlstate = "22P02" if gross == "x" else "ZL096"
    refused(db, books, sqlstate, body=payload(gross=gross))


def test_an_amount_that_no_account_can_hold_is_an_error(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    huge = dict.fromkeys(("gross", "net"), 10**16)
    refused(db, books, "ZL011", body=payload(**(ZEROS | huge)))


def test_amounts_in_another_currency_are_an_error_where_the_rule_says_which(
    db: psycopg.Connection, books: Books
) -> None:
    save(db, currency="currency")
    refused(db, books, "ZL014", body=payload(currency="EUR"))
    assert result(db, emit(db, books))["entry_id"]


def test_a_posting_key_with_another_payload_is_an_error(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    emit(db, books, payload(posting_key="K"))
    with pytest.raises(psycopg.Error) as caught:
        emit(db, books, payload(posting_key="K", customer="Other"))
    assert caught.value.sqlstate == "ZL008"
