"""Consents: only ever added, the latest decision counts."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, open_books
from tests.party.customers import create
from tests.pgtap import as_role, results_eq, throws, value

HAS = "SELECT party.has_consent(%s, %s)"
UNLESS = "SELECT party.has_consent(%s, %s, true)"


def decide(db: psycopg.Connection, verb: str, customer: str, purpose: str, ago: str = "0") -> None:
    db.execute(
        f"SELECT party.{verb}_consent(%s, %s, 'paper_form', now() - %s::interval)",  # type: ignore[arg-type]
        [customer, purpose, ago],
    )


def test_the_latest_decision_about_a_purpose_counts(db: psycopg.Connection, mary: str) -> None:
    answers = []
    for verb in ("record", "withdraw", "record"):
        decide(db, verb, mary, "sms_marketing")
        answers.append(value(db, HAS, [mary, "sms_marketing"]))
    assert answers == [True, False, True]
    results_eq(
        db,
        "SELECT purpose, decision::text, source, updated_at = now() FROM party.current_consents",
        [("sms_marketing", "granted", "paper_form", True)],
    )
    assert value(db, "SELECT count(*) FROM party.consents") == 3


def test_what_was_decided_earlier_does_not_undo_what_was_decided_later(
    db: psycopg.Connection, mary: str
) -> None:
    decide(db, "withdraw", mary, "sms_marketing", "1 day")
    decide(db, "record", mary, "sms_marketing", "1 week")
    assert value(db, HAS, [mary, "sms_marketing"]) is False
    results_eq(db, "SELECT decision::text FROM party.current_consents", [("withdrawn",)])


def test_who_was_never_asked_has_not_agreed_unless_the_caller_says_so(
    db: psycopg.Connection, mary: str
) -> None:
    assert (value(db, HAS, [mary, "x"]), value(db, UNLESS, [mary, "x"])) == (False, True)
    decide(db, "withdraw", mary, "sms_reminders")
    assert value(db, UNLESS, [mary, "sms_reminders"]) is False


def test_purposes_and_customers_are_apart(db: psycopg.Connection, mary: str) -> None:
    john = create(db, given_name="John")
    decide(db, "record", mary, "sms_marketing")
    assert value(db, HAS, [mary, "sms_reminders"]) is False
    assert value(db, HAS, [john, "sms_marketing"]) is False


def test_nobody_has_agreed_who_is_not_a_customer_of_the_tenant(
    db: psycopg.Connection, mary: str
) -> None:
    decide(db, "record", mary, "sms_marketing")
    with as_role(db, "pgerp_app"):
        assert value(db, HAS, [mary, "sms_marketing"]) is True
    open_books(db, "Others")
    with as_role(db, "pgerp_app"):
        assert value(db, UNLESS, [mary, "sms_marketing"]) is False
        assert value(db, UNLESS, [None, "sms_marketing"]) is False


@pytest.mark.parametrize(
    ("purpose", "source", "at", "sqlstate"),
    [
        ("SMS", "web", "now", "23514"),
        ("call Mary on 0722", "web", "now", "23514"),
        ("sms", "Mary said so", "now", "23514"),
        ("sms", "web", "tomorrow", "23514"),
        (None, "web", "now", "23502"),
        ("sms", None, "now", "23502"),
    ],
)
def test_malformed_decisions_are_refused(
    db: psycopg.Connection,
    mary: str,
    purpose: str | None,
    source: str | None,
    at: str,
    sqlstate: str,
) -> None:
    for verb in ("record", "withdraw"):
        query = f"SELECT party.{verb}_consent(%s, %s, %s, %s::timestamptz)"
        throws(db, sqlstate, query, [mary, purpose, source, at])


@pytest.mark.parametrize(
    "statement", ["UPDATE party.{} SET customer_id = customer_id", "DELETE FROM party.{}"]
)
def test_what_is_on_record_never_changes_as_any_role(
    db: psycopg.Connection, books: Books, mary: str, statement: str
) -> None:
    decide(db, "record", mary, "sms_marketing")
    db.execute(
        "INSERT INTO party.privacy_acts (tenant_id, customer_id, kind, row_counts)"
        " VALUES (%s, %s, 'export', '{}')",
        [books.tenant_id, mary],
    )
    for table in ("consents", "privacy_acts"):
        throws(db, "ZT008", statement.format(table))
        db.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(books.tenant_id)])
        with as_role(db, "pgerp_owner"):
            throws(db, "ZT008", statement.format(table))
