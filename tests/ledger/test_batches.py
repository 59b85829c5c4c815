"""Batches prove their entries all at once, and skip what a limit or a budget does not allow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.background import Background
from tests.ledger.books import Books, as_json, balance, draft, offenders
from tests.ledger.budgets import open_expenses, plan
from tests.ledger.limits import head, limit
from tests.pgtap import is_empty, results_eq, throws, value

BATCH = "SELECT * FROM ledger.create_journal_entries(%s, 'skip_bad')"
ID = "01a1f8bc-0000-7000-8000-000000000001"


def entry(*lines: tuple[str, str], **fields: str) -> dict[str, Any]:
    given = {"business": "MAIN", "date": "2026-03-04", "description": "x"}
    return given | {"lines": json.loads(as_json(*lines))} | fields


def outcome(db: psycopg.Connection, *entries: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Send a batch in mode skip_bad; return SQLSTATE and is_new of each entry."""
    return [row[3:] for row in db.execute(BATCH, [json.dumps(entries)])]


def write(db: psycopg.Connection, books: Books, *lines: tuple[Any, ...], **fields: str) -> None:
    """Call the step that writes a batch, with an entry that the steps before should have refused.

    Args:
        db, books: The connection, whose books.
        lines: Account code, amount, and perhaps both business and date.
        fields: Of the entry: period, a code, of, the id of its business, date, module, as SQL.
    """
    db.execute("SELECT identity.enter_tenant(%s)", [books.tenant_id])
    period = (
        "(SELECT id FROM ledger.fiscal_periods WHERE tenant_id = {t} AND business_id = {b}"
        " AND code = '{p}')"
    ).format(t=books.tenant_id, b=fields.get("of", "1"), p=fields.get("period", "2026-03"))
    rows = ", ".join(
        f"ROW(1, '{ID}', {business}, '{date}', {n},"
        f" (SELECT id FROM ledger.accounts WHERE tenant_id = {books.tenant_id}"
        f" AND code = '{account}'), {amount}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
        for n, (account, amount, business, date) in enumerate(
            ((*line, 1, "2026-03-04")[:4] if len(line) < 3 else line for line in lines), start=1
        )
    )
    db.execute(
        f"""SELECT ledger.insert_entries({books.tenant_id}, ARRAY[ROW(
            1, '{ID}', 1, 'USD', '{fields.get("date", "2026-03-04")}', 'POSTED', 'x', NULL, NULL,
            NULL, true, NULL, NULL, {fields.get("module", "NULL")}, NULL, 'regular', {period}
        )]::ledger.parsed_entry[], ARRAY[{rows}]::ledger.parsed_line[])""".encode()
    )


@pytest.mark.parametrize(
    ("sqlstate", "lines", "fault"),
    [
        ("ZL001", [("1110", "5"), ("4100", "-4")], None),
        ("ZL005", [], None),
        ("ZL009", [("1000", "5"), ("4100", "-5")], None),
        ("ZL010", [("1110", "5"), ("4100", "-5")], "is_active = false"),
        ("ZL012", [("1130", "5"), ("4100", "-5")], None),
        ("ZL014", [("1110", "5"), ("4100", "-5")], "currency_code = 'EUR'"),
        ("ZL017", [("1110", "5"), ("4100", "-5", 2, "2026-03-04")], None),
        ("ZL017", [("1110", "5"), ("4100", "-5", 1, "2026-03-05")], None),
        ("ZL021", [("1110", "5"), ("4100", "-5")], "control_module = 'billing'"),
    ],
)
def test_what_a_batch_has_written_is_proved_before_it_returns(
    db: psycopg.Connection,
    books: Books,
    sqlstate: str,
    lines: list[tuple[Any, ...]],
    fault: str | None,
) -> None:
    if fault:
        db.execute(f"UPDATE ledger.accounts SET {fault} WHERE code = '1110'".encode())
    with pytest.raises(psycopg.Error) as refusal, db.transaction():
        write(db, books, *lines)
    assert refusal.value.sqlstate == sqlstate
    is_empty(db, "SELECT FROM ledger.journal_entries")


