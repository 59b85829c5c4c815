"""The paths on which an entry comes: functions, and every statement that writes tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.ledger.bad_entries import DRAFT, FINE, ID, Bad, Stage


def single(stage: Stage, bad: Bad, _suffix: str) -> None:
    """One call of ledger.create_journal_entry."""
    given = stage.request(bad)
    stage.conn.execute(
        """SELECT ledger.create_journal_entry(%(business)s, %(date)s, %(description)s, %(lines)s,
        %(status)s, p_period_kind => %(period_kind)s)""",
        {"period_kind": "regular"} | given | {"lines": json.dumps(given["lines"])},
    )


def atomic(stage: Stage, bad: Bad, _suffix: str) -> None:
    """A batch of a good entry and this one, all or nothing."""
    entries = json.dumps([stage.request(FINE), stage.request(bad)])
    stage.conn.execute("SELECT ledger.create_journal_entries(%s)", [entries])


def drafted(stage: Stage, bad: Bad, _suffix: str) -> None:
    """A draft that is posted by ledger.post_journal_entry."""
    given = stage.request(bad)
    status = "DRAFT" if given["status"] == "POSTED" else given["status"]
    _post(stage, _draft(stage, given | {"status": status}, given["lines"]))


def by_line(stage: Stage, bad: Bad, _suffix: str) -> None:
    """A draft that gets its lines by ledger.add_journal_line, one after the other."""
    given = stage.request(bad)
    status = "DRAFT" if given["status"] == "POSTED" else given["status"]
    entry_id = _draft(stage, given | {"status": status}, [])
    for line in given["lines"]:
        stage.conn.execute("SELECT ledger.add_journal_line(%s, %s)", [entry_id, json.dumps(line)])
    _post(stage, entry_id)


def held(stage: Stage, bad: Bad, _suffix: str) -> None:
    """An entry that is held, and then posted."""
    given = stage.request(bad)
    hold = "SELECT ledger.hold_journal_entry(%(business)s, %(date)s, %(description)s, %(lines)s)"
    row = stage.conn.execute(hold, given | {"lines": json.dumps(given["lines"])}).fetchone()
    assert row is not None
    stage.conn.execute("SELECT ledger.post_held_entry(%s)", row)


def _draft(stage: Stage, given: dict[str, Any], lines: list[dict[str, str]]) -> Any:
    row = stage.conn.execute(
        """SELECT ledger.create_journal_entry(%(business)s, %(date)s, %(description)s, %(lines)s,
        %(status)s, p_period_kind => %(period_kind)s)""",
        {"period_kind": "regular"} | given | {"lines": json.dumps(lines)},
    ).fetchone()
    assert row is not None
    return row[0]


def _post(stage: Stage, entry_id: Any) -> None:
    stage.conn.execute("SELECT ledger.post_journal_entry(%s)", [entry_id])


def insert(stage: Stage, bad: Bad, suffix: str) -> None:
    """INSERT into the tables, header first."""
    for table, row in _rows(stage, bad):
        columns, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        stage.conn.execute(
            f"INSERT INTO ledger.{table}{suffix} ({columns}) VALUES ({places})".encode(), row
        )


def copy(stage: Stage, bad: Bad, suffix: str) -> None:
    """COPY into the tables, header first."""
    for table, row in _rows(stage, bad):
        into = f"COPY ledger.{table}{suffix} ({', '.join(row)}) FROM STDIN"
        with stage.conn.cursor().copy(into.encode()) as rows:
            rows.write_row(list(row.values()))


def merge(stage: Stage, bad: Bad, suffix: str) -> None:
    """MERGE that inserts."""
    for table, row in _rows(stage, bad):
        columns, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
        stage.conn.execute(
            f"MERGE INTO ledger.{table}{suffix} AS t USING (VALUES (1)) AS v (n) ON false"
            f" WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({places})".encode(),
            row,
        )


def update(stage: Stage, bad: Bad, suffix: str) -> None:
    """A good draft is changed by UPDATE or DELETE, and then posted by UPDATE."""
    if bad.change is None:
        return
    insert(stage, DRAFT, suffix)
    table, what, where = bad.change
    key = "id" if table == "journal_entries" else "entry_id"
    verb = "DELETE FROM" if what == "DELETE" else "UPDATE"
    change = "" if what == "DELETE" else stage.filled(what)
    stage.conn.execute(
        f"{verb} ledger.{table}{suffix} {change} WHERE {key} = '{ID}' AND {where}".encode()
    )
    stage.conn.execute(
        f"UPDATE ledger.journal_entries{suffix} SET status = 'POSTED' WHERE id = '{ID}'".encode()
    )


def merged(stage: Stage, bad: Bad, suffix: str) -> None:
    """A good draft is changed and posted by MERGE."""
    if bad.change is None:
        return
    insert(stage, DRAFT, suffix)
    table, what, where = bad.change
    key = "id" if table == "journal_entries" else "entry_id"
    change = what if what == "DELETE" else "UPDATE " + stage.filled(what)
    for target, column, condition, then in (
        (table, key, where, change),
        ("journal_entries", "id", "true", "UPDATE SET status = 'POSTED'"),
    ):
        stage.conn.execute(
            f"MERGE INTO ledger.{target}{suffix} AS t USING (VALUES ('{ID}'::uuid)) AS v (key)"
            f" ON t.{column} = v.key AND {condition} WHEN MATCHED THEN {then}".encode()
        )


FUNCTIONS: dict[str, Callable[[Stage, Bad, str], None]] = {
    "single": single, "atomic": atomic, "draft": drafted, "line": by_line, "hold": held
}  # fmt: skip
TABLES: dict[str, Callable[[Stage, Bad, str], None]] = {
    "INSERT": insert, "COPY": copy, "MERGE": merge, "UPDATE": update, "MERGE UPDATE": merged
}  # fmt: skip


def _rows(stage: Stage, bad: Bad) -> list[tuple[str, dict[str, Any]]]:
    header = [("journal_entries", stage.header(bad))]
    return header + [("journal_lines", stage.line(line)) for line in bad.lines]
