"""ledger.create_journal_entry: what it takes, what it refuses, and that nothing is left behind."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.pgtap import as_role, results_eq, throws, value
from tests.years import THIS_YEAR

CALL = "SELECT ledger.create_journal_entry(%s, %s, %s, %s)"
GOOD = as_json(("1110", "100.00"), ("4100", "-100.00"))


def test_a_posted_entry_has_its_lines_period_stamps_and_balances(
    db: psycopg.Connection, books: Books
) -> None:
    entry_id = post(db, ("1110", "100.00"), ("4100", "-60.00"), ("2110", "-40.00"))
    results_eq(
        db,
        """SELECT e.status::text, p.code::text, e.posted_at = now(), e.created_by
        FROM ledger.journal_entries AS e
        JOIN ledger.fiscal_periods AS p ON p.id = e.period_id WHERE e.id = %s""",
        [("POSTED", "2026-03", True, "alice")],
        [entry_id],
    )
    results_eq(
        db,
        """SELECT l.line_no, a.code::text, l.amount::text, l.entry_date::text
        FROM ledger.journal_lines AS l JOIN ledger.accounts AS a ON a.id = l.account_id
        WHERE l.entry_id = %s ORDER BY 1""",
        [
            (1, "1110", "100.0000", "2026-03-04"),
            (2, "4100", "-60.0000", "2026-03-04"),
            (3, "2110", "-40.0000", "2026-03-04"),
        ],
        [entry_id],
    )
    assert [balance(db, a) for a in ("1110", "4100", "2110")] == [
        "100.0000",
        "-60.0000",
        "-40.0000",
    ]
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}


def test_the_key_of_an_entry_decides_its_yearly_partition(
    db: psycopg.Connection, books: Books
) -> None:
    entry_id = post(db, ("1110", "1"), ("4100", "-1"))
    tables = db.execute(
        """SELECT tableoid::regclass::text FROM ledger.journal_entries WHERE id = %(id)s
        UNION SELECT tableoid::regclass::text FROM ledger.journal_lines WHERE entry_id = %(id)s""",
        {"id": entry_id},
    ).fetchall()
    assert {t for (t,) in tables} == {
        f"ledger.journal_entries_{THIS_YEAR}",
        f"ledger.journal_lines_{THIS_YEAR}",
    }


def test_a_draft_may_be_unbalanced_and_does_not_count(db: psycopg.Connection, books: Books) -> None:
    value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'd', %s, 'DRAFT')",
        [as_json(("1110", "100.00"))],
    )
    value(db, "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'd', '[]', 'DRAFT')")
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert balance(db, "1110") == "0"
    assert offenders(db) == {}


@pytest.mark.parametrize("sides", [{"debit": "7.5", "credit": "0.00"}, {"debit": 7.5}])
def test_a_zero_on_the_other_side_and_json_numbers_are_taken(
    db: psycopg.Connection, books: Books, sides: dict[str, Any]
) -> None:
    lines = [{"account": "1110", **sides}, {"account": "4100", "credit": "7.5000"}]
    value(db, CALL, ["MAIN", "2026-03-04", "x", json.dumps(lines)])
    assert balance(db, "1110") == "7.5000"


BAD_LINES: list[tuple[str, str, Any]] = [
    ("unbalanced", "ZL001", [("1110", "100.00"), ("4100", "-99.99")]),
    ("rounding below the scale", "ZL011", [("1110", "0.00005"), ("4100", "-0.00005")]),
    ("one line", "ZL005", [("1110", "100.00")]),
    ("zero lines", "ZL005", []),
    ("no such account", "ZL007", [("9999", "1"), ("4100", "-1")]),
    ("header account", "ZL009", [("1000", "1"), ("4100", "-1")]),
    ("account of another business", "ZL012", [("1130", "1"), ("4100", "-1")]),
    ("zero amount", "ZL011", [("1110", "0"), ("4100", "-0")]),
    ("NaN", "ZL011", [("1110", "NaN"), ("4100", "-1")]),
    ("infinity", "ZL011", [("1110", "Infinity"), ("4100", "-1")]),
    ("exponent", "ZL011", [("1110", "1e2"), ("4100", "-100")]),
    ("seventeen digits", "ZL011", [("1110", "1" * 17), ("4100", "-" + "1" * 17)]),
    ("thousands separator", "ZL011", [("1110", "1,000"), ("4100", "-1000")]),
    ("words", "ZL011", [("1110", "ten"), ("4100", "-10")]),
    ("not an array", "ZL015", '{"account": "1110"}'),
    ("a line that is no object", "ZL015", "[1, 2]"),
    ("null", "ZL015", "null"),
    ("unknown field", "ZL015", '[{"account":"1110","debit":"1","amount":"1"}]'),
    ("no account", "ZL015", '[{"debit":"1"},{"account":"4100","credit":"1"}]'),
    ("no amount", "ZL011", '[{"account":"1110"},{"account":"4100","credit":"1"}]'),
    ("both sides", "ZL011", '[{"account":"1110","debit":"1","credit":"1"}]'),
    ("negative debit", "ZL011", '[{"account":"1110","debit":"-1"}]'),
    ("unknown currency", "ZL014", '[{"account":"1110","debit":"1","currency":"XXQ","rate":"2"}]'),
    ("no rate", "ZL014", '[{"account":"1110","debit":"1","currency":"EUR"}]'),
    ("zero rate", "ZL014", '[{"account":"1110","debit":"1","currency":"EUR","rate":"0"}]'),
    ("rate without currency", "ZL014", '[{"account":"1110","debit":"1","rate":"2"}]'),
    (
        "too small after conversion",
        "ZL011",
        '[{"account":"1110","debit":"0.0001","currency":"EUR","rate":"0.01"}]',
    ),
    (
        "too large after conversion",
        "ZL011",
        '[{"account":"1110","debit":"9999999999999999","currency":"EUR","rate":"10"}]',
    ),
]


@pytest.mark.parametrize(
    ("sqlstate", "lines"), [b[1:] for b in BAD_LINES], ids=[b[0] for b in BAD_LINES]
)
def test_bad_lines_are_refused_one_by_one_and_in_a_batch_and_leave_nothing(
    db: psycopg.Connection, books: Books, sqlstate: str, lines: Any
) -> None:
    text = lines if isinstance(lines, str) else as_json(*lines)
    throws(db, sqlstate, CALL, ["MAIN", "2026-03-04", "x", text])
    header = '"business": "MAIN", "date": "2026-03-04", "description": "x"'
    batch = f'[{{{header}, "lines": {text}}}]'
    throws(db, sqlstate, "SELECT ledger.create_journal_entries(%s)", [batch])
    results_eq(
        db,
        "SELECT entry_id, sqlstate, is_new FROM ledger.create_journal_entries(%s, 'skip_bad')",
        [(None, sqlstate, False)],
        [batch],
    )
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 0
    assert value(db, "SELECT count(*) FROM ledger.account_balances") == 0


BAD_HEADERS: list[tuple[str, str, dict[str, Any]]] = [
    ("no such business", "ZI005", {"business": "NONE"}),
    ("a date in no period", "ZL003", {"date": "2031-01-01"}),
    ("a status that is none", "ZL016", {"status": "OPEN"}),
    ("born voided", "ZL016", {"status": "VOIDED"}),
]


@pytest.mark.parametrize(
    ("sqlstate", "change"), [b[1:] for b in BAD_HEADERS], ids=[b[0] for b in BAD_HEADERS]
)
def test_bad_headers_are_refused_one_by_one_and_in_a_batch(
    db: psycopg.Connection, books: Books, sqlstate: str, change: dict[str, Any]
) -> None:
    request = {"business": "MAIN", "date": "2026-03-04", "description": "x", "status": "POSTED"}
    request |= change
    throws(
        db,
        sqlstate,
        "SELECT ledger.create_journal_entry(%s, %s, %s, %s, %s)",
        [request["business"], request["date"], "x", GOOD, request["status"]],
    )
    batch = json.dumps([request | {"lines": json.loads(GOOD)}])
    throws(db, sqlstate, "SELECT ledger.create_journal_entries(%s)", [batch])


@pytest.mark.parametrize("status", ["soft_closed", "closed"])
def test_a_period_that_is_not_open_takes_no_entry(
    db: psycopg.Connection, books: Books, status: str
) -> None:
    db.execute(
        "UPDATE ledger.fiscal_periods SET status = %s WHERE code = '2026-03'",
        [status],
    )
    throws(db, "ZL002", CALL, ["MAIN", "2026-03-04", "x", GOOD])
    post(db, ("1110", "1"), ("4100", "-1"), date="2026-04-01")


def test_an_inactive_account_takes_no_line(db: psycopg.Connection, books: Books) -> None:
    db.execute("UPDATE ledger.accounts SET is_active = false WHERE code = '1110'")
    throws(db, "ZL010", CALL, ["MAIN", "2026-03-04", "x", GOOD])


def test_an_account_with_a_currency_takes_no_other(db: psycopg.Connection, books: Books) -> None:
    db.execute("SELECT ledger.create_account('1140', 'EUR', 'ASSET', p_currency_code => 'EUR')")
    lines = as_json(("1140", "1"), ("4100", "-1"))
    throws(db, "ZL014", CALL, ["MAIN", "2026-03-04", "x", lines])


def test_a_foreign_line_keeps_both_amounts_and_the_rate(
    db: psycopg.Connection, books: Books
) -> None:
    lines = [
        {"account": "1120", "debit": "100.00", "currency": "EUR", "rate": "1.08335"},
        {"account": "4100", "credit": "108.34"},
    ]
    entry_id = value(db, CALL, ["MAIN", "2026-03-04", "x", json.dumps(lines)])
    results_eq(
        db,
        """SELECT amount::text, currency_code::text, currency_amount::text, exchange_rate::text
        FROM ledger.journal_lines WHERE entry_id = %s ORDER BY line_no""",
        [("108.3400", "EUR", "100.0000", "1.0833500000"), ("-108.3400", None, None, None)],
        [entry_id],
    )
    results_eq(
        db,
        """SELECT currency_code::text, sum(debit)::text, sum(currency_amount)::text
        FROM ledger.account_balances WHERE debit > 0 GROUP BY 1""",
        [("EUR", "108.3400", "100.0000")],
    )
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}


def test_the_functional_currency_by_name_is_no_foreign_one(
    db: psycopg.Connection, books: Books
) -> None:
    lines = [
        {"account": "1120", "debit": "1", "currency": "USD"},
        {"account": "4100", "credit": "1"},
    ]
    entry_id = value(db, CALL, ["MAIN", "2026-03-04", "x", json.dumps(lines)])
    assert value(
        db,
        "SELECT bool_and(currency_code IS NULL) FROM ledger.journal_lines WHERE entry_id = %s",
        [entry_id],
    )


@pytest.mark.parametrize(
    ("sqlstate", "description", "reference", "key"),
    [
        ("23502", None, None, None),
        ("23514", "x" * 2001, None, None),
        ("23514", "x", "r" * 201, None),
        ("23514", "x", None, "k" * 201),
        ("23514", "x", None, " k"),
    ],
)
def test_texts_that_are_missing_or_too_long_are_refused(
    db: psycopg.Connection,
    books: Books,
    sqlstate: str,
    description: str | None,
    reference: str | None,
    key: str | None,
) -> None:
    call = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', %s, %s, 'POSTED', %s, %s)"
    throws(db, sqlstate, call, [description, GOOD, reference, key])


def test_the_application_role_posts_with_a_token_and_not_without(
    db: psycopg.Connection, books: Books
) -> None:
    with as_role(db, "pgerp_app"):
        post(db, ("1110", "5"), ("4100", "-5"))
        assert balance(db, "1110") == "5.0000"
        db.execute("SELECT set_config('pgerp.token', '', true)")
        throws(db, "ZI001", CALL, ["MAIN", "2026-03-04", "x", GOOD])


def test_an_explicit_tenant_must_be_the_tokens(db: psycopg.Connection, books: Books) -> None:
    call = CALL[:-1] + ", p_tenant_id => %s)"
    value(db, call, ["MAIN", "2026-03-04", "x", GOOD, books.tenant_id])
    throws(db, "ZI004", call, ["MAIN", "2026-03-04", "x", GOOD, books.tenant_id + 1])


def test_a_token_for_other_businesses_posts_nothing(db: psycopg.Connection, books: Books) -> None:
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [books.tenant_id, books.business_id],
    )
    value(db, CALL, ["MAIN", "2026-03-04", "x", GOOD])
    throws(db, "ZI006", CALL, ["SIDE", "2026-03-04", "x", GOOD])


def test_an_inactive_business_takes_no_entry(db: psycopg.Connection, books: Books) -> None:
    db.execute("UPDATE identity.businesses SET is_active = false WHERE code = 'MAIN'")
    throws(db, "ZI007", CALL, ["MAIN", "2026-03-04", "x", GOOD])
