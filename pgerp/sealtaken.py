"""What was taken out of the audit log on record: values that were redacted, years that went.

Each record is a row of a table that is logged itself, so its row of the log is under a later seal:
a record that was forged, changed or deleted differs from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg import sql

from pgerp.sealreport import SHOWN, Taken, TenantResult
from pgerp.sealrows import Cursor

KEPT_YEARS = 7
"""How long a year of the log is kept after its end, at least."""

_TABLES = {
    "redaction": ("redactions", ("log_id", "business_id", "columns", "reason", "created_by")),
    "removal": ("removals", ("log_year", "row_count", "seal_nos", "created_by")),
}
"""What is on record -> its table, and the columns that tell it."""


Record = tuple[Any, ...]


class TakenOut:
    """The records of one tenant.

    Args:
        cursor: In a transaction of `pgerp.sealrows.reading`.
        tenant_id: The tenant.
    """

    def __init__(self, cursor: Cursor, tenant_id: int) -> None:
        self._cursor = cursor
        self._tenant_id = tenant_id

    def removed_seals(self) -> dict[int, int]:
        """Return seal number -> the year with which its leaves were removed."""
        self._cursor.execute(
            "SELECT s.seal_no, r.log_year FROM audit.removals AS r INNER JOIN audit.seals AS s"
            " ON s.tenant_id = r.tenant_id AND r.seal_nos @> s.seal_no WHERE r.tenant_id = %s",
            (self._tenant_id,),
        )
        return dict(self._cursor.fetchall())

    def verify(self, result: TenantResult) -> None:
        """Compare the records with the log, and tell them."""
        years = {
            year
            for (year,) in self._cursor.execute(
                "SELECT log_year FROM audit.removals WHERE tenant_id = %s", (self._tenant_id,)
            )
        }
        for noun, (table, columns) in _TABLES.items():
            records, logged = self._records(table, columns), self._logged(table, columns)
            for id, record in records.items():
                # Its own row of the log may have gone with its year.
                if logged.get(id) != record and not (id not in logged and _year(record) in years):
                    text = f"{noun} {id} is not in the log as it says: it was forged or changed"
                    result.add("inserted", text, id=id)
            for id in logged.keys() - records.keys():
                text = f"{noun} {id} is in the log, but no more in audit.{table}"
                result.add("deleted", text, id=id)
        self._verify_years(result)
        result.taken = [*self._told_removals(), *self._told_redactions()]

    def _records(self, table: str, columns: Sequence[str]) -> dict[str, Record]:
        query = sql.SQL("SELECT to_jsonb(r) FROM {} AS r WHERE r.tenant_id = %s").format(
            sql.Identifier("audit", table)
        )
        return _by_id(self._cursor.execute(query, (self._tenant_id,)), columns)

    def _logged(self, table: str, columns: Sequence[str]) -> dict[str, Record]:
        query = (
            "SELECT l.new_row FROM audit.log AS l WHERE l.tenant_id = %s AND l.table_name = %s"
            " AND l.action = 'INSERT' AND jsonb_typeof(l.new_row) = 'object'"
        )
        rows = self._cursor.execute(query, (self._tenant_id, f"audit.{table}"))
        return _by_id(rows, columns)

    def _verify_years(self, result: TenantResult) -> None:
        """A year goes when it is old enough, and only seals that can be of it go with it."""
        self._cursor.execute(
            "SELECT r.id::text, r.log_year,"
            " extract(YEAR FROM r.created_at AT TIME ZONE 'UTC')::integer,"
            " (SELECT min(s.seal_no) FROM audit.seals AS s"
            "  INNER JOIN audit.seals AS b"
            "  ON b.tenant_id = s.tenant_id AND b.seal_no = s.seal_no - 1"
            "  WHERE s.tenant_id = r.tenant_id AND r.seal_nos @> s.seal_no"
            "  AND extract(YEAR FROM b.complete_before AT TIME ZONE 'UTC') > r.log_year)"
            " FROM audit.removals AS r WHERE r.tenant_id = %s ORDER BY r.id",
            (self._tenant_id,),
        )
        for id, year, removed_in, seal_no in self._cursor.fetchall():
            if removed_in <= year + KEPT_YEARS:
                text = f"removal {id} was forged: it says that {year} went in {removed_in}"
                result.add("inserted", text, id=id)
            if seal_no is not None:
                text = f"seal {seal_no} did not go with {year}: it covers nothing of before its end"
                result.add("missing", text, seal_no=seal_no)

    def _told_redactions(self) -> list[Taken]:
        self._cursor.execute(
            "SELECT r.created_at::text, r.created_by, format('%%s of %%s in %%s rows: %%s',"
            " string_agg(DISTINCT c.name, ', '), coalesce(l.table_name, 'rows that are gone'),"
            " count(DISTINCT r.log_id), r.reason)"
            " FROM audit.redactions AS r CROSS JOIN LATERAL unnest(r.columns) AS c (name)"
            " LEFT JOIN audit.log AS l ON l.tenant_id = r.tenant_id AND l.id = r.log_id"
            " WHERE r.tenant_id = %s GROUP BY r.created_at, r.created_by, r.reason, l.table_name"
            " ORDER BY r.created_at DESC, 3 LIMIT %s",
            (self._tenant_id, SHOWN),
        )
        return [Taken("redaction", *row) for row in self._cursor.fetchall()[::-1]]

    def _told_removals(self) -> list[Taken]:
        self._cursor.execute(
            "SELECT r.created_at::text, r.created_by, format('%%s, %%s rows', r.log_year,"
            " r.row_count) FROM audit.removals AS r WHERE r.tenant_id = %s ORDER BY r.id",
            (self._tenant_id,),
        )
        return [Taken("removal", *row) for row in self._cursor.fetchall()]


def _by_id(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> dict[str, Record]:
    """Return id -> what is told, and when, as far as the JSON has it."""
    return {
        str(row.get("id")): (*(row.get(name) for name in columns), _instant(row.get("created_at")))
        for (row,) in rows
    }


def _instant(text: Any) -> Any:
    """Return the instant that a JSON of PostgreSQL tells, whatever its time zone."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return text


def _year(record: Record) -> int | None:
    return record[-1].year if isinstance(record[-1], datetime) else None
