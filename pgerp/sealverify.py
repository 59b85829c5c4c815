"""Is what was sealed as it was? Every byte is computed anew from the rows, in Python."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from pgerp.sealcode import NO_HASH, MerkleTree, Seal, instant_of, leaf_hash
from pgerp.sealfile import FileSeal, read_seals
from pgerp.sealjournal import JournalRows
from pgerp.sealreport import SealsReport, TenantResult
from pgerp.sealrows import CHUNK, Record, SealRows, reading


def verify_seals(
    connection: psycopg.Connection[Any],
    file: Path | None = None,
    *,
    of: type[SealRows[Any]] = JournalRows,
) -> SealsReport | None:
    """Verify the seals of every tenant, and with them what they cover.

    Args:
        connection: In autocommit mode, of a role that sees every row; a standby will do.
        file: What `pgerp seal --export` wrote, kept where nobody of the server could reach it.
        of: What is sealed.

    Returns:
        What was found; None if the database has no such seals at all (not migrated so far).

    Raises:
        PgerpError: The file cannot be read.
    """
    kind = of.kind
    report = SealsReport(kind.noun, kind.id_column, file=file)
    try:
        seals = f"{kind.schema}.seals"
        if connection.execute("SELECT to_regclass(%s)", (seals,)).fetchone() == (None,):
            return None
        with reading(connection, all_rows=True) as cursor:
            # So that a role that may not read them is told even where there is nothing to read.
            cursor.execute(
                sql.SQL("SELECT FROM {} LIMIT 0").format(sql.Identifier(kind.schema, kind.records))
            )
            cursor.execute("SELECT id, name FROM identity.tenants ORDER BY id")
            names = ({0: kind.of_no_tenant} if kind.of_no_tenant else {}) | dict(cursor)
            found = {
                id: _Verifier(of(cursor, id), TenantResult(name)) for id, name in names.items()
            }
            for verifier in found.values():
                verifier.verify_chain()
            for exported in read_seals(file) if file else ():
                if exported.of != kind.name:
                    continue
                id = exported.seal.tenant_id
                if id not in found:
                    result = TenantResult(exported.tenant)
                    result.add("missing", f"the file has tenant {id}, the database has not")
                    found[id] = _Verifier(of(cursor, id), result)
                found[id].compare(exported, f"{file}:{exported.line}")
            for verifier in found.values():
                verifier.verify_rest()
    except psycopg.errors.InsufficientPrivilege as error:
        report.reason = (
            f"{error.diag.message_primary} (SQLSTATE {error.sqlstate}). Run verify as a role that"
            " sees every row: a superuser, or one with BYPASSRLS and SELECT on the tables, like"
            " pgerp_backup."
        )
        return report
    report.tenants = [verifier.result for verifier in found.values()]
    return report


class _Verifier:
    """Verifies one tenant: its own chain first, then against the file, then what is in no seal."""

    def __init__(self, rows: SealRows[Any], result: TenantResult) -> None:
        self._rows = rows
        self.result = result
        self._seals: dict[int, Seal] = {}
        self._removed: dict[int, int] = {}
        self._altered: set[int] = set()
        self._replaced: set[int] = set()
        self._exported: Seal | None = None
        self._exported_ids: set[bytes] = set()
        self._distrusted: set[int] = set()

    def verify_chain(self) -> None:
        """Verify the seals in the database, their leaves, and what is there against the leaves."""
        seals = self._rows.seals()
        self._seals = {seal.seal_no: seal for seal in seals}
        counts = self._rows.leaf_counts()
        # Only where nothing is left: leaves that are there must hash to the root.
        self._removed = {
            number: year for number, year in self._rows.removed().items() if number not in counts
        }
        self.result.seals = len(seals)
        last: Seal | None = None
        for seal in seals:
            self._verify_link(seal, last)
            if seal.seal_no not in self._removed:
                self._verify_leaves(seal, last)
            counts.pop(seal.seal_no, None)
            last = seal
        for number, count in sorted(counts.items()):
            self._blame("missing", number, f"seal {number} is missing, of {count} records")

    def _verify_link(self, seal: Seal, last: Seal | None) -> None:
        number = seal.seal_no
        before = last.seal_no if last else 0
        if number != before + 1:
            which = f"seal {before + 1}" + (f" to {number - 1}" if number > before + 2 else "")
            self._blame("missing", number, f"{which} is missing")
        elif (seal.previous_hash, seal.first_position) != (
            (last.seal_hash, last.last_position + 1) if last else (NO_HASH, 1)
        ):
            what = f"does not follow seal {before}" if last else "does not begin a chain"
            self._blame("altered", number, f"seal {number} {what}: altered, or made anew")
        if seal.computed_hash(self._rows.kind.tag) != seal.seal_hash:
            self._blame("altered", number, f"seal {number} was altered: its hash is another")

    def _verify_leaves(self, seal: Seal, last: Seal | None) -> None:
        """Verify the leaves of a seal against its root, and what is there against the leaves."""
        number = seal.seal_no
        tree = MerkleTree()
        expected, place = 1, ("", "")
        covered = (last.complete_before if last else None) or ""
        for records in self._rows.leaves(number):
            there = self._rows.there([record.id for record in records])
            for record in records:
                if record.leaf_no != expected:
                    self._blame("missing", number, f"record {expected} of seal {number} is missing")
                expected = record.leaf_no + 1
                tree.add(record.leaf_hash)
                self._verify_record(number, record)
                one = there[record.id]
                if verdict := self._rows.judge(one, record, None):
                    self.result.add(verdict.kind, verdict.text, id=record.id, seal_no=number)
                    continue
                label, now = self._rows.label(one, record.content), self._rows.place(one)
                if now < place:
                    what = f"is out of order: it is record {record.leaf_no} of seal {number}"
                    self.result.add("out of order", f"{label} {what}", id=record.id, seal_no=number)
                elif now[0] < covered:
                    what = f"was inserted: it says {now[0]}, which seal {number - 1} covers"
                    self.result.add("inserted", f"{label} {what}", id=record.id, seal_no=number)
                place = now
        self.result.leaves += tree.size
        if tree.root() != seal.merkle_root or tree.size != seal.leaf_count:
            kind = self._rows.kind
            self._blame(
                "altered",
                number,
                f"the records of seal {number} in {kind.schema}.{kind.records} were changed,"
                " deleted, inserted or re-ordered: they do not hash to its root",
            )

    def _verify_record(self, number: int, record: Record) -> None:
        if what := self._rows.misfit(record):
            self._altered.add(number)
            text = f"record {record.leaf_no} of seal {number} was changed: {what}"
            self.result.add("altered", text, seal_no=number)

    def _blame(self, kind: str, seal_no: int, text: str) -> None:
        self._altered.add(seal_no)
        self.result.add(kind, text, seal_no=seal_no)

    def compare(self, exported: FileSeal, where: str) -> None:
        """Compare the file's next seal of this tenant with the database.

        Args:
            exported: The seal.
            where: Its place in the file.
        """
        theirs, number = exported.seal, exported.seal.seal_no
        last, self._exported = self._exported, theirs
        follows = (last.seal_no + 1, last.seal_hash, last.last_position + 1) if last else None
        if theirs.computed_hash(self._rows.kind.tag) != theirs.seal_hash or (
            number,
            theirs.previous_hash,
            theirs.first_position,
        ) != (follows or (1, NO_HASH, 1)):
            self._distrust(where, number)
        ours = self._seals.get(number)
        if ours is None:
            self.result.add(
                "missing",
                f"seal {number} is missing: {where} has it, made {theirs.sealed_at}",
                seal_no=number,
            )
        elif ours.seal_hash != theirs.seal_hash:
            self.result.add(
                "altered", f"seal {number} is not the one that {where} has", seal_no=number
            )
        same = ours is not None and ours.seal_hash == theirs.seal_hash
        if not same:
            self._replaced.add(number)
        self._compare_leaves(exported, where, name=not same or number in self._altered)

    def _compare_leaves(self, exported: FileSeal, where: str, *, name: bool) -> None:
        """Hash the file's leaves; with `name`, compare what is there with them, too."""
        number = exported.seal.seal_no
        tree = MerkleTree()
        while leaves := list(islice(exported.leaves, CHUNK)):
            for leaf in leaves:
                tree.add(leaf.leaf_hash)
                if leaf.content is not None and leaf_hash(leaf.content) != leaf.leaf_hash:
                    self._distrust(where, number)
            if number in self._removed:
                self._verify_year(number, [leaf.id for leaf in leaves], where)
            if not name:
                continue
            ids = [leaf.id for leaf in leaves]
            self._exported_ids.update(UUID(id).bytes for id in ids)
            there, records = self._rows.there(ids), self._rows.leaves_of(ids)
            for leaf in leaves:
                verdict = self._rows.judge(there[leaf.id], records.get(leaf.id), leaf)
                if verdict:
                    self.result.add(verdict.kind, verdict.text, id=leaf.id, seal_no=number)
        if exported.detail != "none" and tree.root() != exported.seal.merkle_root:
            self._distrust(where, number)

    def _verify_year(self, number: int, ids: list[str], where: str) -> None:
        """What was removed with a year must have been of that year."""
        year = self._removed[number]
        wrong = [id for id in ids if instant_of(id)[:4] != str(year)]
        if wrong:
            text = f"seal {number} did not go with {year}: {where} has row {wrong[0]} in it"
            self._blame("missing", number, text)

    def _distrust(self, where: str, number: int) -> None:
        if number in self._distrusted:
            return
        self._distrusted.add(number)
        text = f"{where}: seal {number} contradicts itself: the file was edited or damaged"
        self.result.add("file", text, seal_no=number)

    def verify_rest(self) -> None:
        """Look for what no seal covers although one should."""
        known = [seal.complete_before for seal in self._seals.values()]
        if self._exported:
            known.append(self._exported.complete_before)
        complete_before = max(filter(None, known), default=None)
        trusted = [number for number in self._seals if number not in self._replaced]
        unsealed = self._rows.unsealed(complete_before, trusted)
        while ids := list(islice(unsealed, CHUNK)):
            strange = [id for id in ids if UUID(id).bytes not in self._exported_ids]
            for id, one in self._rows.there(strange).items():
                what = f"was inserted: it says {self._rows.place(one)[0]}, and no seal has it"
                self.result.add("inserted", f"{self._rows.label(one, None)} {what}", id=id)
        self._rows.verify_rest(self.result)
