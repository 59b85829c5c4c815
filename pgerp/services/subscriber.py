"""The role that owns subscriptions: what it is given for that, and has taken back."""

from __future__ import annotations

from psycopg import sql

from pgerp.history import Connection

ROLE = "pgerp_subscriber"
"""Owns the subscriptions: it passes row security, and is used for nothing else."""

# Roles are the server's: others who change them wait. It comes before subscriptions are touched,
# which all databases share too, so that nobody waits crosswise.
_LOCK_ROLES = "LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE"


def enable(conn: Connection) -> None:
    """Let the owner of subscriptions pass row security: what it brings was proved at its source.

    It must be able to log in: workers of one who may not are started again for ever. Roles stay
    locked until the transaction ends, if there is one.
    """
    with conn.transaction():
        conn.execute(_LOCK_ROLES)
        able = conn.execute(
            "SELECT FROM pg_catalog.pg_roles WHERE rolname = %s AND rolbypassrls AND rolcanlogin",
            [ROLE],
        ).fetchall()
        if not able:
            conn.execute(sql.SQL("ALTER ROLE {} LOGIN BYPASSRLS").format(sql.Identifier(ROLE)))


def give_away(conn: Connection, subscription: str) -> None:
    """Have the subscription act as a role that is used for nothing else.

    Call it in a transaction that has locked the roles: what this one is given for it is never
    there for others to see.
    """
    name, role = sql.Identifier(subscription), sql.Identifier(ROLE)
    database = sql.Identifier(conn.info.dbname)
    if conn.info.server_version < 160000:
        # Before 16 only a superuser can own one; what it does is checked against what it is then.
        conn.execute(sql.SQL("ALTER ROLE {} SUPERUSER").format(role))
    # Asked of a new owner; it makes nothing afterwards.
    conn.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, role))
    conn.execute(sql.SQL("ALTER SUBSCRIPTION {} OWNER TO {}").format(name, role))
    conn.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM {}").format(database, role))
    if conn.info.server_version < 160000:
        conn.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER").format(role))


def take_back(conn: Connection) -> None:
    """Take from the owner of subscriptions what it needs no more: the server has none of its own.

    The role itself stays, as all of sql/roles.sql does: roles are the server's.
    """
    with conn.transaction():
        conn.execute(_LOCK_ROLES)
        idle = conn.execute(
            "SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = %s AND r.rolbypassrls"
            " AND NOT EXISTS (SELECT FROM pg_catalog.pg_subscription WHERE subowner = r.oid)",
            [ROLE],
        ).fetchall()
        if idle:
            conn.execute(sql.SQL("ALTER ROLE {} NOBYPASSRLS").format(sql.Identifier(ROLE)))
