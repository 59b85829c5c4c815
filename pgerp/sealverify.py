"""Is the journal what was sealed? Every byte is computed anew from the rows, in Python."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from pgerp.sealcode import (
    ENTRY_TAG,
    NO_HASH,
    MerkleTree,
    Seal,
    encode,
    leaf_hash,
)
from pgerp.sealfile import FileSeal, read_seals
from pgerp.sealreport import SealsReport, TenantResult
from pgerp.sealrows import CHUNK, Found, Leaf, SealRows, reading
from pgerp.sealwords import describe, differences, name_entry


def verify_seals(
    connection: psycopg.Connection[Any], file: Path | None = None
) -> SealsReport | None:
    """Verify the seals of every tenant, and with them the entries that they cover.

    Args:
        connection: In autocommit mode, of a role that sees every row; a standby will do.
        file: What `pgerp seal --export` wrote, kept where nobody of the server could reach it.

    Returns:
        What was found; None if the database has no seals at all (not migrated so far).

    Raises:
        PgerpError: The file cannot be read.
    """
    report = SealsReport(file=file)
    try:
        if connection.execute("SELECT to_regclass('ledger.seals')").fetchone() == (None,):
            return None
        with reading(connection, all_rows=True) as cursor:
            cursor.execute("SELECT id, name FROM identity.tenants ORDER BY id")
            found = {id: _Verifier(SealRows(cursor, id), TenantResult(name)) for id, name in cursor}
            for verifier in found.values():
                verifier.verify_chain()
            for exported in read_seals(file) if file else ():
                id = exported.seal.tenant_id
                if id not in found:
                    result = TenantResult(exported.tenant)
                    result.add("missing", f"the file has tenant {id}, the database has not")
                    found[id] = _Verifier(SealRows(cursor, id), result)
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

    def __init__(self, rows: SealRows, result: TenantResult) -> None:
        self._rows = rows
        self.result = result
        self._seals: dict[int, Seal] = {}
        self._altered: set[int] = set()
        self._replaced: set[int] = set()
        self._exported: Seal | None = None
        self._exported_ids: set[bytes] = set()
        self._distrusted: set[int] = set()

    def verify_chain(self) -> None:
        """Verify the seals in the database, their leaves, and the journal against the leaves."""
        seals = self._rows.seals()
        self._seals = {seal.seal_no: seal for seal in seals}
        counts = self._rows.leaf_counts()
        self.result.seals = len(seals)
        last: Seal | None = None
        for seal in seals:
            self._verify_link(seal, last)
            self._verify_leaves(seal, last)
            counts.pop(seal.seal_no, None)
            last = seal
        for number, count in sorted(counts.items()):
            self._blame("missing", number, f"seal {number} is missing, of {count} sealed entries")

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
        if seal.computed_hash() != seal.seal_hash:
            self._blame("altered", number, f"seal {number} was altered: its hash is another")

    def _verify_leaves(self, seal: Seal, last: Seal | None) -> None:
        """Verify the leaves of a seal against its root, and the journal against the leaves."""
        number = seal.seal_no
        tree = MerkleTree()
        expected, place = 1, ("", "")
        covered = (last.complete_before if last else None) or ""
        for leaves in self._rows.leaves(number):
            entries = self._rows.entries([leaf.entry_id for leaf in leaves])
            for leaf in leaves:
                if leaf.leaf_no != expected:
                    self._blame("missing", number, f"record {expected} of seal {number} is missing")
                expected = leaf.leaf_no + 1
                tree.add(leaf_hash(leaf.content))
                self._verify_record(seal, leaf)
                if not self._verify_entry(number, leaf.entry_id, leaf.content, entries):
                    continue
                now = (entries[leaf.entry_id].named["posted_at"] or "", leaf.entry_id)
                if now < place:
                    what = f"is out of order: it is record {leaf.leaf_no} of seal {number}"
                    self._name("out of order", what, number, leaf.entry_id, leaf.content)
                elif now[0] < covered:
                    what = f"was inserted: it says {now[0]}, which seal {number - 1} covers"
                    self._name("inserted", what, number, leaf.entry_id, leaf.content)
                place = now
        self.result.entries += tree.size
        if tree.root() != seal.merkle_root or tree.size != seal.entry_count:
            self._blame(
                "altered",
                number,
                f"the records of seal {number} in ledger.sealed_entries were changed, deleted,"
                " inserted or re-ordered: they do not hash to its root",
            )

    def _verify_record(self, seal: Seal, leaf: Leaf) -> None:
        """Only the content is hashed; the columns beside it must agree with it."""
        begin = encode((ENTRY_TAG, str(seal.tenant_id), leaf.entry_id, str(leaf.business_id)))
        if not leaf.content.startswith(begin):
            self._altered.add(seal.seal_no)
            what = f"record {leaf.leaf_no} of seal {seal.seal_no} was changed:"
            self.result.add(
                "altered",
                f"{what} beside entry {leaf.entry_id} is the content of another",
                seal_no=seal.seal_no,
            )

    def _verify_entry(
        self,
        seal_no: int,
        entry_id: str,
        sealed: str | None,
        entries: dict[str, Found],
        hashed: bytes | None = None,
    ) -> bool:
        """Compare an entry with what was sealed; return whether it is the same.

        Args:
            seal_no: The seal.
            entry_id: The entry.
            sealed: Its content when it was sealed, if that is known.
            entries: What the journal has.
            hashed: Its leaf hash by the file, where `sealed` is not known.
        """
        found = entries[entry_id]
        if not found.headers:
            kind, what = "deleted", "was deleted"
        elif len(found.headers) > 1:
            kind, what = "duplicated", "is both in the journal and in its archive"
        elif found.headers[0][0] == "DRAFT":
            kind, what = "changed", "was changed: status (found DRAFT)"
        elif sealed is not None:
            if sealed == found.content:
                return True
            kind, what = "changed", f"was changed: {'; '.join(differences(sealed, found.content))}"
        elif hashed == leaf_hash(found.content):
            return True
        else:
            sealed = found.content
            kind, what = "changed", "was changed, and the record of what it was with it"
        self._name(kind, what, seal_no, entry_id, sealed)
        return False

    def _name(
        self, kind: str, what: str, seal_no: int | None, id: str, content: str | None
    ) -> None:
        label = " ".join(filter(None, ("entry", id, describe(content))))
        self.result.add(kind, f"{label} {what}", entry_id=id, seal_no=seal_no)

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
        if theirs.computed_hash() != theirs.seal_hash or (
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
        """Hash the file's leaves; with `name`, compare the journal with them, too."""
        number = exported.seal.seal_no
        tree = MerkleTree()
        while leaves := list(islice(exported.leaves, CHUNK)):
            for leaf in leaves:
                tree.add(leaf.leaf_hash)
                if leaf.content is not None and leaf_hash(leaf.content) != leaf.leaf_hash:
                    self._distrust(where, number)
            if not name:
                continue
            ids = [leaf.entry_id for leaf in leaves]
            self._exported_ids.update(UUID(id).bytes for id in ids)
            entries, records = self._rows.entries(ids), self._rows.contents(ids)
            for leaf in leaves:
                record = records.get(leaf.entry_id)
                if record is not None and leaf_hash(record) != leaf.leaf_hash:
                    record = None
                sealed = leaf.content or record
                self._verify_entry(number, leaf.entry_id, sealed, entries, leaf.leaf_hash)
        if exported.detail != "none" and tree.root() != exported.seal.merkle_root:
            self._distrust(where, number)

    def _distrust(self, where: str, number: int) -> None:
        if number in self._distrusted:
            return
        self._distrusted.add(number)
        text = f"{where}: seal {number} contradicts itself: the file was edited or damaged"
        self.result.add("file", text, seal_no=number)

    def verify_rest(self) -> None:
        """Look for entries that no seal covers although one should."""
        known = [seal.complete_before for seal in self._seals.values()]
        if self._exported:
            known.append(self._exported.complete_before)
        complete_before = max(filter(None, known), default=None)
        trusted = [number for number in self._seals if number not in self._replaced]
        unsealed = self._rows.unsealed(complete_before, trusted)
        while ids := list(islice(unsealed, CHUNK)):
            strange = [id for id in ids if UUID(id).bytes not in self._exported_ids]
            for id, found in self._rows.entries(strange).items():
                self.result.add(
                    "inserted",
                    f"entry {id} {name_entry(found.named)} was inserted: it says that it was"
                    f" posted {found.named['posted_at']}, and no seal has it",
                    entry_id=id,
                )
        for id in self._rows.headless():
            if not self.result.has("deleted", id):
                text = f"lines of entry {id}, of which there is no header, were inserted"
                self.result.add("inserted", text, entry_id=id)
