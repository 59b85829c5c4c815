"""A committed database in which every table, partition and view has rows of both tenants, and of
both businesses of ours; and logins to try things with."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from tests.identity.conftest import World, hold, make_books
from tests.identity.matrix.whole_tenant import HASH
from tests.identity.two_businesses import SIDE, Side, make_secrets
from tests.ledger.books import as_json
from tests.ledger.old_books import write
from tests.pgtap import value
from tests.years import THIS_YEAR

OTHER_YEARS = rf"""
SELECT substring(c.relname FROM '\d{{4}}$')
FROM pg_inherits AS i
JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = %s::regclass AND c.relname !~ '_{THIS_YEAR}$'"""
"""The partitions that nothing comes into by itself; NULL: the default one."""

NO_YEAR = "2012"
"""A year without a partition of its own."""

FIRST_LOANS = """l.loan_id IN (
    SELECT DISTINCT ON (f.business_id) f.id FROM lending.loans AS f
    WHERE f.tenant_id = l.tenant_id ORDER BY f.business_id, f.id)"""
OTHERS = {
    "audit.log": "true",
    "events.event_store": "true",
    "lending.transactions": FIRST_LOANS,
    "lending.movements": FIRST_LOANS,
}
"""Tables with partitions to be filled from that of this year, and with which of its rows: of loans,
those that no function is asked about."""

KEYS = {
    "address": "party.customer_addresses WHERE true",
    "budget": f"ledger.budgets WHERE business_id = {SIDE} AND code = 'SIDE-1'",
    "contact": "party.customer_contacts WHERE true",
    "customer": "party.customers WHERE true",
    "document": "party.identity_documents WHERE true",
    "legal_hold": "audit.legal_holds WHERE true",
}
"""Rows of our tenant that functions are asked about, by what questions call them."""


REDACT = """
SELECT
    set_config('pgerp.tenant_id', t.tenant_id::text, true),
    audit.redact(
        t.tenant_id, 'identity.payment_tills', jsonb_build_object('id', t.id), '{name}', 'Law'
    )
FROM identity.payment_tills AS t
WHERE t.tenant_id = %s AND t.business_id = %s
LIMIT 1"""


@dataclass(frozen=True)
class Logins:
    """Roles that may log in.

    Attributes:
        client: May become any role of pgerp, and nobody.
        password: Its password.
        nobody: Has what PUBLIC has.
    """

    client: str
    password: str
    nobody: str

    def url(self, url: str) -> str:
        """Return a database's address for the client."""
        return build_url({**parse_url(url), "user": self.client, "password": self.password})


@contextlib.contextmanager
def make_logins(server_url: str, suffix: str, roles: list[str]) -> Iterator[Logins]:
    """Make the two logins, the client a member of these roles; they go with the context."""
    logins = Logins(f"matrix_client_{suffix}", secrets.token_urlsafe(), f"matrix_nobody_{suffix}")
    with connect(server_url) as conn:
        conn.execute(f"CREATE ROLE {logins.nobody} LOGIN")  # type: ignore[arg-type]
        conn.execute(
            f"CREATE ROLE {logins.client} LOGIN PASSWORD '{logins.password}'"  # type: ignore[arg-type]
            f" IN ROLE {', '.join([*roles, logins.nobody])}"
        )
        try:
            yield logins
        finally:
            conn.execute(f"DROP ROLE {logins.client}, {logins.nobody}")  # type: ignore[arg-type]


def make_world(url: str) -> Side:
    """Fill a migrated database, as its superuser; return what is known of SIDE, without session."""
    world = World(url, url, "", *make_books(url))
    with connect(url, autocommit=False) as conn:
        side = make_secrets(conn, world)
        conn.commit()
        for tenant in (world.ours, world.theirs):
            issue = "SELECT identity.issue_token(%s, p_permissions => '{*}')"
            hold(conn, value(conn, issue, [tenant]))
            _fill(conn, tenant)
            conn.commit()
        conn.execute("SELECT ledger.refresh_dashboards(), lending.refresh_summary()")
        _summarise(conn)
        for name, where in KEYS.items():
            side.keys[name] = value(
                conn, f"SELECT id FROM {where} AND tenant_id = %s LIMIT 1", [world.ours]
            )
        conn.commit()
    return side


def _summarise(conn: psycopg.Connection) -> None:
    """Have pay of everybody in the summary, which counts what is in the books; change no pay."""
    conn.execute("SET LOCAL session_replication_role = replica")
    conn.execute(
        "UPDATE payroll.payroll_records SET status = 'processed', accounting_transaction_id = id"
        " WHERE status = 'pending'"
    )
    conn.execute("REFRESH MATERIALIZED VIEW payroll.run_summary")
    conn.execute(
        "UPDATE payroll.payroll_records SET status = 'pending', accounting_transaction_id = NULL"
        " WHERE accounting_transaction_id = id"
    )
    conn.execute("SET LOCAL session_replication_role = origin")


def _fill(conn: psycopg.Connection, tenant: int) -> None:
    """Have rows of one tenant in what nothing else fills."""
    conn.execute("SELECT identity.set_password_hash('ursula', %s)", [HASH])
    conn.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
    conn.execute(
        "SELECT ledger.create_account('1135', 'Of MAIN', 'ASSET', p_business_code => 'MAIN')"
    )
    for business_id, business in enumerate(("MAIN", "SIDE"), 1):
        conn.execute(REDACT, [tenant, business_id])
        conn.execute(
            "SELECT ledger.create_journal_entry(%s, '2026-03-04', 'Once', %s,"
            " p_idempotency_key => %s)",
            [business, as_json(("1110", "2"), ("4100", "-2")), f"key of {business}"],
        )
        for (year,) in conn.execute(OTHER_YEARS, ["ledger.journal_entries"]).fetchall():
            made = f"{year or NO_YEAR}-06-0{business_id} 12:00Z"
            write(conn, tenant, business_id, date="2026-03-04", made=made)
    conn.execute(
        """INSERT INTO events.processed_events
        SELECT tenant_id, 'ledger.post_event', id, business_id, '{"reason": "nothing"}', now()
        FROM events.event_store WHERE tenant_id = %s AND event_type = 'shop.sold'""",
        [tenant],
    )
    for table, which in OTHERS.items():
        for (year,) in conn.execute(OTHER_YEARS, [table]).fetchall():
            conn.execute(
                f"""INSERT INTO {table} SELECT (jsonb_populate_record(l, jsonb_build_object(
                    'id', left(core.uuid_v7_floor(%s)::text, 13) || substr(l.id::text, 14)
                ))).*
                FROM {table}_{THIS_YEAR} AS l
                WHERE l.tenant_id = %s AND {which}""",  # type: ignore[arg-type]
                [f"{year or NO_YEAR}-06-01 12:00Z", tenant],
            )
    conn.execute("SELECT * FROM audit.seal()")
    conn.execute(
        "INSERT INTO audit.removals (tenant_id, log_year, row_count, seal_nos)"
        " VALUES (%s, 2012, 1, '{}')",
        [tenant],
    )
    conn.execute("SELECT audit.place_legal_hold('Court')")
