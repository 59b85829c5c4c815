"""ledger.save_posting_rule refuses what does not balance, or names what is not there."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books
from tests.ledger.posting import (
    CREDIT,
    CREDITS,
    DEBIT,
    IDENTITIES,
    SAVE,
    TYPE,
    add_type,
    both,
    open_posting,
    rule,
    save,
)
from tests.pgtap import throws, value


@pytest.fixture
def books(db: psycopg.Connection, books: Books) -> Books:
    """Books with the type of event and its role."""
    open_posting(db)
    return books


def refused(conn: psycopg.Connection, sqlstate: str, **changes: Any) -> psycopg.Error:
    """The rule, with these changes, is refused, and nothing of it is kept."""
    error = throws(conn, sqlstate, SAVE, [json.dumps(rule(**changes))])
    assert value(conn, "SELECT count(*) FROM ledger.posting_rules") == 0
    return error


UNBALANCED = [
    ([DEBIT], "debit 1× levy, debit 1× net, debit 1× vat"),
    ([DEBIT, *CREDITS[:2]], "debit 1× levy"),
    ([*CREDITS, DEBIT, {**CREDIT, "amount": "totals.tip"}], "credit 1× totals.tip"),
    ([DEBIT, {**CREDIT, "amount": "net"}, {**CREDIT, "amount": "net"}], "credit 1× net"),
    # Right only together with the others.
    ([DEBIT, {**CREDIT, "when": "$.is_cash == true"}], "debit 1× levy"),
    ([{**DEBIT, "when": "$.net > 0"}, {**CREDIT, "when": "$.net > 1"}], '($."net" > 0)'),
    ([*both(when="$.net > 0"), DEBIT], "without a condition"),
]


@pytest.mark.parametrize(("lines", "rest"), UNBALANCED)
def test_a_rule_that_does_not_balance_is_refused_and_told_what_is_left(
    db: psycopg.Connection, books: Books, lines: list[Any], rest: str
) -> None:
    assert rest in str(refused(db, "ZL093", lines=lines).diag.message_primary)


def test_conditions_that_are_written_differently_but_read_the_same_are_one(
    db: psycopg.Connection, books: Books
) -> None:
    save(db, lines=[{**DEBIT, "when": "$.net>0"}, {**CREDIT, "when": '($."net"  > 0)'}])


def test_sums_that_go_in_a_circle_are_refused(db: psycopg.Connection, books: Books) -> None:
    circle = IDENTITIES | {"net": ["gross", "levy"]}
    db.execute(
        "UPDATE events.event_types SET identities = %s WHERE code = %s", [json.dumps(circle), TYPE]
    )
    refused(db, "ZL093")
    # Without them it balances all the same.
    save(db, lines=both())


MISFITS = [
    # Amounts: required numbers, never negative, of four decimals at most.
    {"lines": both(amount="nothing")},
    {"lines": both(amount="customer")},
    {"lines": both(amount="loose")},
    {"lines": both(amount="signed")},
    {"lines": both(amount="fine")},
    {"lines": both(amount="optional")},
    {"lines": both(amount="totals")},
    {"lines": both(amount="totals.nothing")},
    {"lines": both(amount="customer.tip")},
    # Dates and currency.
    {"date": "customer"},
    {"date": "due_on"},
    {"date": "nothing"},
    {"currency": "note"},
    {"currency": "gross"},
    {"lines": both(due_date="customer")},
    {"lines": both(due_date="nothing")},
    # Templates.
    {"description": "{nothing}"},
    {"description": "{labels}"},
    {"description": "{nothing_ever}"},
    {"description": "{totals}"},
    {"description": "{customer"},
    {"description": "customer}"},
    {"description": "{}"},
    {"description": "{{customer}}"},
    {"reference": "{nothing}"},
    {"lines": both(description="{nothing}")},
    {"lines": both(counterparty="{nothing}")},
    {"lines": both(department="{nothing}")},
    # Conditions: predicates over known properties, and nothing else.
    {"lines": both(when="$.net >")},
    {"lines": both(when="nonsense")},
    {"lines": both(when="")},
    {"lines": both(when="$.nothing > 0")},
    {"lines": both(when="$.totals.nothing > 0")},
    {"lines": both(when="$.is_cash")},
    {"lines": both(when="$.net + 1")},
    {"lines": both(when="$.net ? (@ > 0)")},
    {"lines": both(when="exists($.net ? (@ > 0))")},
    {"lines": both(when="strict $.net > 0")},
    {"lines": both(when="$.* > 0")},
    {"lines": both(when="$.** > 0")},
    {"lines": both(when="$.net.* > 0")},
    {"lines": both(when="$.net[0] > 0")},
    {"lines": both(when="$.net.double() > 0")},
    {"lines": both(when="$.totals.keyvalue().value > 0")},
    {"lines": both(when='$."totals.tip" > 0')},
    {"lines": both(when='$."to\\"t" > 0')},
    {"lines": both(when="$ == 1")},
    {"lines": both(when="$x > 0")},
    {"lines": both(when='$.note like_regex "("')},
    {"lines": []},
]


@pytest.mark.parametrize("changes", MISFITS)
def test_a_rule_that_names_what_the_payload_has_not_is_refused(
    db: psycopg.Connection, books: Books, changes: dict[str, Any]
) -> None:
    refused(db, "ZL092", **changes)


ACCOUNTS = [
    ("ZL007", "9999", None),
    ("ZL009", "1000", None),
    ("ZL010", "3100", None),
    ("ZL012", "1130", None),
    ("ZL012", "1130", "MAIN"),
    ("ZL014", "1150", "MAIN"),
    ("ZL021", "1120", None),
]


@pytest.mark.parametrize(("sqlstate", "account", "business"), ACCOUNTS)
def test_a_rule_whose_account_does_not_take_its_lines_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, account: str, business: str | None
) -> None:
    db.execute("SELECT ledger.deactivate_account('3100')")
    db.execute("SELECT ledger.set_control_module('1120', 'billing')")
    db.execute("SELECT ledger.create_account('1150', 'Euro', 'ASSET', p_currency_code => 'EUR')")
    refused(db, sqlstate, lines=[DEBIT, {**CREDIT, "account": account}], business=business)


def test_a_role_that_no_account_has_for_the_rule_s_businesses_is_refused(
    db: psycopg.Connection, books: Books
) -> None:
    lines = [DEBIT, {"side": "credit", "role": "sales", "amount": "gross"}]
    refused(db, "ZL024", lines=lines)
    db.execute("SELECT ledger.set_account_role('sales', '4100', 'SIDE')")
    refused(db, "ZL024", lines=lines, business="MAIN")
    # A rule for all is kept when one of them can post by it.
    save(db, lines=lines)
    save(db, lines=lines, business="SIDE")


MALFORMED = [
    {"surprise": "x"},
    {"name": 7},
    {"description": ["x"]},
    {"revision": "one"},
    {"lines": {}},
    {"lines": None},
    {"lines": ["x"]},
    {"lines": [DEBIT | {"surprise": "x"}]},
    {"lines": [DEBIT | {"role": "till"}]},
    {"lines": [DEBIT | {"side": "left"}]},
    {"lines": [DEBIT | {"amount": 7}]},
    {"lines": [DEBIT | {"amount": None}]},
    {"lines": [DEBIT | {"account": None}]},
]


@pytest.mark.parametrize("changes", MALFORMED)
def test_a_rule_of_another_shape_is_refused(
    db: psycopg.Connection, books: Books, changes: dict[str, Any]
) -> None:
    refused(db, "ZL015", **changes)


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "7"])
def test_a_rule_that_is_no_object_is_refused(
    db: psycopg.Connection, books: Books, text: str
) -> None:
    throws(db, "ZL015", SAVE, [text])


TEXTS = [
    ("23502", {"name": None}),
    ("23502", {"description": None}),
    ("23502", {"date": None}),
    ("23514", {"name": " "}),
    ("23514", {"description": "x" * 2001}),
    ("23514", {"date": "done on"}),
    ("23514", {"lines": both(amount="gross.")}),
    ("23514", {"lines": both(when="$.net > " + "1" * 2000)}),
]


@pytest.mark.parametrize(("sqlstate", "changes"), TEXTS)
def test_a_rule_whose_texts_are_missing_or_malformed_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, changes: dict[str, Any]
) -> None:
    refused(db, sqlstate, **changes)


def test_a_rule_for_a_type_that_is_none_or_the_ledger_s_own_is_refused(
    db: psycopg.Connection, books: Books
) -> None:
    refused(db, "ZE001", event_type="wash.unheard_of")
    refused(db, "ZE001", event_type=None)
    add_type(db, "ledger.told")
    refused(db, "ZL092", event_type="ledger.told")


def test_a_sum_over_a_name_with_a_point_is_refused(db: psycopg.Connection, books: Books) -> None:
    """It would be taken for a property of an object."""
    amount = {"type": "number", "minimum": 0, "multipleOf": 1}
    inner = {"type": "object", "properties": {"b": amount}, "required": ["b"]}
    names = {"on": {"type": "string", "format": "date"}, "a.b": amount, "a": inner, "c": amount}
    add_type(db, "wash.point", names, list(names), {"c": ["a.b"]})
    lines = [{**DEBIT, "amount": "c"}, {**CREDIT, "amount": "a.b"}]
    refused(db, "ZL092", event_type="wash.point", description="x", date="on", lines=lines)
