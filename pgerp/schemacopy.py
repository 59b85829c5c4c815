"""A schema-only copy of a database on another server: roles, schema and privileges, no rows.

The schema is the target's own, read by pg_dump. Where no pg_dump can be used it is built from the
files: applied migrations, then functions, views and the rest.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from pgerp.errors import PgerpError
from pgerp.project import Project
from pgerp.schemareplay import replay
from pgerp.server import EmbeddedServer

Connection = psycopg.Connection[Any]

LOCK_WAIT_MS = 2000
DUMP_TIMEOUT_S = 540
DEBIAN = Path("/usr/lib/postgresql")
SHOWN_PROBLEMS = 10

_ROLES = r"""
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls
FROM pg_roles
WHERE rolname NOT LIKE 'pg\_%'
ORDER BY rolname
"""
_MEMBERSHIPS = r"""
SELECT granted.rolname, member.rolname
FROM pg_auth_members AS m
INNER JOIN pg_roles AS granted ON granted.oid = m.roleid
INNER JOIN pg_roles AS member ON member.oid = m.member
WHERE member.rolname NOT LIKE 'pg\_%'
ORDER BY 1, 2
"""
_DATABASE_PRIVILEGES = """
SELECT coalesce(r.rolname, 'public'), a.privilege_type
FROM pg_database AS d
CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
LEFT JOIN pg_roles AS r ON r.oid = a.grantee
WHERE d.datname = current_database()
ORDER BY 1, 2
"""
_SETTINGS = """
SELECT split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)
FROM pg_db_role_setting AS s
INNER JOIN pg_database AS d ON d.oid = s.setdatabase
CROSS JOIN LATERAL unnest(s.setconfig) AS one
WHERE d.datname = current_database() AND s.setrole = 0
"""
_FLAGS = ("SUPERUSER", "INHERIT", "CREATEROLE", "CREATEDB", "LOGIN", "BYPASSRLS")


@dataclass
class SchemaCopy:
    """What was copied.

    Attributes:
        source: "pg_dump", or "replay" when the schema was built from the files.
        notes: What the copy lacks or has otherwise, whole sentences.
        settings: Settings of the target's database (ALTER DATABASE … SET) for a session.
    """

    source: Literal["pg_dump", "replay"]
    notes: list[str] = field(default_factory=list)
    settings: list[tuple[str, str]] = field(default_factory=list)


def copy_schema(
    target: Connection, server: EmbeddedServer, projects: Sequence[Project]
) -> SchemaCopy:
    """Make a copy of the target's schema in the database `pgerp` of a scratch server.

    Args:
        target: The database to copy. Nothing in it is changed: its transactions are read-only.
        server: A running server with an empty database `pgerp`, not used by anybody else.
        projects: Where the files are, for a copy without pg_dump.

    Returns:
        How the copy was made.

    Raises:
        PgerpError: The copy can be made in neither way.
    """
    from pgerp.db import connect

    with connect(server.url()) as scratch:
        settings = copy_roles(target, scratch)
        problems = []
        for program in dump_programs(target, server):
            dump, trouble = _dump(program, target)
            if dump is None:
                problems.append(f"{program}: {trouble}")
                continue
            return SchemaCopy("pg_dump", list(_restore(server, dump)), settings)
        why = "; ".join(problems) or "no pg_dump fits both servers"
        notes = [f"The schema is from the files, since the target's could not be read ({why})."]
        return SchemaCopy("replay", notes + replay(target, scratch, projects), settings)


@dataclass(frozen=True)
class _Facts:
    roles: list[tuple[Any, ...]]
    memberships: list[tuple[Any, ...]]
    privileges: list[tuple[Any, ...]]
    settings: list[tuple[str, str]]


def _read(target: Connection) -> _Facts:
    with target.transaction(), target.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        queries = (_ROLES, _MEMBERSHIPS, _DATABASE_PRIVILEGES, _SETTINGS)
        return _Facts(*(cursor.execute(query).fetchall() for query in queries))


def copy_roles(target: Connection, scratch: Connection) -> list[tuple[str, str]]:
    """Create the target's roles (never their passwords), memberships and database privileges.

    Args:
        target: The database to read from.
        scratch: A superuser's session in the scratch database.

    Returns:
        The target database's own settings: (name, value).
    """
    facts = _read(target)
    with scratch.cursor(row_factory=tuple_row) as cursor:
        present = {row[0] for row in cursor.execute("SELECT rolname FROM pg_roles")}
        for name, *flags in facts.roles:
            if name not in present:
                words = [
                    word if on else f"NO{word}" for word, on in zip(_FLAGS, flags, strict=True)
                ]
                statement = sql.SQL("CREATE ROLE {} " + " ".join(words))
                cursor.execute(statement.format(sql.Identifier(name)))
                present.add(name)
        for granted, member in facts.memberships:
            if granted in present:
                _grant(cursor, sql.Identifier(granted), member)
        for grantee, privilege in facts.privileges:
            on = sql.SQL("{} ON DATABASE pgerp").format(sql.SQL(privilege))
            _grant(cursor, on, grantee)
    return facts.settings


def _grant(cursor: psycopg.Cursor[Any], what: sql.Composable, grantee: str) -> None:
    to = sql.SQL("public") if grantee == "public" else sql.Identifier(grantee)
    cursor.execute(sql.SQL("GRANT {} TO {}").format(what, to))


def dump_programs(target: Connection, server: EmbeddedServer) -> Iterator[Path]:
    """Yield the pg_dump programs that can read the target and write what the copy understands.

    A pg_dump reads servers up to its own version; what it writes, an older server may not know.
    The embedded one, built without TLS, comes first where the target's session is not encrypted.
    """
    lowest, highest = target.info.server_version // 10000, server.version
    if not target.pgconn.ssl_in_use:
        yield from ([server.binary("pg_dump")] if lowest <= highest else [])
    found = [shutil.which("pg_dump"), *map(str, sorted(DEBIAN.glob("*/bin/pg_dump"), reverse=True))]
    for name in dict.fromkeys(path for path in found if path):
        if lowest <= _major(Path(name)) <= highest:
            yield Path(name)


def _major(program: Path) -> int:
    """Return the major version of a PostgreSQL program; 0 when it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found.group(1)) if found else 0


