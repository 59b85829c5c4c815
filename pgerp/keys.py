"""Keys that sign tokens: listing, rotating, retiring."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from pgerp.errors import PgerpError
from pgerp.secretfile import private_file, write_through
from pgerp.session import privilege_error

MOST_LIVE = 2
"""Each live key is tried for each token, so there is the new one and the one before."""


@dataclass(frozen=True)
class Key:
    """One key, without what is secret of it.

    Attributes:
        kid: Its id, as in the header of tokens.
        created_at: Since when it is there.
        retired_at: Since when its tokens are refused; None while it is live.
        signs: Whether identity.issue_token signs with it.
    """

    kid: str
    created_at: datetime
    retired_at: datetime | None
    signs: bool

    @property
    def state(self) -> str:
        """What it does: signs (and verifies), verifies, or retired."""
        if self.retired_at is not None:
            return "retired"
        return "signs" if self.signs else "verifies"


def list_keys(connection: psycopg.Connection) -> list[Key]:
    """Return all keys, newest first.

    Raises:
        PgerpError: The database has no keys' table, or the role may not read it.
    """
    row = connection.execute("SELECT to_regclass('identity.signing_keys')").fetchone()
    if row is None or row[0] is None:
        raise PgerpError(
            "the database has no identity.signing_keys",
            where=connection.info.dbname,
            hint="Bring it up to date first: pgerp up.",
        )
    try:
        rows = connection.execute(
            """SELECT k.kid, k.created_at, k.retired_at,
                k.retired_at IS NULL AND row_number() OVER (
                    PARTITION BY k.retired_at IS NULL ORDER BY k.created_at DESC, k.kid
                ) = 1
            FROM identity.signing_keys AS k ORDER BY k.created_at DESC, k.kid"""
        ).fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    return [Key(*row) for row in rows]


def rotate(
    connection: psycopg.Connection, *, kid: str | None = None, file: Path | None = None
) -> tuple[str, str]:
    """Make a key that tokens are signed with from now on; the one before goes on to verify.

    Args:
        connection: In autocommit mode, of a role that may write keys.
        kid: The new key's id; a date and random letters when None.
        file: A new file that is to hold the key; nobody but its owner may read it (mode 0600).

    Returns:
        The key's id, and the key as a JSON Web Key (RFC 7517).

    Raises:
        PgerpError: Two keys are live already, the id is taken, or the file exists.
    """
    secret = secrets.token_bytes(32)
    kid = kid or f"{datetime.now(UTC):%Y-%m-%d}-{secrets.token_hex(4)}"
    text = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    jwk = json.dumps({"kty": "oct", "alg": "HS256", "use": "sig", "kid": kid, "k": text})
    with connection.transaction(), _written(file, jwk):
        keys = _locked(connection)
        live = [key.kid for key in keys if key.retired_at is None]
        if len(live) >= MOST_LIVE:
            raise PgerpError(
                f"{len(live)} keys are live already",
                where=", ".join(live),
                hint="Retire the one whose tokens have expired: pgerp keys retire KID.",
            )
        if kid in {key.kid for key in keys}:
            raise PgerpError("there is a key with this id", where=kid, hint="Give another --kid.")
        connection.execute("SELECT identity.add_signing_key(%s, %s)", [kid, secret])
        # Whatever the clock did: the new one signs.
        connection.execute(
            """UPDATE identity.signing_keys SET created_at = greatest(created_at, (
                SELECT max(k.created_at) + '1 microsecond' FROM identity.signing_keys AS k
                WHERE k.kid <> %(kid)s
            )) WHERE kid = %(kid)s""",
            {"kid": kid},
        )
    return kid, jwk


def retire(connection: psycopg.Connection, kid: str) -> None:
    """Have the tokens of a key refused from now on.

    Raises:
        PgerpError: No such key, retired already, or the only live one.
    """
    with connection.transaction():
        keys = {key.kid: key for key in _locked(connection)}
        if kid not in keys:
            known = ", ".join(keys) or "none"
            raise PgerpError("there is no such key", where=kid, detail=f"Keys: {known}.")
        if keys[kid].retired_at is not None:
            raise PgerpError("the key is retired already", where=kid)
        if [key.kid for key in keys.values() if key.retired_at is None] == [kid]:
            raise PgerpError(
                "this is the only live key",
                where=kid,
                detail="Without it every token is refused.",
                hint="Make the next one first: pgerp keys rotate.",
            )
        connection.execute(
            "UPDATE identity.signing_keys SET retired_at = now() WHERE kid = %s", [kid]
        )


def _locked(connection: psycopg.Connection) -> list[Key]:
    """Return the keys, which nobody else changes until the transaction ends."""
    list_keys(connection)  # says what is wrong if there is no such table
    try:
        connection.execute("LOCK TABLE identity.signing_keys IN SHARE ROW EXCLUSIVE MODE")
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    return list_keys(connection)


@contextmanager
def _written(file: Path | None, text: str) -> Iterator[None]:
    """Write a file that only its owner reads before the key counts; remove it on failure."""
    if file is None:
        yield
        return
    with private_file(file) as stream:
        write_through(stream, text + "\n")
        yield
