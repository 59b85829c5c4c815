"""What a batch does once for many entries is right for each of them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, offenders
from tests.pgtap import results_eq, set_eq, value

LINES = json.loads(as_json(("1110", "5"), ("4100", "-5")))
BATCH = "SELECT * FROM ledger.create_journal_entries(%s, 'skip_bad')"


def request(business: str | None, day: str | None, **fields: Any) -> dict[str, Any]:
    given = {"business": business, "date": day, "description": "x", "lines": LINES} | fields
    return {name: text for name, text in given.items() if text is not None}


def send(db: psycopg.Connection, *entries: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Send a batch; return id, SQLSTATE and is_new of each entry."""
    rows = db.execute(BATCH, [json.dumps(entries)]).fetchall()
    return [(row[1], row[3], row[4]) for row in rows]


def test_entries_that_share_days_get_the_period_of_their_own_business_day_and_kind(
    db: psycopg.Connection, books: Books
) -> None:
    sent = [
        request("MAIN", "2026-03-31"),
        request("SIDE", "2026-03-31"),
        request("MAIN", "2026-04-01"),
        request("MAIN", "2026-12-31"),
        request("MAIN", "2026-12-31", period_kind="adjusting"),
        request("MAIN", "2026-03-31", reference="again"),
    ]
    assert {row[1:] for row in send(db, *sent)} == {(None, True)}
    results_eq(
        db,
        """SELECT b.code::text, e.entry_date::text, p.code::text, e.reference::text
        FROM ledger.journal_entries AS e
        JOIN ledger.fiscal_periods AS p ON (p.tenant_id, p.id) = (e.tenant_id, e.period_id)
        JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (e.tenant_id, p.business_id)
        ORDER BY e.id""",
        [
            ("MAIN", "2026-03-31", "2026-03", None),
            ("SIDE", "2026-03-31", "2026-03", None),
            ("MAIN", "2026-04-01", "2026-04", None),
            ("MAIN", "2026-12-31", "2026-12", None),
            ("MAIN", "2026-12-31", "2026-13", None),
            ("MAIN", "2026-03-31", "2026-03", "again"),
        ],
    )
    assert offenders(db) == {}


def test_a_bad_day_is_a_problem_of_its_entries_only(db: psycopg.Connection, books: Books) -> None:
    sent = [
        request("MAIN", "2026-03-31"),
        request("MAIN", "2026-02-30"),
        request("MAIN", "2027-03-31"),
        request("NONE", "2026-03-31"),
        request(None, "2026-03-31"),
        request("MAIN", None),
        request("MAIN", "2026-03-31", period_kind="odd"),
        request("MAIN", "2026-02-30"),
        request("MAIN", "2026-03-31"),
    ]
    assert [row[1] for row in send(db, *sent)] == [
        None, "ZL015", "ZL003", "ZI005", "ZL015", "ZL015", "ZL015", "ZL015", None,
    ]  # fmt: skip


def test_ids_of_a_batch_are_different_of_version_7_and_in_its_order(
    db: psycopg.Connection, books: Books
) -> None:
    many = [request("MAIN", "2026-03-31", reference=str(n)) for n in range(300)]
    ids = [row[0] for row in send(db, *many)] + [row[0] for row in send(db, *many)]
    assert len(set(ids)) == 600
    assert ids == sorted(ids)
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, "specified in RFC 4122")}
    age = """SELECT max(abs(extract(EPOCH FROM clock_timestamp() - core.uuid_v7_time(u.id))))
        FROM unnest(%s::uuid[]) AS u (id)"""
    assert value(db, age, [ids]) < 600


def test_an_id_keeps_its_first_half_when_the_last_bits_are_all_ones(
    db: psycopg.Connection, books: Books
) -> None:
    """The bit before those that count is zero, so that the sum stays within twelve digits."""
    for _ in range(50):
        sent = [row[0] for row in send(db, *[request("MAIN", "2026-03-31")] * 2)]
        assert sent[1].int - sent[0].int == 1
        assert sent[0].node < 2**47 + 1


def test_a_key_that_comes_twice_in_a_batch_is_claimed_once(
    db: psycopg.Connection, books: Books
) -> None:
    first = request("MAIN", "2026-03-31", idempotency_key="K")
    other = request("MAIN", "2026-03-31", idempotency_key="L")
    changed = request("MAIN", "2026-03-30", idempotency_key="K")
    sent = send(db, first, other, first, changed)
    assert [row[1:] for row in sent] == [
        (None, True), (None, True), (None, False), ("ZL008", False),
    ]  # fmt: skip
    assert sent[0][0] == sent[2][0]
    set_eq(db, "SELECT idempotency_key::text FROM ledger.idempotency_keys", [("K",), ("L",)])


