"""Drift: what a database's catalog has, against what its migrations and files say it should have.

The expected catalog is not computed but made: the migrations that the database has are applied to
an empty scratch database on the same server, by the code that `up` uses, and the two catalogs are
compared. Where no database can be made (a standby, a role without CREATEDB), the embedded server
takes its place if it is of the same major version.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from pgerp import catalog, history, repeatables
from pgerp.apply import apply
from pgerp.catalog import Difference
from pgerp.errors import PgerpError
from pgerp.history import Connection
from pgerp.migrations import Migration
from pgerp.partitions import PARTITION, deviations
from pgerp.prepare import prepare
from pgerp.progress import Silent
from pgerp.project import Project
from pgerp.repeatables import Repeatable
from pgerp.repeatables.model import DEFINING
from pgerp.scratch import refusal, scratch_database
from pgerp.state import State
from pgerp.transaction import Settings, open_worker

_DATABASE_WIDE = ("extension ", "event trigger ", "publication ", "subscription ")
_PUBLIC_ITSELF = re.compile(r"(?:(?:comment|privileges) on )?schema public")
_IN_PUBLIC = re.compile(r"(?:^| )public\.")


@dataclass
class Drift:
    """What comparing the catalogs found.

    Attributes:
        reason: Why nothing was compared, as sentences; None when it was.
        built_on: Where the expected catalog was made: "this server" or "embedded PostgreSQL 18".
        differences: Every object that is not as expected.
        partitions: Partitions that only one side has, "extra …" or "missing …". They come and go
            with the data, so they are no drift, unless their shape is not that of their siblings.
        not_compared: Objects that were left out, since the file that defines them is not applied
            yet in its present text.
        not_ours: Schemas of nobody's project and database-wide objects that no file makes.
    """

    reason: str | None = None
    built_on: str | None = None
    differences: list[Difference] = field(default_factory=list)
    partitions: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)
    not_ours: list[str] = field(default_factory=list)


def find(
    conn: Connection,
    connect: Callable[..., Connection],
    projects: Sequence[Project],
    migrations: Sequence[Migration],
    state: State,
    *,
    all_schemas: bool = False,
) -> Drift:
    """Compare a database's catalog with the one that its migrations and files make.

    Args:
        conn: A connection to the database, in autocommit mode; it is only read.
        connect: Opens another one to the same server: `connect(dbname=…)`.
        projects: The projects.
        migrations: All their migrations.
        state: What the database has of them.
        all_schemas: Report what is in schemas of nobody's project as extra, too.

    Raises:
        PgerpError: the scratch database cannot be removed.
    """
    files = repeatables.discover(projects)
    by_id = {migration.id: migration for migration in migrations}
    applied = [by_id[row.id] for row in state.applied if row.id in by_id]
    if len(applied) < len(state.applied):
        gone = next(row.id for row in state.applied if row.id not in by_id)
        return Drift(reason=f"The file of {gone}, which is applied, is gone.")
    try:
        with contextlib.ExitStack() as stack:
            opener, built_on = _place(stack, conn, connect)
            expected = _build(opener, projects, applied, files, partial=bool(state.pending))
    except PgerpError as error:
        return Drift(reason=f"The expected schema could not be built: {error}")
    return _compare(conn, expected, built_on, _pending(conn, files), all_schemas)


def unified(difference: Difference) -> str:
    """Return a difference as a unified diff of the two definitions, without file headers."""
    lines = difflib.unified_diff(
        (difference.expected or "").splitlines(),
        (difference.actual or "").splitlines(),
        lineterm="",
        n=2,
    )
    return "\n".join(list(lines)[2:])


def _place(
    stack: contextlib.ExitStack, conn: Connection, connect: Callable[..., Connection]
) -> tuple[Callable[[], Connection], str]:
    """Make an empty database that vanishes with the stack; return what opens it, and where it is.

    Raises:
        PgerpError: neither this server nor the embedded one can have it.
    """
    reason = refusal(conn)
    if reason is None:
        name = stack.enter_context(scratch_database(conn))
        return lambda: connect(dbname=name), "this server"
    from pgerp.db import connect as connect_to
    from pgerp.rehearse_scratch import scratch_server
    from pgerp.server import INSTALLS

    major = conn.info.server_version // 10000
    if major not in INSTALLS:
        raise PgerpError(
            f"there is no place for it, since no embedded PostgreSQL {major} exists",
            detail=reason,
            hint="Connect to the primary as a role with CREATEDB.",
        )
    server = stack.enter_context(scratch_server(major))
    user = conn.info.user
    with connect_to(server.url()) as admin:
        if user != admin.info.user:
            # Objects without an owner role belong to whoever connects.
            admin.execute(sql.SQL("CREATE ROLE {} SUPERUSER LOGIN").format(sql.Identifier(user)))
    return lambda: connect_to(server.url(), user=user), f"embedded PostgreSQL {major}"


def _build(
    connect: Callable[[], Connection],
    projects: Sequence[Project],
    applied: Sequence[Migration],
    files: Sequence[Repeatable],
    *,
    partial: bool,
) -> dict[str, str]:
    """Apply migrations and repeatables to an empty database and return its catalog."""
    with open_worker(connect, projects[0].owner, Settings(), lambda text: None) as worker:
        prepare(worker, projects, history.read(worker.conn), Silent())
        for migration in applied:
            apply(worker, migration)

        def work() -> None:
            repeatables.apply(worker.conn, files, migrated=True, tolerate_missing=partial)

        worker.transact(worker.ledger_role, work, "functions and views")
        return catalog.snapshot(worker.conn)


def _pending(conn: Connection, files: Sequence[Repeatable]) -> list[Repeatable]:
    """Return the files of which the present text was not applied, or not with what it calls."""
    known = history.read(conn).repeatables
    changed = [file for file in files if known.get(file.key) != file.checksum]
    names = [file.name for file in changed if file.kind in DEFINING]
    callers = [
        file
        for file in files
        if file.always and file not in changed and any(name in file.sql for name in names)
    ]
    return changed + callers


def _compare(
    conn: Connection,
    expected: dict[str, str],
    built_on: str,
    pending: Sequence[Repeatable],
    all_schemas: bool,
) -> Drift:
    """Sort the differences of two catalogs into drift and what only looks like it."""
    schemas = {key.removeprefix("schema ") for key in expected if key.startswith("schema ")}
    everything = catalog.snapshot(conn)
    present = {key for key in everything if key.startswith("schema ")}
    foreign = sorted(present - {f"schema {name}" for name in schemas})
    owns_public = any(_IN_PUBLIC.search(key) for key in expected)
    names = None if all_schemas else [_unquote(name) for name in schemas]
    actual = everything if all_schemas else catalog.snapshot(conn, names)
    drift = Drift(built_on=built_on, not_ours=foreign)
    ignored = _ignored(pending)
    for difference in catalog.diff(expected, actual):
        key, kind = difference.object, difference.kind
        definition = difference.expected or difference.actual or ""
        if _PUBLIC_ITSELF.fullmatch(key):
            continue
        if kind == "extra" and not all_schemas and _is_foreign(key, owns_public):
            drift.not_ours.append(key)
        elif kind != "changed" and key.startswith("table ") and definition.startswith(PARTITION):
            drift.partitions.append(f"{kind} {key}")
            if kind == "extra":
                drift.differences += [
                    one
                    for one in deviations(key.removeprefix("table "), expected, actual)
                    if not (ignored and ignored.search(one.object))
                ]
        elif ignored and ignored.search(key):
            drift.not_compared.append(key)
        else:
            drift.differences.append(difference)
    return drift


def _is_foreign(key: str, owns_public: bool) -> bool:
    """Whether an extra object is where others may have theirs: public, or the whole database."""
    return key.startswith(_DATABASE_WIDE) or bool(_IN_PUBLIC.search(key) and not owns_public)


def _ignored(pending: Sequence[Repeatable]) -> re.Pattern[str] | None:
    """Return what matches the keys of objects that pending files define; None for no file."""
    parts = []
    for file in pending:
        if file.kind in DEFINING:
            name = re.escape(file.name)
            parts.append(rf"(?:function|procedure|aggregate) {name}\(")
            parts.append(rf"(?:view|column|column order of|on) {name}(?:\.|$)")
        elif file.kind == "trigger":
            parts += [re.escape(name) + "$" for name in file.objects]
            parts += [] if file.objects else ["^(?:comment on )?trigger "]
        elif file.kind == "policy":
            parts.append("^(?:comment on )?policy ")
        else:
            parts.append("^(?:default )?privileges ")
    return re.compile("|".join(parts)) if parts else None


def _unquote(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
