"""A table with sensitive columns, as a module would have it, and a key file; for re-encryption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from click.testing import Result

from pgerp.db import connect
from pgerp.encryption import Keyring
from pgerp.keyfile import activate_next, add_next, create_file, read_keys
from tests.runner.journals import ask, run

TABLE = """
SET ROLE pgerp_owner;
CREATE TABLE core.people (
    tenant_id integer NOT NULL,
    id uuid NOT NULL DEFAULT core.uuid_v7(),
    name text NOT NULL,
    phone_encrypted core.encrypted_value,
    phone_hash core.keyed_hash,
    document_encrypted core.encrypted_value,
    document_hash core.keyed_hash,
    note_encrypted core.encrypted_value,
    version core.row_version NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT people_phone_hash_key UNIQUE (tenant_id, phone_hash)
);
CREATE TRIGGER people_stamp BEFORE INSERT OR UPDATE ON core.people
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
CREATE TRIGGER people_version BEFORE INSERT OR UPDATE ON core.people
FOR EACH ROW EXECUTE FUNCTION core.guard_version('core.people');
SELECT core.apply_row_security();
SELECT audit.apply_triggers();
RESET ROLE;
"""


class People:
    """The table in a database of its own, with two tenants, and keys that rotate.

    Args:
        url: A migrated database.
        folder: Where the key file goes.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.file = folder / "keys.jwks"
        create_file(self.file)
        with connect(url) as conn:
            conn.execute(TABLE)
        self.tenants = [
            ask(url, f"SELECT identity.create_tenant('{name}')")[0][0] for name in ("One", "Two")
        ]

    @property
    def ring(self) -> Keyring:
        """The key ring of the file as it is now."""
        return Keyring.load(self.file, country="KE")

    def kid(self, purpose: str, state: str = "active") -> str:
        """The id of the key with this purpose and state."""
        (kid,) = [k.kid for k in read_keys(self.file) if (k.purpose, k.state) == (purpose, state)]
        return kid

    def rotate(self) -> None:
        """Make new keys active."""
        add_next(self.file, ["encryption", "hash"])
        activate_next(self.file)

    def add(self, tenant: int, numbers: range, ring: Keyring | None = None) -> None:
        """Add a person for each number, with a phone, a document and a note."""
        ring = ring or self.ring
        rows = [
            (
                tenant,
                f"person {n}",
                *ring.protect(f"07{n:08d}", "phone"),
                *ring.protect(f"a-{n:07d}", "document"),
                ring.encrypt(f"note {n}"),
            )
            for n in numbers
        ]
        with connect(self.url) as conn, conn.transaction(), conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO core.people (tenant_id, name, phone_encrypted, phone_hash,"
                " document_encrypted, document_hash, note_encrypted)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                rows,
            )

    def run(self, action: str, *words: str | Path) -> Result:
        """Run `pgerp encryption` with the file."""
        return run(self.url, "encryption", action, *words, "--keys", self.file)

    def reencrypt(self, *words: str) -> Result:
        """Run `pgerp encryption reencrypt` for Kenya."""
        return self.run("reencrypt", "--country", "KE", *words)

    def counts(self) -> dict[tuple[str, str], int]:
        """(column, state of the key) -> values, as --dry-run says."""
        result = self.run("reencrypt", "--dry-run", "--json")
        assert result.exit_code == 0, result.output
        counts: dict[tuple[str, str], int] = {}
        for row in json.loads(result.stdout):
            at = (row["column"], row["state"])
            counts[at] = counts.get(at, 0) + row["values"]
        return counts

    def rows(self, condition: str = "true") -> list[dict[str, Any]]:
        """The rows, in the order of their names' numbers."""
        with connect(self.url) as conn:
            conn.row_factory = psycopg.rows.dict_row  # type: ignore[assignment]
            return conn.execute(  # type: ignore[return-value]
                f"SELECT * FROM core.people WHERE {condition}"  # type: ignore[arg-type]
                " ORDER BY tenant_id, substr(name, 8)::integer"
            ).fetchall()

    def assert_right(self, numbers: range, tenant: int) -> None:
        """Every value of the tenant is of the active keys, and says what it said."""
        ring = self.ring
        rows = self.rows(f"tenant_id = {tenant}")
        assert len(rows) == len(numbers)
        for n, row in zip(numbers, rows, strict=True):
            said = [ring.decrypt(row[f"{c}_encrypted"]) for c in ("phone", "document", "note")]
            assert said == [f"07{n:08d}", f"a-{n:07d}", f"note {n}"]
            assert row["phone_hash"] == ring.hash(f"+2547{n:08d}", "phone")
            assert row["document_hash"] == ring.hash(f"A{n:07d}", "document")
            for column in ("phone_encrypted", "document_encrypted", "note_encrypted"):
                assert not ring.needs_rotation(row[column])
