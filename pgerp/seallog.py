"""The audit log under its seals: rows as they are, and what was taken out of them on record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from pgerp.sealchange import HEAD, SIDES, Secrets, Side, change_content
from pgerp.sealcode import instant_of, leaf_hash
from pgerp.sealfile import FileLeaf
from pgerp.sealreport import TenantResult
from pgerp.sealrows import Kind, Record, SealRows, Verdict
from pgerp.sealtaken import TakenOut

LOG = Kind(
    name="audit",
    tag="pgerp-audit-seal-1",
    schema="audit",
    records="sealed_changes",
    id_column="log_id",
    noun="rows of the audit log",
    has_contents=False,
    of_no_tenant="(no tenant)",
)


@dataclass(frozen=True)
class Change:
    """A row of the log.

    Attributes:
        id: Its id.
        head: The columns HEAD, as text; None if the row is not there.
        old: Its side before the change.
        new: Its side after it.
        redacted: The columns that audit.redactions has of it.
    """

    id: str
    head: tuple[str | None, ...] | None = None
    old: Side = None
    new: Side = None
    redacted: frozenset[str] = frozenset()


class LogRows(SealRows[Change]):
    """The audit log of one tenant; see SealRows."""

    kind = LOG
    columns = ("leaf_hash", "salt", "openings")

    def _record(self, leaf_no: int, id: str, *more: Any) -> Record:
        hashed, *secrets = more
        return Record(leaf_no, id, hashed, more=tuple(secrets))

    def there(self, ids: Sequence[str]) -> dict[str, Change]:
        """Return id -> the row of the log."""
        query = sql.SQL(
            "SELECT l.id::text, {columns}, {old}, {new}, ARRAY("
            "SELECT unnest(r.columns) FROM audit.redactions AS r"
            " WHERE r.tenant_id = l.tenant_id AND r.log_id = l.id)"
            " FROM audit.log AS l WHERE l.tenant_id = %s AND l.id = ANY (%s::uuid[])"
        ).format(
            columns=sql.SQL(", ").join(
                sql.SQL("{}::text").format(sql.Identifier("l", name)) for name in HEAD
            ),
            old=_side("old_row"),
            new=_side("new_row"),
        )
        found = {id: Change(id) for id in ids}
        for id, *row in self.cursor.execute(query, (self.tenant_id, list(ids))):
            head, (old, new, redacted) = tuple(row[: len(HEAD)]), row[len(HEAD) :]
            found[id] = Change(id, head, _dict(old), _dict(new), frozenset(redacted))
        return found

    def judge(self, there: Change, record: Record | None, leaf: FileLeaf | None) -> Verdict | None:
        """Compare a row of the log with what was sealed."""
        label = self.label(there, None)
        if there.head is None:
            return Verdict("deleted", f"{label} was deleted")
        if record is None:
            what = "cannot be proved any more: its record with the salt is gone"
            return Verdict("changed", f"{label} {what}")
        secrets = Secrets(*record.more)
        content = change_content(there.head, there.old, there.new, secrets)
        hashed = leaf.leaf_hash if leaf else record.leaf_hash
        if content is None or leaf_hash(content) != hashed:
            again = leaf is not None and record.leaf_hash != leaf.leaf_hash
            what = "was changed" + (", or sealed again with another salt" if again else "")
            return Verdict("changed", f"{label} {what}")
        hidden = {
            name
            for side, row in zip(SIDES, (there.old, there.new), strict=True)
            for name in row or {}
            if secrets.opening(side, name)[0] == "hash" and name not in there.redacted
        }
        if hidden:
            what = f"was changed: no redaction of {', '.join(sorted(hidden))} is on record"
            return Verdict("changed", f"{label} {what}")
        return None

    def misfit(self, record: Record) -> str | None:
        """All that is beside the hash is proved by it."""
        return None

    def place(self, there: Change) -> tuple[str, str]:
        """Rows are sealed in the order of their ids, which tell when they were made."""
        return instant_of(there.id), there.id

    def label(self, there: Change, content: str | None) -> str:
        """Name a row: when it was made, what it tells of, and who did that."""
        if there.head is None:
            return f"row {there.id} (of {instant_of(there.id)})"
        named = dict(zip(HEAD, there.head, strict=True))
        key = named["row_key"] or ""
        short = key if len(key) <= 60 else f"{key[:59]}…"
        what = f"{named['action']} of {named['table_name']} {short} by {named['actor']}"
        return f"row {there.id} ({what}, {named['logged_at']})"

    def unsealed(self, complete_before: str | None, seal_nos: Sequence[int]) -> Iterator[str]:
        """Yield the ids of rows whose id is of before the instant."""
        if complete_before is None:
            return
        self.cursor.execute(
            "SELECT floor(extract(EPOCH FROM %s::timestamptz) * 1000)::bigint", (complete_before,)
        )
        row = self.cursor.fetchone()
        assert row is not None
        query = sql.SQL(
            "SELECT l.id::text FROM audit.log AS l WHERE l.tenant_id = %s AND l.id < %s::uuid"
            " AND NOT EXISTS (SELECT FROM audit.sealed_changes AS s"
            " WHERE s.tenant_id = l.tenant_id AND s.log_id = l.id"
            " AND s.seal_no = ANY (%s::bigint[]))"
        ).format()
        first = str(UUID(int=row[0] << 80))
        yield from self.stream(query, (self.tenant_id, first, list(seal_nos)))

    def removed(self) -> Mapping[int, int]:
        """Return seal number -> the year with which its leaves were removed, by the record."""
        return TakenOut(self.cursor, self.tenant_id).removed_seals()

    def verify_rest(self, result: TenantResult) -> None:
        """Compare the records of what was taken out of the log with the log; tell what they say."""
        TakenOut(self.cursor, self.tenant_id).verify(result)


def _side(name: str) -> sql.Composed:
    """Return the expression of a side: pairs of column and value, as JSON; NULL without it."""
    return sql.SQL(
        "CASE jsonb_typeof(l.{name}) WHEN 'object' THEN ARRAY("
        "SELECT ARRAY[c.key, c.value::text] FROM jsonb_each(l.{name}) AS c)"
        " ELSE ARRAY[ARRAY['', l.{name}::text]] END"
    ).format(name=sql.Identifier(name))


def _dict(pairs: list[list[Any]]) -> Side:
    return None if pairs == [["", None]] else dict(pairs)
