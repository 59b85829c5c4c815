"""The books that are posted to: a tenant, a business, 200 accounts, two years, and a client."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from bench.support import PGERP, seconds
from pgerp.config import build_url
from pgerp.db import connect, parse_url

LOGIN = "pgerp_bench"
# Codes 1001 to 1100 are assets, 4001 to 4100 revenue. Their ids follow from the codes, so that a
# script of pgbench, which knows numbers only, can name them.
ACCOUNT_ID = "00000000-0000-7000-8000-00000000"
_ACCOUNTS = """
INSERT INTO ledger.accounts (tenant_id, id, type_code, code, name)
SELECT %(tenant)s, (%(prefix)s || n.code)::uuid, t.type_code, n.code, 'Account ' || n.code
FROM (VALUES ('ASSET', 1001), ('REVENUE', 4001)) AS t (type_code, first_code)
CROSS JOIN LATERAL generate_series(t.first_code, t.first_code + 99) AS n (code)
"""


@dataclass
class Books:
    """Books in a database.

    Attributes:
        url: The database, as a superuser.
        client_url: The same as the client login.
        options: Settings of each session of the client.
        tenant_id: The tenant.
        business_id: Its business, code B1.
        period_id: The period of this month.
    """

    url: str
    client_url: str
    tenant_id: int
    business_id: int
    period_id: str
    options: dict[str, str] = field(default_factory=dict)

    def client(self) -> psycopg.Connection:
        """Connect as the client, autocommit, holding the token."""
        words = " ".join(f"-c {name}={value}" for name, value in self.options.items())
        return psycopg.connect(
            self.client_url, autocommit=True, options=words, application_name="bench"
        )


def value(
    conn: psycopg.Connection, query: str, params: Sequence[Any] | Mapping[str, Any] = ()
) -> Any:
    """Return the only value of a query."""
    row = conn.execute(query.encode(), params).fetchone()
    assert row is not None
    return row[0]


def migrate(url: str) -> None:
    """Bring a database up to date, with reference data."""
    for command in ("up", "seed"):
        seconds([*PGERP, "--database-url", url, command])


def make_client(conn: psycopg.Connection, url: str) -> str:
    """Make the login of the client, a member of pgerp_app; return its address."""
    password, login = secrets.token_hex(16), sql.Identifier(LOGIN)
    if not value(conn, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [LOGIN]):
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(login))
    conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(login, password))
    conn.execute(sql.SQL("GRANT pgerp_app TO {}").format(login))
    return build_url({**parse_url(url), "user": LOGIN, "password": password})


@contextlib.contextmanager
def drop_client(url: str) -> Iterator[None]:
    """Drop the login of the client at the end, when its databases are gone."""
    try:
        yield
    finally:
        with connect(url) as conn:
            conn.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(LOGIN)))


def open_books(url: str) -> Books:
    """Migrate a database and make the books in it."""
    migrate(url)
    with connect(url) as conn:
        client_url = make_client(conn, url)
        conn.execute("SELECT * FROM ledger.create_partitions()")
        tenant_id = value(conn, "SELECT identity.create_tenant('Bench')")
        token = value(conn, "SELECT identity.issue_token(%s, 'bench', NULL, '7 days')", [tenant_id])
        conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])
        business_id = value(conn, "SELECT identity.create_business('B1', 'Bench', 'USD')")
        conn.execute(
            "SELECT ledger.create_fiscal_year('B1', (date_trunc('year', current_date) "
            "+ make_interval(years => y.n))::date) FROM generate_series(-1, 1) AS y (n)"
        )
        conn.execute(_ACCOUNTS.encode(), {"tenant": tenant_id, "prefix": ACCOUNT_ID})
        period_id = value(
            conn,
            "SELECT p.id FROM ledger.fiscal_periods AS p "
            "WHERE p.starts_on = date_trunc('month', current_date) AND p.tenant_id = %s",
            [tenant_id],
        )
    options = {"pgerp.token": token}
    return Books(url, client_url, tenant_id, business_id, str(period_id), options)
