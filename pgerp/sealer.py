"""Sealing tenants' journals, and writing the seals to a file that leaves the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pgerp.errors import PgerpError
from pgerp.sealcode import Seal
from pgerp.sealfile import SealWriter, appending, read_seals
from pgerp.sealrows import SealRows, reading
from pgerp.session import TenantSession, database_error, open_tenant, privilege_error


@dataclass(frozen=True)
class Sealed:
    """What was done for a tenant.

    Attributes:
        tenant: Its name.
        seals: How many seals were made now.
        entries: How many entries they cover.
        last: The number and hash of its last seal; None if it has none.
        exported: How many seals were written to the file.
    """

    tenant: str
    seals: int
    entries: int
    last: tuple[int, bytes] | None
    exported: int


def seal(
    connection: psycopg.Connection[Any],
    *,
    tenant: str | None = None,
    export: Path | None = None,
    detail: str = "hashes",
) -> list[Sealed]:
    """Seal what was posted since the last seal, and export the seals that a file lacks.

    Args:
        connection: In autocommit mode, of a role that may issue tokens.
        tenant: One tenant by name; None = every active one.
        export: The file; it is begun, or the seals that it lacks are added.
        detail: What the file is to keep of each entry; see pgerp.sealfile.DETAILS.

    Raises:
        PgerpError: No such tenant; no privilege; the file cannot be read or written, or its seals
            are not those of the database.
    """
    try:
        tenants = _tenants(connection, tenant)
        made = {id: _seal(TenantSession(connection, id)) for id in tenants}
        if export is None:
            written: dict[int, int] = {}
        else:
            written = _export(connection, tenants, export, detail)
        return [
            Sealed(name, *made[id], _last(connection, id), written.get(id, 0))
            for id, name in tenants.items()
        ]
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, "ledger.seal") from error


def _tenants(connection: psycopg.Connection[Any], name: str | None) -> dict[int, str]:
    """Return id -> name of the tenants to seal."""
    if name is not None:
        return {open_tenant(connection, name).tenant_id: name}
    rows = connection.execute("SELECT id, name FROM identity.tenants WHERE is_active ORDER BY id")
    return dict(rows.fetchall())


def _seal(session: TenantSession) -> tuple[int, int]:
    """Seal a tenant's journal; return how many seals were made and how many entries they cover."""
    with session.transaction() as cursor:
        cursor.execute("SELECT first_position, last_position FROM ledger.seal()")
        spans = cursor.fetchall()
    return len(spans), sum(last - first + 1 for first, last in spans)


def _last(connection: psycopg.Connection[Any], tenant_id: int) -> tuple[int, bytes] | None:
    with _owner_reading(connection, tenant_id) as rows:
        seals = rows.seals()
    return (seals[-1].seal_no, seals[-1].seal_hash) if seals else None


def _export(
    connection: psycopg.Connection[Any], tenants: dict[int, str], path: Path, detail: str
) -> dict[int, int]:
    """Write the seals that the file lacks; return tenant -> how many."""
    there: dict[int, dict[int, Seal]] = {}
    if path.exists():
        for one in read_seals(path):
            there.setdefault(one.seal.tenant_id, {})[one.seal.seal_no] = one.seal
    written: dict[int, int] = {}
    with appending(path, detail) as writer:
        for id, name in tenants.items():
            with _owner_reading(connection, id) as rows:
                written[id] = _append(rows, name, there.get(id, {}), path, writer)
        if not path.exists():
            writer()
    return written


def _append(
    rows: SealRows,
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
    for one in new:
        writer().seal(one, tenant, _leaves(rows, one.seal_no))
    return len(new)


def _leaves(rows: SealRows, seal_no: int) -> Iterator[tuple[str, str]]:
    for leaves in rows.leaves(seal_no):
        for leaf in leaves:
            yield leaf.entry_id, leaf.content


@contextmanager
def _owner_reading(connection: psycopg.Connection[Any], tenant_id: int) -> Iterator[SealRows]:
    """Read a tenant's rows as a member of the owner, whose row security goes by this setting."""
    with reading(connection, all_rows=False) as cursor:
        cursor.execute("SELECT set_config('pgerp.tenant_id', %s, true)", (str(tenant_id),))
        yield SealRows(cursor, tenant_id)
