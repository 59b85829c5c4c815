"""ledger.post_event: the entry that a posting rule makes of an event."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, settle
from tests.ledger.posting import (
    CREDITS,
    DEBIT,
    TYPE,
    ZEROS,
    add_posted_type,
    add_type,
    emit,
    lines,
    open_posting,
    payload,
    result,
    save,
)
from tests.pgtap import results_eq, value


@pytest.fixture
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with the type of event and its role."""
    open_posting(db)
    return books


def test_an_event_makes_the_entry_that_its_rule_says(db: psycopg.Connection, books: Books) -> None:
    rule_id = save(db, reference="{customer}/{totals.tip}")
    event_id = emit(db, books)
    made = result(db, event_id)
    assert made == {"entry_id": made["entry_id"], "rule_id": str(rule_id), "revision": 1}
    assert lines(db, made["entry_id"]) == [
        ("1110", "116.5"),
        ("4100", "-100"),
        ("2110", "-16"),
        ("2110", "-0.5"),
    ]
    results_eq(
        db,
        """SELECT status::text, entry_date::text, description, reference, source_module, source_id
        FROM ledger.journal_entries""",
        [("POSTED", "2026-03-04", "Wash for ACME", "ACME/2", "wash", "J-1")],
    )
    settle(db)


def test_what_a_line_says_of_itself_is_filled_from_the_payload(
    db: psycopg.Connection, books: Books
) -> None:
    line = {
        "description": "{customer} by {totals.by}",
        "counterparty": "{customer}",
        "department": "{note}",
        "due_date": "due_on",
    }
    save(db, lines=[DEBIT | line, {**DEBIT, "side": "credit", "account": "4100"}])
    emit(db, books, payload(due_on="2026-04-04", totals={"tip": 0, "by": "Ann {net}"}))
    results_eq(
        db,
        """SELECT description, counterparty, department_code, due_date::text
        FROM ledger.journal_lines ORDER BY line_no""",
        [("ACME by Ann {net}", "ACME", None, "2026-04-04"), (None, None, None, None)],
    )


def test_an_entry_without_a_description_has_the_name_of_its_rule(
    db: psycopg.Connection, books: Books
) -> None:
    save(db, description="{note}")
    emit(db, books)
    assert value(db, "SELECT description FROM ledger.journal_entries") == "Wash"


def test_a_line_is_there_only_where_its_condition_is_true(
    db: psycopg.Connection, books: Books
) -> None:
    tip = [
        {"side": side, "account": account, "amount": "totals.tip", "when": "$.is_cash == true"}
        for side, account in (("debit", "1120"), ("credit", "4100"))
    ]
    save(db, lines=[DEBIT, *CREDITS, *tip])
    with_tip = result(db, emit(db, books, payload(is_cash=True)))
    assert lines(db, with_tip["entry_id"])[4:] == [("1120", "2"), ("4100", "-2")]
    for is_cash in (False, None):
        without = result(db, emit(db, books, payload(is_cash=is_cash)))
        assert len(lines(db, without["entry_id"])) == 4


def test_a_line_of_0_is_left_out(db: psycopg.Connection, books: Books) -> None:
    save(db)
    made = result(db, emit(db, books, payload(gross=100, vat=0, tax=0, levy=0)))
    assert lines(db, made["entry_id"]) == [("1110", "100"), ("4100", "-100")]


def test_an_event_of_zeros_posts_nothing_and_says_so(db: psycopg.Connection, books: Books) -> None:
    add_posted_type(db)
    rule_id = save(db)
    made = result(db, emit(db, books, payload(**ZEROS)))
    assert made["entry_id"] is None
    assert made["rule_id"] == str(rule_id)
    assert made["reason"]
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 0
    results_eq(
        db,
        "SELECT payload -> 'entry_id' FROM events.event_store WHERE event_type LIKE 'ledger.%'",
        [(None,)],
    )
    settle(db)


