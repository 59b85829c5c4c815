"""A sealed audit log, an attacker who is superuser, and what the verifier says of him."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from pgerp.db import connect
from pgerp.sealer import Sealed as Done
from pgerp.sealer import seal
from pgerp.seallog import LogRows
from pgerp.sealreport import Offender, SealsReport
from pgerp.sealverify import verify_seals
from tests.ledger.books import open_books
from tests.pgtap import value

TABLES = ("log", "seals", "sealed_changes", "redactions", "removals", "legal_holds")
PHONE = "+254 700 123 456"


@dataclass(frozen=True)
class Log:
    """A database whose log is sealed.

    Attributes:
        url: The database.
        tenant: The tenant whose log it is.
        rows: Name -> id of a row of its log: made, changed, deleted (of user bob, whose name
            is a phone number), plain (of user carol), shared (of a currency, so of tenant 0), late
            (in the second seal).
        bob: The user.
        file: The seals, exported with hashes.
    """

    url: str
    tenant: int
    rows: dict[str, str]
    bob: str
    file: Path


def make_log(url: str, folder: Path) -> Log:
    """Make a log with two seals, export them, and keep a copy of the tables."""
    with connect(url) as conn:
        books = open_books(conn)
        bob = value(conn, "SELECT core.uuid_v7()::text")
        conn.execute("SET application_name = 'ünï 漢'")
        enter(conn, books.tenant_id)
        conn.execute(
            "INSERT INTO identity.users (tenant_id, id, subject, name) VALUES (%s, %s, 'bob', %s)",
            [books.tenant_id, bob, PHONE],
        )
        conn.execute(
            "UPDATE identity.users SET email = 'bob@example.com', name = E'B\\n\"ö\", 3:x'"
            " WHERE id = %s",
            [bob],
        )
        conn.execute("DELETE FROM identity.users WHERE id = %s", [bob])
        for subject in ("carol", "dave"):
            conn.execute(
                "INSERT INTO identity.users (tenant_id, subject, name) VALUES (%s, %s, 'ä«»')",
                [books.tenant_id, subject],
            )
            if subject == "carol":
                conn.execute("UPDATE ledger.currencies SET name = 'Bob' WHERE code = 'KES'")
                seal_log(conn)
        seal_log(conn, folder / "seals.jsonl")
        conn.execute("CREATE SCHEMA kept")
        for table in TABLES:
            conn.execute(f"CREATE TABLE kept.{table} AS TABLE audit.{table}".encode())
        query = """SELECT id::text FROM audit.log WHERE table_name = %s AND action::text = %s
            AND coalesce(new_row, old_row) ->> 'subject' IS NOT DISTINCT FROM %s
            ORDER BY id DESC LIMIT 1"""
        wanted = {
            "made": ["identity.users", "INSERT", "bob"],
            "changed": ["identity.users", "UPDATE", "bob"],
            "deleted": ["identity.users", "DELETE", "bob"],
            "plain": ["identity.users", "INSERT", "carol"],
            "late": ["identity.users", "INSERT", "dave"],
            "shared": ["ledger.currencies", "UPDATE", None],
        }
        rows = {name: value(conn, query, words) for name, words in wanted.items()}
    return Log(url, books.tenant_id, rows, bob, folder / "seals.jsonl")


def enter(conn: psycopg.Connection, tenant_id: int) -> None:
    """Have the session work in the tenant, as functions of the owner do."""
    conn.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(tenant_id)])


def seal_log(conn: psycopg.Connection, file: Path | None = None) -> list[Done]:
    """Seal the log of every tenant, and of none."""
    return seal(conn, of=LogRows, export=file)


def redact(conn: psycopg.Connection, log: Log, *columns: str, reason: str = "Request 7") -> int:
    """Redact columns of bob, as the owner's functions do."""
    with conn.transaction():
        conn.execute("SET LOCAL ROLE pgerp_owner")
        conn.execute("SELECT set_config('pgerp.tenant_id', %s, true)", [str(log.tenant)])
        conn.execute("SELECT set_config('pgerp.actor', 'clerk', true)")
        count: int = value(
            conn,
            "SELECT audit.redact(%s, 'identity.users', %s, %s, %s)",
            [log.tenant, Jsonb({"id": log.bob}), list(columns), reason],
        )
    return count


@contextmanager
def attack(log: Log) -> Iterator[psycopg.Connection]:
    """A superuser's session in which no trigger and no foreign key holds; undone at the end."""
    with connect(log.url) as conn:
        conn.execute("SET session_replication_role = replica")
        enter(conn, log.tenant)
        try:
            yield conn
        finally:
            conn.execute("SET session_replication_role = replica")
            with conn.transaction():
                for table in TABLES:
                    conn.execute(f"DELETE FROM audit.{table}".encode())
                    conn.execute(f"INSERT INTO audit.{table} SELECT * FROM kept.{table}".encode())


@contextmanager
def honest(conn: psycopg.Connection) -> Iterator[None]:
    """Triggers and foreign keys hold meanwhile."""
    conn.execute("SET session_replication_role = origin")
    try:
        yield
    finally:
        conn.execute("SET session_replication_role = replica")


def report(log: Log, file: Path | None = None) -> SealsReport:
    """Return what the verifier says."""
    with connect(log.url) as conn:
        found = verify_seals(conn, file, of=LogRows)
    assert found is not None and found.reason is None
    return found


def found(log: Log, file: Path | None = None) -> list[Offender]:
    """Return what the verifier finds."""
    said = report(log, file)
    offenders = [one for tenant in said.tenants for one in tenant.offenders]
    assert said.healthy is (not offenders)
    return offenders


def facts(offenders: list[Offender]) -> list[tuple[str, object]]:
    """Return (kind, id of the row or seal number) of each."""
    return [(one.kind, one.id or one.seal_no) for one in offenders]


def seal_anew(conn: psycopg.Connection) -> None:
    """Do as the attacker would: drop every seal and make new ones over what is there now."""
    conn.execute("TRUNCATE audit.seals, audit.sealed_changes")
    with honest(conn):
        seal_log(conn)
