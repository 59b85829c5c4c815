"""Books with seals, an attacker who is superuser, and what the verifier says of him."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pgerp.db import connect
from pgerp.sealer import seal
from pgerp.sealreport import Offender
from pgerp.sealverify import verify_seals
from tests.ledger.books import as_json, open_books
from tests.pgtap import value

TABLES = ("journal_entries", "journal_lines", "reversals", "seals", "sealed_entries")


@dataclass(frozen=True)
class Sealed:
    """A database with sealed entries.

    Attributes:
        url: The database.
        entries: Name -> id: plain, rich (every column set), wrong and its reversal, other (of
            business SIDE), late (in the second seal).
        file: The seals, exported with hashes.
        full: The seals, exported with contents.
    """

    url: str
    entries: dict[str, str]
    file: Path
    full: Path


def make_sealed(url: str, folder: Path) -> Sealed:
    """Make books with two seals, export them, and keep a copy of the tables."""
    entries: dict[str, str] = {}
    with connect(url) as conn:
        books = open_books(conn)
        token = value(conn, "SELECT identity.issue_token(%s, 'alice')", [books.tenant_id])
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])
        entries["plain"] = _post(conn, as_json(("1110", "100"), ("4100", "-100")))
        rich = [
            {
                "account": "1110",
                "debit": "10",
                "currency": "EUR",
                "rate": "1.25",
                "description": "Zeile, 1: «ä»\n2",
                "department": "D1",
                "counterparty": "C-1",
                "due_date": "2026-05-01",
            },
            {"account": "4100", "credit": "12.5"},
        ]
        entries["rich"] = _post(
            conn,
            json.dumps(rich),
            reference="R:1,",
            description='A "quote", 3:x, ünïcode 漢\n',
            module="sales",
            source="S-1",
        )
        entries["wrong"] = _post(conn, as_json(("1110", "7"), ("5100", "-3"), ("4100", "-4")))
        entries["reversal"] = str(
            value(conn, "SELECT ledger.reverse_journal_entry(%s, 'typo')", [entries["wrong"]])
        )
        entries["other"] = _post(
            conn, as_json(("1130", "5"), ("4100", "-5")), business="SIDE", description=""
        )
        seal(conn)
        entries["late"] = _post(conn, as_json(("1110", "1"), ("4100", "-1")))
        seal(conn, export=folder / "seals.jsonl")
        seal(conn, export=folder / "full.jsonl", detail="contents")
        conn.execute("CREATE SCHEMA kept")
        for table in TABLES:
            conn.execute(f"CREATE TABLE kept.{table} AS TABLE ledger.{table}".encode())
    return Sealed(url, entries, folder / "seals.jsonl", folder / "full.jsonl")


def _post(conn: psycopg.Connection, lines: str, **given: str) -> str:
    words = {"business": "MAIN", "description": "Test", "reference": None, **given}
    return str(
        value(
            conn,
            "SELECT ledger.create_journal_entry(%(business)s, '2026-03-04', %(description)s,"
            " %(lines)s, p_reference => %(reference)s, p_source_module => %(module)s,"
            " p_source_id => %(source)s)",
            {"module": None, "source": None, **words, "lines": lines},
        )
    )


@contextmanager
def attack(sealed: Sealed) -> Iterator[psycopg.Connection]:
    """A superuser's session in which no trigger and no foreign key holds; undone at the end."""
    with connect(sealed.url) as conn:
        conn.execute("SET session_replication_role = replica")
        try:
            yield conn
        finally:
            conn.execute("SET session_replication_role = replica")
            with conn.transaction():
                for table in TABLES:
                    conn.execute(f"DELETE FROM ledger.{table}".encode())
                    conn.execute(f"INSERT INTO ledger.{table} SELECT * FROM kept.{table}".encode())


def found(sealed: Sealed, file: Path | None = None) -> list[Offender]:
    """Return what the verifier finds."""
    with connect(sealed.url) as conn:
        report = verify_seals(conn, file)
    assert report is not None and report.reason is None
    offenders = [one for tenant in report.tenants for one in tenant.offenders]
    assert len(offenders) == sum(tenant.count for tenant in report.tenants)
    assert report.healthy is (not offenders)
    return offenders


def facts(offenders: list[Offender]) -> list[tuple[str, Any]]:
    """Return (kind, entry id or seal number) of each."""
    return [(one.kind, one.id or one.seal_no) for one in offenders]


def seal_anew(conn: psycopg.Connection) -> None:
    """Do as the attacker would: drop every seal and make new ones over what is there now."""
    conn.execute("SET session_replication_role = replica")
    conn.execute("TRUNCATE ledger.seals, ledger.sealed_entries")
    conn.execute("SET session_replication_role = origin")
    seal(conn)