def test_the_rule_of_a_business_goes_before_that_of_all(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    credit = {**DEBIT, "side": "credit", "account": "4100"}
    own = save(db, business="SIDE", lines=[{**DEBIT, "account": "1130"}, credit])
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    made = result(db, emit(db, books, business=side))
    assert made["rule_id"] == str(own)
    assert lines(db, made["entry_id"]) == [("1130", "116.5"), ("4100", "-116.5")]
    assert lines(db, result(db, emit(db, books))["entry_id"])[0] == ("1110", "116.5")


def test_the_account_that_a_business_gave_the_role_goes_before_that_for_all(
    db: psycopg.Connection, books: Books
) -> None:
    save(db)
    db.execute("SELECT ledger.set_account_role('vat_payable', '3100', 'SIDE')")
    side = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    made = result(db, emit(db, books, business=side))
    assert lines(db, made["entry_id"])[2] == ("3100", "-16")
    assert lines(db, result(db, emit(db, books))["entry_id"])[2] == ("2110", "-16")


def test_a_control_account_takes_the_events_of_its_module(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.set_control_module('1110', 'wash')")
    save(db)
    assert result(db, emit(db, books))["entry_id"]


def test_a_posting_key_is_posted_once(db: psycopg.Connection, books: Books) -> None:
    save(db)
    first = result(db, emit(db, books, payload(posting_key="K")))
    save(db, name="Another revision")
    again = result(db, emit(db, books, payload(posting_key="K")))
    assert again["entry_id"] == first["entry_id"]
    assert again["reason"]
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 1
    settle(db)


def test_events_without_a_posting_key_are_posted_each(db: psycopg.Connection, books: Books) -> None:
    save(db)
    assert result(db, emit(db, books))["entry_id"] != result(db, emit(db, books))["entry_id"]


def test_the_ledger_answers_with_the_entry(db: psycopg.Connection, books: Books) -> None:
    add_posted_type(db)
    save(db)
    event_id = emit(db, books)
    results_eq(
        db,
        """SELECT aggregate_type, aggregate_id, business_id, causation_id, payload
        FROM events.event_store WHERE event_type = 'ledger.wash_posted'""",
        [
            (
                "posting",
                str(event_id),
                books.business_id,
                event_id,
                {
                    "event_id": str(event_id),
                    "event_type": TYPE,
                    "aggregate_type": "job",
                    "aggregate_id": "J-1",
                    "entry_id": result(db, event_id)["entry_id"],
                },
            )
        ],
    )


def test_which_rule_made_an_entry_is_on_record(db: psycopg.Connection, books: Books) -> None:
    rule_id = save(db)
    save(db, description="Now for {customer}")
    event_id = emit(db, books)
    entry_id = value(db, "SELECT id FROM ledger.journal_entries")
    results_eq(
        db,
        """SELECT event_id, event_type, aggregate_id, rule_id, revision_no, reason
        FROM ledger.posted_events WHERE entry_id = %s""",
        [(event_id, TYPE, "J-1", rule_id, 2, None)],
        [entry_id],
    )
    results_eq(
        db,
        """SELECT DISTINCT revision_no, is_current, description, created_by, replaced_at IS NULL
        FROM ledger.posting_rule_details ORDER BY revision_no""",
        [
            (1, False, "Wash for {customer}", "alice", False),
            (2, True, "Now for {customer}", "alice", True),
        ],
    )


def test_a_fourth_business_needs_rows_only(db: psycopg.Connection, books: Books) -> None:
    """Car Wash, and an event of a type that nobody has coded for."""
    for statement in (
        "SELECT identity.create_business('CW', 'Car Wash', 'KES')",
        "SELECT identity.create_payment_till('CW', 'mpesa_till', '174444', 'Counter')",
        "SELECT ledger.create_fiscal_year('CW', '2026-01-01')",
        "SELECT ledger.create_account('1140', 'Till', 'ASSET', NULL, 'CW')",
        "SELECT ledger.create_account('4200', 'Washes', 'REVENUE', NULL, 'CW')",
        "SELECT ledger.set_account_role('till', '1140', 'CW')",
    ):
        db.execute(statement)
    add_type(
        db,
        "carwash.sold",
        {"on": {"type": "string", "format": "date"}, "price": PRICE},
        ["on", "price"],
        {},
    )
    save(
        db,
        event_type="carwash.sold",
        business="CW",
        description="Wash",
        date="on",
        lines=[
            {"side": "debit", "role": "till", "amount": "price"},
            {"side": "credit", "account": "4200", "amount": "price"},
        ],
    )
    wash = value(db, "SELECT id FROM identity.businesses WHERE code = 'CW'")
    emit(db, books, {"on": "2026-11-27", "price": 500}, business=wash, event_type="carwash.sold")
    assert value(db, "SELECT ledger.account_balance('CW', '1140')::text") == "500.0000"
    settle(db)


PRICE = {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01}
