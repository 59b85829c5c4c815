"""The journal under its seals: entries as they are, and how they differ from what was sealed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from pgerp.sealcode import encode, leaf_hash
from pgerp.sealentry import ENTRY_TAG, HEADER, LINE, REVERSAL, entry_content
from pgerp.sealfile import FileLeaf
from pgerp.sealreport import TenantResult
from pgerp.sealrows import Cursor, Kind, Record, SealRows, Verdict
from pgerp.sealwords import describe, differences, name_entry

JOURNAL = Kind(
    name="ledger",
    tag="pgerp-seal-1",
    schema="ledger",
    records="sealed_entries",
    id_column="entry_id",
    noun="entries",
    has_contents=True,
)


@dataclass
class Found:
    """An entry in the journal, or what is left of it.

    Attributes:
        id: The entry.
        headers: Its header in each place where it is, as text: status, HEADER, REVERSAL. One, if
            all is well; none, if it was deleted.
        lines: Its lines, LINE as text, by number.
    """

    id: str
    headers: list[tuple[str | None, ...]] = field(default_factory=list)
    lines: list[tuple[str | None, ...]] = field(default_factory=list)

    @property
    def content(self) -> str:
        """Its encoding; of the first header, where there are several."""
        head = self.headers[0][1:]
        return entry_content(head[: len(HEADER)], head[len(HEADER) :], self.lines)

    @property
    def named(self) -> dict[str, str | None]:
        """The columns of its header by name."""
        return dict(zip(HEADER, self.headers[0][1:], strict=False))


class JournalRows(SealRows[Found]):
    """The journal of one tenant, and its archive; see SealRows."""

    kind = JOURNAL
    columns = ("business_id", "content")

    def __init__(self, cursor: Cursor, tenant_id: int) -> None:
        super().__init__(cursor, tenant_id)
        row = cursor.execute("SELECT to_regclass('ledger_archive.journal_entries')").fetchone()
        self._schemas = ["ledger", "ledger_archive"] if row and row[0] else ["ledger"]

    def _record(self, leaf_no: int, id: str, *more: Any) -> Record:
        business_id, content = more
        return Record(leaf_no, id, leaf_hash(content), content, (business_id,))

    def there(self, ids: Sequence[str]) -> dict[str, Found]:
        """Return entry id -> what the journal and its archive have of it."""
        found = {id: Found(id) for id in ids}
        for schema in self._schemas:
            head = sql.SQL(
                "SELECT e.id::text, e.status::text, {columns}, {reversal}"
                " FROM {entries} AS e LEFT JOIN ledger.reversals AS r"
                " ON r.tenant_id = e.tenant_id AND r.reversal_id = e.id"
                " WHERE e.tenant_id = %s AND e.id = ANY (%s::uuid[])"
            ).format(
                columns=_columns("e", HEADER),
                reversal=_columns("r", REVERSAL),
                entries=sql.Identifier(schema, "journal_entries"),
            )
            for id, *header in self.cursor.execute(head, (self.tenant_id, list(ids))):
                found[id].headers.append(tuple(header))
            body = sql.SQL(
                "SELECT l.entry_id::text, {columns} FROM {lines} AS l"
                " WHERE l.tenant_id = %s AND l.entry_id = ANY (%s::uuid[]) ORDER BY l.line_no"
            ).format(columns=_columns("l", LINE), lines=sql.Identifier(schema, "journal_lines"))
            for id, *line in self.cursor.execute(body, (self.tenant_id, list(ids))):
                found[id].lines.append(tuple(line))
        return found

    def judge(self, there: Found, record: Record | None, leaf: FileLeaf | None) -> Verdict | None:
        """Compare an entry with what was sealed."""
        sealed = record.content if record else None
        if leaf is not None:
            believed = record is not None and record.leaf_hash == leaf.leaf_hash
            sealed = leaf.content or (sealed if believed else None)
        if not there.headers:
            kind, what = "deleted", "was deleted"
        elif len(there.headers) > 1:
            kind, what = "duplicated", "is both in the journal and in its archive"
        elif there.headers[0][0] == "DRAFT":
            kind, what = "changed", "was changed: status (found DRAFT)"
        elif sealed is not None:
            if sealed == there.content:
                return None
            kind, what = "changed", f"was changed: {'; '.join(differences(sealed, there.content))}"
        elif leaf is not None and leaf.leaf_hash == leaf_hash(there.content):
            return None
        else:
            sealed = there.content
            kind, what = "changed", "was changed, and the record of what it was with it"
        return Verdict(kind, f"{self.label(there, sealed)} {what}")

    def misfit(self, record: Record) -> str | None:
        """Only the content is hashed; the columns beside it must agree with it."""
        begin = encode((ENTRY_TAG, str(self.tenant_id), record.id, str(record.more[0])))
        if (record.content or "").startswith(begin):
            return None
        return f"beside entry {record.id} is the content of another"

    def place(self, there: Found) -> tuple[str, str]:
        """Entries are sealed in the order of posted_at and id."""
        return there.named["posted_at"] or "", there.id

    def label(self, there: Found, content: str | None) -> str:
        """Name an entry by what was sealed, or else by what is there."""
        words = describe(content) if content or not there.headers else name_entry(there.named)
        return " ".join(filter(None, ("entry", there.id, words)))

    def unsealed(self, complete_before: str | None, seal_nos: Sequence[int]) -> Iterator[str]:
        """Yield the ids of posted entries before the instant, and of the whole archive."""
        for schema in self._schemas:
            query = sql.SQL(
                "SELECT e.id::text FROM {entries} AS e WHERE e.tenant_id = %s AND {posted}"
                " AND NOT EXISTS (SELECT FROM ledger.sealed_entries AS s"
                " WHERE s.tenant_id = e.tenant_id AND s.entry_id = e.id"
                " AND s.seal_no = ANY (%s::bigint[]))"
            ).format(
                entries=sql.Identifier(schema, "journal_entries"),
                posted=sql.SQL("e.posted_at < {}").format(sql.Literal(complete_before))
                if schema == "ledger"
                else sql.SQL("e.posted_at IS NOT NULL"),
            )
            yield from self.stream(query, (self.tenant_id, list(seal_nos)))

    def verify_rest(self, result: TenantResult) -> None:
        """Look for lines of entries that do not exist."""
        for id in self._headless():
            if not result.has("deleted", id):
                text = f"lines of entry {id}, of which there is no header, were inserted"
                result.add("inserted", text, id=id)

    def _headless(self) -> list[str]:
        entries, lines = (
            sql.SQL(" UNION ALL ").join(
                sql.SQL("SELECT tenant_id, {} AS id FROM {}").format(
                    sql.Identifier(key), sql.Identifier(schema, table)
                )
                for schema in self._schemas
            )
            for key, table in (("id", "journal_entries"), ("entry_id", "journal_lines"))
        )
        query = sql.SQL(
            "SELECT DISTINCT l.id::text FROM ({lines}) AS l WHERE l.tenant_id = %s AND NOT EXISTS"
            " (SELECT FROM ({entries}) AS e WHERE e.tenant_id = %s AND e.id = l.id)"
        ).format(lines=lines, entries=entries)
        self.cursor.execute(query, (self.tenant_id, self.tenant_id))
        return [id for (id,) in self.cursor]


def _columns(alias: str, names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(alias, name)) for name in names
    )
