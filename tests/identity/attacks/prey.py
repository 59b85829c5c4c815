"""Tenant B with secrets that can be recognised, and a client of tenant A who is after them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pgerp.db import connect
from tests.identity.conftest import World, hold
from tests.identity.tokens import claims, sign
from tests.identity.two_businesses import DIGITS, SECRET, UUID, Side, make_secrets
from tests.pgtap import value

NAME = "XANADU"
"""The code or name of one thing of each kind that only B has."""

PAYLOAD = '{"account": "5100", "amount": "7"}'


@dataclass
class Prey:
    """A committed database where B (`world.theirs`) has secrets that A (`world.ours`) is after.

    Attributes:
        world: A, with the login of its client.
        side: B's keys by name, as `tests.identity.questions` takes them.
        ids: Every uuid in B's rows, and in none of A's.
    """

    world: World
    side: Side
    ids: set[str]

    def told(self, text: str, asked: str = "") -> set[str]:
        """Return what a text tells of B beyond what was asked with."""
        return {
            *((set(UUID.findall(text)) & self.ids) - set(UUID.findall(asked))),
            *DIGITS.findall(UUID.sub("", text)),
            *({NAME} if NAME in text.upper() and NAME not in asked.upper() else ()),
        }

    def token_of_b(self, **changes: object) -> str:
        """Return a token of B, for all businesses unless changed."""
        return sign(claims(self.world.theirs, **changes))

    @contextlib.contextmanager
    def client(self, token: str = "", **settings: Any) -> Iterator[psycopg.Connection]:
        """Open a client's session in a transaction that is rolled back, with a token (A's)."""
        url = self.world.client_url
        with contextlib.closing(connect(url, autocommit=False, **settings)) as conn:
            hold(conn, token or self.world.token())
            yield conn

    @contextlib.contextmanager
    def admin(self) -> Iterator[psycopg.Connection]:
        """Open a superuser's session in a transaction that is rolled back."""
        with contextlib.closing(connect(self.world.url, autocommit=False)) as conn:
            yield conn


def make_prey(world: World) -> Prey:
    """Give B what A is to be kept from, and the planner statistics of it."""
    flipped = replace(world, ours=world.theirs, theirs=world.ours)
    with connect(world.url) as conn, conn.transaction():
        side = make_secrets(conn, flipped)
        hold(conn, flipped.token())
        make_names(conn, side)
        ids = ids_of(conn, world.theirs) - ids_of(conn, world.ours)
    with connect(world.url) as conn:
        conn.execute("ANALYZE")
    return Prey(world, side, ids)


def make_names(conn: psycopg.Connection, side: Side) -> None:
    """Make one thing of each kind that goes by a code, and postings common enough to be counted."""
    for call, arguments in (
        ("identity.create_business(%s, %s, 'USD')", 2),
        ("identity.create_payment_till(%s, 'mpesa_till', %s, 'Till')", 2),
        ("identity.create_user(%s, %s)", 2),
        (f"identity.set_password_hash(%s, '$2b$12${'x' * 53}')", 1),
        ("identity.create_role(%s, %s, '{ledger.post}')", 2),
        ("identity.grant_role(%s, %s)", 2),
        ("identity.grant_business(%s, %s)", 2),
        ("ledger.create_fiscal_year(%s, '2026-01-01')", 1),
        ("ledger.create_account(%s, %s, 'ASSET')", 2),
    ):
        conn.execute(f"SELECT {call}", [NAME] * arguments)  # type: ignore[arg-type]
    conn.execute(
        "SELECT ledger.create_budget(%s, %s, %s, '2026', %s)", [NAME, NAME, NAME, f"[{PAYLOAD}]"]
    )
    conn.execute("SELECT finance.store_report(%s, 'trial_balance')", [NAME])
    for _ in range(40):
        conn.execute(
            "SELECT ledger.create_journal_entry(%s, '2026-03-04', %s, %s, p_reference => %s,"
            " p_idempotency_key => core.uuid_v7()::text)",
            [
                NAME,
                NAME,
                (
                    f'[{{"account": "{NAME}", "debit": "{SECRET}", "counterparty": "{NAME}",'
                    f' "description": "{NAME}"}}, {{"account": "4100", "credit": "{SECRET}"}}]'
                ),
                NAME,
            ],
        )
    hold(conn, side.world.token(permissions=["*"]))
    side.keys["hold"] = value(conn, "SELECT audit.place_legal_hold(%s)", [NAME])


def tables_of_tenants(conn: psycopg.Connection) -> list[tuple[str, str]]:
    """Return every table with a tenant, partitions left out, with the column that says which."""
    return conn.execute(
        """SELECT c.oid::regclass::text, a.attname::text
        FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
            AND a.attname
                = CASE c.oid WHEN 'identity.tenants'::regclass THEN 'id' ELSE 'tenant_id' END
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'
        ORDER BY 1"""
    ).fetchall()


def ids_of(conn: psycopg.Connection, tenant: int) -> set[str]:
    """Return every uuid in the rows of a tenant."""
    return {
        one
        for table, column in tables_of_tenants(conn)
        for (row,) in conn.execute(
            f"SELECT t::text FROM {table} AS t WHERE {column} = %s",  # type: ignore[arg-type]
            [tenant],
        )
        for one in UUID.findall(row)
    }


def state_of(conn: psycopg.Connection, tenant: int) -> str:
    """Return a hash of all that is a tenant's."""
    rows = " UNION ALL ".join(
        f"SELECT '{table} ' || t::text AS row FROM {table} AS t WHERE {column} = {tenant}"
        for table, column in tables_of_tenants(conn)
    )
    return value(conn, f"SELECT md5(string_agg(r.row, E'\\n' ORDER BY r.row)) FROM ({rows}) AS r")  # type: ignore[no-any-return]