def _dump(program: Path, target: Connection) -> tuple[bytes | None, str]:
    """Return the target's schema as psql input, or why there is none."""
    command = [
        str(program),
        f"--dbname={target.info.dsn}",
        "--schema-only",
        "--no-password",
        "--no-tablespaces",
        "--no-subscriptions",
        "--encoding=UTF8",
        f"--lock-wait-timeout={LOCK_WAIT_MS}",
    ]
    environment = {**os.environ, "LC_ALL": "C", "PGAPPNAME": "pgerp"}
    if target.info.password:
        environment["PGPASSWORD"] = target.info.password
    try:
        done = subprocess.run(
            command, capture_output=True, env=environment, timeout=DUMP_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error).replace(target.info.dsn, "…")
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        return None, said[0]
    return done.stdout, ""


def _restore(server: EmbeddedServer, dump: bytes) -> Iterator[str]:
    """Run a dump on the scratch server; yield a note for what it could not make."""
    done = subprocess.run(
        [server.binary("psql"), "--no-psqlrc", "--quiet", f"--dbname={server.url()}"],
        input=dump,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"},
        timeout=DUMP_TIMEOUT_S,
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    if done.returncode:
        raise PgerpError(
            "the schema could not be restored on the scratch server",
            where=str(server.base),
            detail=" ".join(said.split())[:500] or None,
            hint="This should not happen: keep the output of pg_dump --schema-only and report it.",
        )
    problems = re.findall(r"ERROR:\s+(.*)", said)
    for problem in problems[:SHOWN_PROBLEMS]:
        yield f"Not copied: {problem.rstrip('.')}."
    if len(problems) > SHOWN_PROBLEMS:
        yield f"Not copied: {len(problems) - SHOWN_PROBLEMS} more."
