"""Sealing tenants' journals and logs, and writing the seals to a file that leaves the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pgerp.errors import PgerpError
from pgerp.sealcode import Seal
from pgerp.sealfile import FileLeaf, SealWriter, appending, read_seals
from pgerp.sealjournal import JournalRows
from pgerp.sealrows import SealRows, reading
from pgerp.session import TenantSession, database_error, open_tenant, privilege_error

Of = type[SealRows[Any]]
"""What is sealed: JournalRows or pgerp.seallog.LogRows."""


@dataclass(frozen=True)
class Sealed:
    """What was done for a tenant.

    Attributes:
        tenant: Its name.
        seals: How many seals were made now.
        leaves: How many entries, or rows of the log, they cover.
        last: The number and hash of its last seal; None if it has none.
        exported: How many seals were written to the file.
    """

    tenant: str
    seals: int
    leaves: int
    last: tuple[int, bytes] | None
    exported: int


def seal(
    connection: psycopg.Connection[Any],
    *,
    of: Of = JournalRows,
    tenant: str | None = None,
    export: Path | None = None,
    detail: str = "hashes",
) -> list[Sealed]:
    """Seal what came since the last seal, and export the seals that a file lacks.

    Args:
        connection: In autocommit mode, of a role that may issue tokens.
        of: What to seal.
        tenant: One tenant by name; None = every active one, and what is of no tenant.
        export: The file; it is begun, or the seals that it lacks are added.
        detail: What the file is to keep of each leaf; see pgerp.sealfile.DETAILS.

    Raises:
        PgerpError: No such tenant; no privilege; the file cannot be read or written, or its seals
            are not those of the database.
    """
    try:
        tenants = _tenants(connection, tenant, of)
        made = {id: _seal(connection, id, of) for id in tenants}
        if export is None:
            written: dict[int, int] = {}
        else:
            written = _export(connection, tenants, export, detail, of)
        return [
            Sealed(name, *made[id], _last(connection, id, of), written.get(id, 0))
            for id, name in tenants.items()
        ]
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, f"{of.kind.schema}.seal") from error


def _tenants(connection: psycopg.Connection[Any], name: str | None, of: Of) -> dict[int, str]:
    """Return id -> name of the tenants to seal."""
    if name is not None:
        return {open_tenant(connection, name).tenant_id: name}
    rows = connection.execute("SELECT id, name FROM identity.tenants WHERE is_active ORDER BY id")
    shared = {0: of.kind.of_no_tenant} if of.kind.of_no_tenant else {}
    return {**shared, **dict(rows.fetchall())}


def _seal(connection: psycopg.Connection[Any], tenant_id: int, of: Of) -> tuple[int, int]:
    """Seal for a tenant; return how many seals were made and how many leaves they have."""
    function = sql.Identifier(of.kind.schema, "seal" if tenant_id else "seal_shared")
    query = sql.SQL("SELECT first_position, last_position FROM {}()").format(function)
    if tenant_id:
        with TenantSession(connection, tenant_id).transaction() as cursor:
            spans = cursor.execute(query).fetchall()
    else:
        spans = connection.execute(query).fetchall()
    return len(spans), sum(last - first + 1 for first, last in spans)


def _last(connection: psycopg.Connection[Any], tenant_id: int, of: Of) -> tuple[int, bytes] | None:
    with _owner_reading(connection, tenant_id, of) as rows:
        seals = rows.seals()
    return (seals[-1].seal_no, seals[-1].seal_hash) if seals else None


def _export(
    connection: psycopg.Connection[Any], tenants: dict[int, str], path: Path, detail: str, of: Of
) -> dict[int, int]:
    """Write the seals that the file lacks; return tenant -> how many."""
    there: dict[int, dict[int, Seal]] = {}
    if path.exists():
        for one in read_seals(path):
            if one.of == of.kind.name:
                there.setdefault(one.seal.tenant_id, {})[one.seal.seal_no] = one.seal
    if detail == "contents" and not of.kind.has_contents:
        detail = "hashes"
    written: dict[int, int] = {}
    with appending(path, detail) as writer:
        for id, name in tenants.items():
            with _owner_reading(connection, id, of) as rows:
                written[id] = _append(rows, name, there.get(id, {}), path, writer)
        if not path.exists():
            writer()
    return written


def _append(
    rows: SealRows[Any],
    tenant: str,
    there: dict[int, Seal],
    path: Path,
    writer: Callable[[], SealWriter],
) -> int:
    ours = rows.seals()
    wrong = [one.seal_no for one in there.values() if one not in ours]
    if wrong:
        raise PgerpError(
            f"seal {wrong[0]} of tenant {tenant!r} in the file is not the database's",
            where=str(path),
            detail="Nothing was added to the file.",
            hint="Look first: pgerp verify --seals FILE names what differs. "
            "Or export to a new file, and keep this one.",
        )
    new = [one for one in ours if one.seal_no not in there]
    removed = rows.removed()
    for one in new:
        leaves = None if one.seal_no in removed else _leaves(rows, one.seal_no)
        writer().seal(rows.kind.name, one, tenant, leaves)
    return len(new)


def _leaves(rows: SealRows[Any], seal_no: int) -> Iterator[FileLeaf]:
    for records in rows.leaves(seal_no):
        for record in records:
            yield FileLeaf(record.id, record.leaf_hash, record.content)


@contextmanager
def _owner_reading(
    connection: psycopg.Connection[Any], tenant_id: int, of: Of
) -> Iterator[SealRows[Any]]:
    """Read a tenant's rows as a member of the owner, whose row security goes by this setting."""
    with reading(connection, all_rows=False) as cursor:
        cursor.execute("SELECT set_config('pgerp.tenant_id', %s, true)", (str(tenant_id),))
        yield of(cursor, tenant_id)