def test_an_entry_with_a_new_key_does_not_hide_one_that_was_there(
    db: psycopg.Connection, books: Books
) -> None:
    there = request("MAIN", "2026-03-31", idempotency_key="K")
    [(made, _, _)] = send(db, there)
    new = request("MAIN", "2026-03-31", idempotency_key="L")
    keyless = request("MAIN", "2026-03-31")
    sent = send(db, new, there, keyless)
    assert [row[1:] for row in sent] == [(None, True), (None, False), (None, True)]
    assert sent[1][0] == made
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 3


def test_a_bad_entry_leaves_the_lines_of_the_others_alone(
    db: psycopg.Connection, books: Books
) -> None:
    bad = request("MAIN", "2026-03-31", idempotency_key="B", lines=LINES[:1])
    good = [request("MAIN", "2026-03-31", idempotency_key=f"G{n}") for n in range(2)]
    sent = send(db, good[0], bad, good[1])
    assert [row[1] for row in sent] == [None, "ZL005", None]
    results_eq(
        db,
        "SELECT DISTINCT count(*) FROM ledger.journal_lines GROUP BY entry_id",
        [(2,)],
    )
    set_eq(db, "SELECT idempotency_key::text FROM ledger.idempotency_keys", [("G0",), ("G1",)])
    assert offenders(db) == {}


def test_the_check_of_a_foreign_key_is_not_planned_for_each_line(db: psycopg.Connection) -> None:
    """To plan it costs five times what it does itself; its plan follows the function's setting."""
    set_eq(
        db,
        """SELECT p.proname::text
        FROM pg_proc AS p
        WHERE p.pronamespace = 'ledger'::regnamespace
            AND p.proname IN ('create_journal_entry', 'insert_entries', 'insert_lines')
            AND 'plan_cache_mode=force_generic_plan' = ANY (p.proconfig)""",
        [("create_journal_entry",), ("insert_entries",), ("insert_lines",)],
    )


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("5", True), ("0.0001", True), ("5.10", True), ("5.1234000", True), ("05", True),
        ("9999999999999999.9999", True), ("0000000000000001", True), ("1.00000", True),
        ("", False), (".", False), ("5.", False), (".5", False), ("..", False), ("1.2.3", False),
        ("5.00001", False), ("10000000000000000", False), ("00000000000000001", False),
        ("-5", False), ("+5", False), ("5 ", False), (" 5", False), ("5\n", False),
        ("1e3", False), ("1,000", False), ("0x10", False), ("NaN", False), ("Infinity", False),
        ("\u0665", False), ("5\u00a0", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("side", ["debit", "credit"])
def test_an_amount_has_16_digits_and_4_decimals_at_most(
    db: psycopg.Connection, books: Books, side: str, text: str, is_good: bool
) -> None:
    other = "credit" if side == "debit" else "debit"
    # Rounded or cut, a bad one would balance.
    plain = f"{Decimal(text):f}" if is_good else "5"
    lines = [{"account": "1110", side: text}, {"account": "4100", other: plain}]
    assert [row[1] for row in send(db, request("MAIN", "2026-03-31", lines=lines))] == [
        None if is_good else "ZL011"
    ]


@pytest.mark.parametrize(
    ("debit", "credit", "is_good"),
    [("5", "0", True), ("0.00", "5", True), ("5", "5", False), ("5", "x", False), ("0", "0", False),
     (None, None, False), ("5", "", False)],
)  # fmt: skip
def test_one_side_of_a_line_may_say_zero(
    db: psycopg.Connection, books: Books, debit: str | None, credit: str | None, is_good: bool
) -> None:
    one = {"account": "1110", "debit": debit, "credit": credit}
    two = {"account": "4100", "debit": credit, "credit": debit}
    assert [row[1] for row in send(db, request("MAIN", "2026-03-31", lines=[one, two]))] == [
        None if is_good else "ZL011"
    ]


def test_the_first_bad_line_of_an_entry_is_its_problem(
    db: psycopg.Connection, books: Books
) -> None:
    bad = [
        {"account": "1110", "debit": "5"},
        {"account": "1000", "credit": "5"},
        {"account": "none", "credit": "x"},
        {"account": "1110", "credit": "x"},
    ]
    turned = [bad[0], bad[3], bad[2], bad[1]]
    sent = send(
        db,
        request("MAIN", "2026-03-31", lines=bad),
        request("MAIN", "2026-03-31", lines=turned),
        request("MAIN", "2026-03-31"),
    )
    assert [row[1] for row in sent] == ["ZL009", "ZL011", None]
