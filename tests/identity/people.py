"""Users in tests: made through the API, with tokens of their own."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.identity.tokens import claims, sign

ROLES = ("owner", "accountant", "staff")


def hold(db: psycopg.Connection, token: str) -> None:
    """Have the session hold a token."""
    db.execute("SELECT set_config('pgerp.token', %s, true)", [token])


def now(db: psycopg.Connection) -> int:
    """Return the time of the transaction, in seconds since 1970, rounded up."""
    return int(
        db.execute("SELECT ceil(extract(EPOCH FROM now()))::bigint").fetchone()[0]  # type: ignore[index]
    )


def act_as(db: psycopg.Connection, tenant: int, subject: str, **changes: Any) -> None:
    """Hold a token that was issued now, for all businesses unless changed."""
    hold(db, sign(claims(tenant, **{"sub": subject, "iat": now(db), **changes})))


def serve(db: psycopg.Connection, tenant: int, **changes: Any) -> None:
    """Act as a service: a subject that is no user."""
    act_as(db, tenant, "service", **changes)


def make_people(db: psycopg.Connection, tenant: int) -> None:
    """Make the standard roles, and a user of each with all businesses, named like the role."""
    serve(db, tenant)
    db.execute("SELECT identity.create_standard_roles()")
    for role in ROLES:
        db.execute("SELECT identity.create_user(%s, %s, NULL, true)", [role, role.title()])
        db.execute("SELECT identity.grant_role(%s, %s)", [role, role])
