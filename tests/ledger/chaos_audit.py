"""What the books must be after a crash, from the workers' own files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from tests.ledger.books import offenders
from tests.ledger.chaos_log import History, Line, expected_lines, read
from tests.pgtap import value

ENTRIES = """SELECT e.id::text, e.reference, e.status::text, e.posted_at IS NOT NULL,
        r.entry_id::text, b.code, e.period_kind::text
    FROM ledger.journal_entries AS e
    JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (e.tenant_id, e.business_id)
    LEFT JOIN ledger.reversals AS r ON r.tenant_id = e.tenant_id AND r.reversal_id = e.id"""
LINES = """SELECT l.entry_id::text, a.code::text, l.amount, l.currency_code::text, l.currency_amount
    FROM ledger.journal_lines AS l
    JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (l.tenant_id, l.account_id)
    ORDER BY l.entry_id, l.line_no"""
# Nobody closes from an older snapshot here: what is in a closed period was there to be numbered.
AFTER_CLOSING = """SELECT e.id::text FROM ledger.journal_entries AS e
    JOIN ledger.fiscal_periods AS p ON (p.tenant_id, p.id) = (e.tenant_id, e.period_id)
    LEFT JOIN ledger.journal_numbers AS n ON (n.tenant_id, n.entry_id) = (e.tenant_id, e.id)
    WHERE p.status = 'closed' AND e.posted_at IS NOT NULL AND n.entry_id IS NULL"""
SEALS = "SELECT seal_no, encode(seal_hash, 'hex') FROM ledger.seals"


@dataclass(frozen=True)
class Found:
    """An entry of the database."""

    id: str
    key: str | None
    status: str
    counts: bool
    reverses: str | None
    business: str
    kind: str


@dataclass(frozen=True)
class Books:
    """What one snapshot shows."""

    entries: dict[str, Found]
    lines: dict[str, list[Line]]
    seals: dict[int, str]
    late: list[str]


def histories(folder: Path) -> list[History]:
    return [read(path) for path in sorted(folder.glob("worker-*.log"))]


def load(conn: psycopg.Connection) -> Books:
    lines: dict[str, list[Line]] = defaultdict(list)
    for entry_id, *line in conn.execute(LINES).fetchall():
        lines[entry_id].append(tuple(line))  # type: ignore[arg-type]
    entries = {row[0]: Found(*row) for row in conn.execute(ENTRIES).fetchall()}
    late = [entry_id for (entry_id,) in conn.execute(AFTER_CLOSING).fetchall()]
    return Books(entries, lines, dict(conn.execute(SEALS).fetchall()), late)


def opposite(lines: list[Line]) -> list[Line]:
    return [
        (account, -amount, currency, None if worth is None else -worth)
        for account, amount, currency, worth in lines
    ]


def audit(conn: psycopg.Connection, folder: Path) -> dict[str, int]:
    """Compare the books with what was acknowledged, while the workers may go on.

    Args:
        conn: A superuser's session, in autocommit.
        folder: Where the workers' files are.

    Returns:
        How often each kind of request was answered, and with what.

    Raises:
        AssertionError: Something that was acknowledged is missing, there is something that nobody
            asked for, or an invariant does not hold.
    """
    before = histories(folder)
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = offenders(conn)
        assert found == {}, found
        books = load(conn)
    after = histories(folder)
    compare(before, books, after)
    counts: dict[str, int] = defaultdict(int)
    for history in after:
        for name, count in history.counts.items():
            counts[name] += count
    return dict(sorted(counts.items()))


def compare(before: list[History], books: Books, after: list[History]) -> None:
    """Compare a snapshot with what was acknowledged before it, and asked for until after it."""
    wrong = [what for history in after for what in history.wrong]
    assert wrong == [], "\n".join(wrong)
    assert books.late == [], f"posted into closed periods: {books.late}"
    by_key, reversals = _index(books)
    _nothing_missing(before, books, by_key, reversals)
    _nothing_more(after, books, by_key, reversals)


def _index(books: Books) -> tuple[dict[str, Found], dict[str, Found]]:
    by_key: dict[str, Found] = {}
    reversals: dict[str, Found] = {}
    for entry in books.entries.values():
        if entry.reverses is not None:
            assert entry.reverses not in reversals, f"reversed twice: {entry}"
            reversals[entry.reverses] = entry
        elif entry.key is not None:
            assert entry.key not in by_key, f"there twice: {entry}, {by_key[entry.key]}"
            by_key[entry.key] = entry
    return by_key, reversals


def _nothing_missing(
    before: list[History],
    books: Books,
    by_key: dict[str, Found],
    reversals: dict[str, Found],
) -> None:
    for history in before:
        for key, entry in history.entries.items():
            found = by_key.get(key)
            assert found is not None, f"acknowledged, but missing: {key} {entry}"
            assert found.id == entry.id, (found, entry)
            assert found.business == entry.request["business"]
            assert books.lines[found.id] == expected_lines(entry.request), (found, entry)
            assert found.counts or entry.state not in ("POSTED", "REVERSED"), (found, entry)
            assert found.status == "VOIDED" or entry.state not in ("VOIDED", "REVERSED"), found
            assert (found.id in reversals) or entry.state != "REVERSED", (found, entry)
        for key, reversal_id in history.undone.items():
            made = reversals.get(by_key[key].id)
            assert made is not None and made.id == reversal_id, f"reversal is missing: {key}"
        for number, seal in history.seals.items():
            assert books.seals.get(number) == seal, f"seal {number} is missing or another"


def _nothing_more(
    after: list[History],
    books: Books,
    by_key: dict[str, Found],
    reversals: dict[str, Found],
) -> None:
    asked = {key for history in after for key in history.requests}
    refused = {key for history in after for key in history.refused}
    undoing = {key for history in after for key in history.undoing}
    assert by_key.keys() <= asked, f"nobody asked for {by_key.keys() - asked}"
    assert not by_key.keys() & refused, f"refused, but there: {by_key.keys() & refused}"
    for history in after:
        for group in history.groups:
            there = [key for key in group if key in by_key]
            assert there in ([], group), f"half a transaction: {there} of {group}"
    for original, reversal in reversals.items():
        entry = books.entries[original]
        assert entry.kind == "closing" or entry.key in undoing, f"nobody reversed {entry}"
        assert books.lines[reversal.id] == opposite(books.lines[original])


def reconcile(conn: psycopg.Connection, folder: Path) -> int:
    """At the end, with all outcomes known: states are equal, balances are the independent sum.

    Returns:
        The number of entries that were acknowledged.
    """
    books = load(conn)
    by_key, reversals = _index(books)
    known = histories(folder)
    assert [history.pending for history in known if history.pending] == []
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    accounts = {code for code, _ in conn.execute("SELECT code::text, 1 FROM ledger.accounts")}
    total = 0
    for history in known:
        for key, entry in history.entries.items():
            total += 1
            found = by_key[key]
            state = {"HELD": "DRAFT", "REVERSED": "VOIDED"}.get(entry.state, entry.state)
            was_contested = found.id in reversals
            assert found.status == ("VOIDED" if was_contested else state), (found, entry)
            if entry.state == "POSTED" and not was_contested:
                for account, amount, _, _ in expected_lines(entry.request):
                    expected[entry.request["business"], account] += amount
    assert len(by_key) == total
    for entry_id, found in books.entries.items():
        if found.kind == "closing":
            for account, amount, _, _ in books.lines[entry_id]:
                expected[found.business, account] += amount
    for business in ("MAIN", "SIDE"):
        balances = {
            code: value(conn, "SELECT ledger.account_balance(%s, %s)", [business, code])
            for code in sorted(accounts)
        }
        model = {code: expected[business, code] for code in balances}
        assert balances == model, (balances, model)
        sheet: Any = "SELECT coalesce(sum(balance), 0) FROM ledger.trial_balance(%s)"
        assert value(conn, sheet, [business]) == 0
    return total