def test_an_entry_that_its_module_may_post_is_proved_too(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("UPDATE ledger.accounts SET control_module = 'billing' WHERE code = '1110'")
    write(db, books, ("1110", "5"), ("4100", "-5"), module="'ledger'")
    assert [balance(db, "1110"), offenders(db)] == ["5.0000", {}]


@pytest.mark.parametrize(
    ("period", "date", "of"),
    [
        ("2026-04", "2026-03-04", "1"),
        ("2026-02", "2026-03-04", "1"),
        ("2026-13", "2026-03-04", "1"),
        ("2026-13", "2026-12-31", "1"),
        ("2026-03", "2026-03-04", "2"),
    ],
)
def test_the_period_that_a_batch_names_is_not_believed(
    db: psycopg.Connection, books: Books, period: str, date: str, of: str
) -> None:
    lines = ((account, amount, 1, date) for account, amount in (("1110", "5"), ("4100", "-5")))
    write(db, books, *lines, period=period, date=date, of=of)
    results_eq(
        db,
        "SELECT p.code FROM ledger.journal_entries AS e JOIN ledger.fiscal_periods AS p"
        " ON (p.tenant_id, p.business_id, p.id) = (e.tenant_id, e.business_id, e.period_id)",
        [(date[:7],)],
    )
    assert offenders(db) == {}


def test_a_batch_written_into_a_closed_period_is_refused(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")
    with pytest.raises(psycopg.Error) as refusal, db.transaction():
        write(db, books, ("1110", "5"), ("4100", "-5"))
    assert refusal.value.sqlstate == "ZL002"


def test_a_batch_waits_for_whoever_closes_the_period_and_is_refused_then(
    session: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection
) -> None:
    call = "SELECT count(*) FROM ledger.create_journal_entries(%s)"
    batch = json.dumps([entry(("1110", "5"), ("4100", "-5"), date="2026-05-04")])
    with session.transaction():
        session.execute("SELECT ledger.close_period('MAIN', '2026-05')")
        posting = Background(other, lambda: other.execute(call, [batch]))
        assert posting.waits(third)
    assert posting.result() == "ZL002"


def test_a_batch_holds_off_whoever_would_close_the_period(
    session: psycopg.Connection, other: psycopg.Connection, third: psycopg.Connection
) -> None:
    call = "SELECT count(*) FROM ledger.create_journal_entries(%s)"
    batch = json.dumps([entry(("1110", "5"), ("4100", "-5"), date="2026-06-04")])
    with session.transaction():
        session.execute(call, [batch])
        close = "SELECT ledger.close_period('MAIN', '2026-06')"
        closing = Background(other, lambda: other.execute(close))
        assert closing.waits(third)
    assert closing.result() is None


def test_headers_of_a_batch_are_stamped_like_others(db: psycopg.Connection, books: Books) -> None:
    outcome(db, entry(("1110", "5"), ("4100", "-5")), entry(("1110", "5"), ("4100", "-5")))
    value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
        [as_json(("1110", "5"), ("4100", "-5"))],
    )
    results_eq(
        db,
        """SELECT DISTINCT e.created_by, e.last_modified_by, e.created_at = now(),
            e.last_modified_at = now(), e.posted_at = now(), e.period_id IS NULL
        FROM ledger.journal_entries AS e""",
        [("alice", "alice", True, True, True, False)],
    )
    numbers = "SELECT count(DISTINCT entry_number) FROM ledger.journal_entries"
    assert value(db, numbers) == 3


@pytest.mark.parametrize(
    "field", ["idempotency_key", "department", "counterparty", "source_module"]
)
@pytest.mark.parametrize(
    ("text", "is_good"),
    [("k", True), ("k" * 63, True), ("", False), (" k", False), ("k ", False), ("k\u00a0", False),
     ("k\nk", False), ("\u0085k", False), ("k" * 201, False)],
)  # fmt: skip
def test_codes_in_a_batch_are_short_and_trimmed(
    db: psycopg.Connection, books: Books, field: str, text: str, is_good: bool
) -> None:
    sale = entry(("1110", "5"), ("4100", "-5"))
    line = field in ("department", "counterparty")
    (sale["lines"][0] if line else sale)[field] = text
    assert outcome(db, sale) == [(None, True) if is_good else ("ZL015", False)]


def test_codes_in_a_batch_have_200_characters_and_modules_63(
    db: psycopg.Connection, books: Books
) -> None:
    sale = entry(("1110", "5"), ("4100", "-5"))
    long = sale | {"idempotency_key": "k" * 200}
    module = sale | {"source_module": "k" * 64}
    assert outcome(db, long, module) == [(None, True), ("ZL015", False)]


SETTINGS = ["batch", "function"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_setting_of_batches_does_not_let_a_draft_past_its_checks(
    db: psycopg.Connection, books: Books, setting: str
) -> None:
    entry_id = draft(db, ("1110", "5"), ("4100", "-4"))
    db.execute("SELECT set_config('pgerp.posting', %s, false)", [setting])
    throws(db, "ZL001", "SELECT ledger.post_journal_entry(%s)", [entry_id])
    db.execute("UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s", [entry_id])
    throws(db, "ZL001", "SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_setting_of_batches_does_not_let_a_function_past_the_period(
    db: psycopg.Connection, books: Books, setting: str
) -> None:
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-03'")
    db.execute("SELECT set_config('pgerp.posting', %s, false)", [setting])
    lines = as_json(("1110", "5"), ("4100", "-5"))
    call = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"
    throws(db, "ZL002", call, [lines])
    call = "SELECT ledger.create_journal_entries(%s)"
    throws(db, "ZL002", call, [json.dumps([entry(("1110", "5"), ("4100", "-5"))])])


def test_every_function_that_writes_headers_says_how_before_it_does(
    db: psycopg.Connection,
) -> None:
    results_eq(
        db,
        """SELECT p.proname::text,
            strpos(s.body, 'set_config(''pgerp.posting''')
                BETWEEN 1 AND strpos(s.body, 'INSERT INTO ledger.journal_entries')
        FROM pg_proc AS p, regexp_replace(p.prosrc, '[(][[:space:]]+', '(', 'g') AS s (body)
        WHERE p.prosrc LIKE '%INSERT INTO ledger.journal_entries%'
        ORDER BY p.proname""",
        [("create_journal_entry", True), ("insert_entries", True), ("insert_entry", True)],
    )


class TestSkipBad:
    """What a limit or a budget does not allow is left out, and nothing else."""

    @pytest.fixture(autouse=True)
    def sound(self, db: psycopg.Connection, books: Books) -> Iterator[None]:
        yield
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert offenders(db) == {}

    def test_an_entry_below_the_minimum_is_left_out(self, db: psycopg.Connection) -> None:
        limit(db, "1110", minimum_balance=0)
        assert outcome(
            db,
            entry(("1110", "7"), ("4100", "-7")),
            entry(("5100", "5"), ("1110", "-5")),
            entry(("5100", "3"), ("1110", "-3")),
            entry(("1120", "1"), ("4100", "-1")),
            entry(("5100", "2"), ("1110", "-2")),
        ) == [(None, True), (None, True), ("ZL030", False), (None, True), (None, True)]
        assert head(db, "1110") == ("0.0000", "0.0000", "0.0000", 3)
        assert [balance(db, code) for code in ("1120", "5100")] == ["1.0000", "7.0000"]

    def test_an_entry_over_the_limit_is_left_out(self, db: psycopg.Connection) -> None:
        limit(db, "1110", credit_limit=5)
        assert outcome(
            db, entry(("1110", "6"), ("4100", "-6")), entry(("1110", "5"), ("4100", "-5"))
        ) == [("ZL031", False), (None, True)]

    def test_an_entry_over_a_budget_is_left_out(self, db: psycopg.Connection) -> None:
        open_expenses(db)
        plan(db, ("5010", "100"))
        assert outcome(
            db,
            entry(("5010", "60"), ("1110", "-60")),
            entry(("5010", "60"), ("1110", "-60")),
            entry(("5010", "40"), ("1110", "-40")),
        ) == [(None, True), ("ZF001", False), (None, True)]

    def test_what_all_together_allows_is_not_taken_apart(self, db: psycopg.Connection) -> None:
        limit(db, "1110", minimum_balance=0)
        assert outcome(
            db, entry(("5100", "7"), ("1110", "-7")), entry(("1110", "7"), ("4100", "-7"))
        ) == [(None, True), (None, True)]

    def test_an_entry_left_out_gives_its_key_back(self, db: psycopg.Connection) -> None:
        limit(db, "1110", minimum_balance=0)
        bad = entry(("5100", "7"), ("1110", "-7"), idempotency_key="K")
        good = entry(("1110", "5"), ("4100", "-5"), idempotency_key="L")
        assert outcome(db, bad, good, bad) == [("ZL030", False), (None, True), ("ZL030", False)]
        results_eq(db, "SELECT idempotency_key::text FROM ledger.idempotency_keys", [("L",)])
        more = entry(("1110", "5"), ("4100", "-5"))
        assert outcome(db, more, bad, good) == [(None, True), (None, True), (None, False)]

    def test_an_entry_made_before_stays_made(self, db: psycopg.Connection) -> None:
        limit(db, "1110", minimum_balance=-7)
        before = entry(("5100", "7"), ("1110", "-7"), idempotency_key="K")
        assert outcome(db, before) == [(None, True)]
        bad = entry(("5100", "1"), ("1110", "-1"))
        assert outcome(db, bad, before) == [("ZL030", False), (None, False)]
