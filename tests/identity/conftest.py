"""Fixtures of the tests of identity."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgerp.config import build_url
from pgerp.db import connect, parse_url
from tests.conftest import ROOT
from tests.identity.loans import lend, offer_loans
from tests.identity.pay import employ
from tests.identity.people import make_people
from tests.identity.pooled import Stage
from tests.identity.tokens import KEY, claims, sign
from tests.ledger.books import as_json, open_books, post
from tests.ledger.old_books import write
from tests.ledger.posting import add_type, both, save
from tests.party.customers import DOCUMENT, PHONE
from tests.pgtap import value
from tests.servers import Server


@pytest.fixture
def tenant(db: psycopg.Connection) -> int:
    """A tenant, and the test's key to sign tokens with, in the transaction of `db`."""
    db.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
    return value(db, "SELECT identity.create_tenant('Tenant')")


@pytest.fixture
def people(db: psycopg.Connection, tenant: int) -> int:
    """A tenant with the businesses A and B, and the users owner, accountant, staff and ann."""
    make_people(db, tenant)
    for code in "AB":
        db.execute("SELECT identity.create_business(%s, %s, 'USD')", [code, code])
    db.execute("SELECT identity.create_user('ann', 'Ann', 'ann@example.com')")
    return tenant


@dataclass(frozen=True)
class World:
    """A committed database with the books of two tenants, each with the businesses 1 and 2.

    Attributes:
        url: The database, as a superuser.
        client_url: The same as a login that is a member of pgerp_app and of nothing else.
        login: Its name.
        ours: One tenant.
        theirs: The other.
    """

    url: str
    client_url: str
    login: str
    ours: int
    theirs: int

    def token(self, **changes: object) -> str:
        """Return a token of our tenant, for all businesses unless changed."""
        return sign(claims(self.ours, **changes))


NewDatabase = Callable[[str | None], contextlib.AbstractContextManager[str]]


@contextlib.contextmanager
def make_world(
    new_database: NewDatabase, template: str, server: Server, login: str
) -> Iterator[World]:
    """Make a database with the books of two tenants, and a login of that name for clients."""
    password = secrets.token_urlsafe()
    with connect(server.url) as maintenance:
        maintenance.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{password}' IN ROLE pgerp_app")
        try:
            with new_database(template) as url:
                ours, theirs = make_books(url)
                client_url = build_url({**parse_url(url), "user": login, "password": password})
                yield World(url, client_url, login, ours, theirs)
        finally:
            maintenance.execute(f"DROP ROLE {login}")


@pytest.fixture(scope="session")
def world(
    new_database: NewDatabase, template: str, server: Server, worker_id: str
) -> Iterator[World]:
    login = f"pgerp_client_{os.getpid()}_{worker_id}"
    with make_world(new_database, template, server, login) as made:
        yield made


def make_books(url: str) -> tuple[int, int]:
    """Make two tenants whose books have a row in every table; ours moved 100, theirs 7."""
    tenants = []
    with connect(url) as conn:
        conn.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
        add_type(conn)
        conn.execute(
            "INSERT INTO events.event_types (code, aggregate_type, description, payload_schema)"
            " VALUES ('shop.sold', 'sale', 'Test', '{\"type\": \"object\"}')"
        )
        conn.execute("INSERT INTO events.subscriptions VALUES ('shop.sold', 'shop.note')")
        for name, amount in (("Ours", "100"), ("Theirs", "7")):
            books = open_books(conn, name)
            tenants.append(books.tenant_id)
            for business, business_id in (("MAIN", 1), ("SIDE", 2)):
                conn.execute("SELECT ledger.create_fiscal_year(%s, '2017-01-01')", [business])
                write(
                    conn,
                    books.tenant_id,
                    business_id,
                    date=f"2017-03-0{business_id}",
                    debit="1120",
                    credit="1120",
                )
                post(conn, ("1110", amount), ("4100", f"-{amount}"), business=business)
                conn.execute("SELECT ledger.close_period(%s, '2026-03')", [business])
                conn.execute("SELECT ledger.reopen_period(%s, '2026-03', 'Late')", [business])
                mistake = post(conn, ("1110", "1"), ("4100", "-1"), business=business)
                conn.execute("SELECT ledger.reverse_journal_entry(%s, 'Twice')", [mistake])
                conn.execute(
                    "SELECT ledger.set_account_role('retained_earnings', '3100', %s)", [business]
                )
                plan_and_hold(conn, business)
                save(conn, business=business, lines=both())
                conn.execute("SELECT ledger.close_fiscal_year(%s, '2017')", [business])
                conn.execute("SELECT finance.store_report(%s, 'trial_balance')", [business])
                make_event(conn, books.tenant_id, business_id, amount)
                employ(conn, business, f"{amount}000")
                offer_loans(conn, business)
            make_users(conn, name)
            make_customer(conn)
            for business in ("MAIN", "SIDE"):
                lend(conn, business)
            conn.execute(
                "INSERT INTO ledger.retention_rules (tenant_id, retention_years, reason)"
                " VALUES (%s, 5, 'Law')",
                [books.tenant_id],
            )
            conn.execute("SELECT ledger.set_exchange_rate('EUR', 'USD', '2026-03-04', 1.25)")
            conn.execute("SELECT ledger.seal()")
        archive(conn)
    return tenants[0], tenants[1]


def make_event(conn: psycopg.Connection, tenant_id: int, business_id: int, total: str) -> Any:
    """Emit an event that one handler has acted upon and another gave up; return its id."""
    conn.execute("SELECT set_config('pgerp.tenant_id', %s, false)", [str(tenant_id)])
    event_id = value(
        conn,
        "SELECT events.emit(%s, 'shop.sold', %s, %s, %s)",
        [tenant_id, f"sale-{business_id}", f'{{"total": {total}}}', business_id],
    )
    for statement in (
        """INSERT INTO events.processed_events (
            tenant_id, handler, event_id, business_id, result, processed_at
        )
        SELECT tenant_id, 'shop.note', id, business_id, payload, now()
        FROM events.event_store WHERE id = %s""",
        """INSERT INTO events.pending (
            tenant_id, handler, event_id, business_id, aggregate_type, aggregate_id,
            aggregate_version, position, status, due_at, arrived_at, last_error
        )
        SELECT
            tenant_id, 'shop.tell', id, business_id, aggregate_type, aggregate_id,
            aggregate_version, position, 'parked', now(), now(), payload::text
        FROM events.event_store WHERE id = %s""",
    ):
        conn.execute(statement, [event_id])
    return event_id


def make_users(conn: psycopg.Connection, name: str) -> None:
    """Make a user with a role and both businesses; tokens of alice are a service's."""
    conn.execute("SELECT identity.create_user('ursula', %s)", [f"Ursula of {name}"])
    conn.execute("SELECT identity.create_role('clerk', 'Clerk', '{ledger.post}')")
    conn.execute("SELECT identity.grant_role('ursula', 'clerk')")
    for number, business in enumerate(("MAIN", "SIDE"), 1):
        conn.execute("SELECT identity.grant_business('ursula', %s)", [business])
        conn.execute(
            "SELECT identity.create_payment_till(%s, 'mpesa_till', %s, 'Till')",
            [business, f"17437{number}"],
        )


def queue_notice(
    conn: psycopg.Connection,
    customer: Any,
    business: str,
    amount: str,
    not_before: str = "2026-01-01",
) -> Any:
    """Queue a message of a business to a customer and return its id."""
    return value(
        conn,
        "SELECT messaging.queue_message(%s, %s, 'notice', %s, NULL, %s)",
        [business, customer, json.dumps({"amount": amount}), not_before],
    )


def make_customer(conn: psycopg.Connection) -> None:
    """Make a customer with one of everything, and a message from each business."""
    customer = value(
        conn,
        "SELECT party.create_customer(%s)",
        [json.dumps({"given_name": "Mary", "family_name": "Wanjiku", **PHONE})],
    )
    for function, part in (
        ("add_contact", {"channel": "phone", **PHONE}),
        ("add_address", {"line_1": "Box 1", "city": "Nairobi", "country_code": "KE"}),
        ("add_identity_document", DOCUMENT),
    ):
        conn.execute(f"SELECT party.{function}(%s, %s)", [customer, json.dumps(part)])  # type: ignore[arg-type]
    conn.execute("SELECT party.record_consent(%s, 'sms_reminders', 'paper_form')", [customer])
    conn.execute(
        "INSERT INTO party.privacy_acts (tenant_id, customer_id, kind, row_counts)"
        " SELECT c.tenant_id, c.id, 'export', '{}' FROM party.customers AS c WHERE c.id = %s",
        [customer],
    )
    notice = {"code": "notice", "language": "en", "body": "Pay {{amount}}.", "purpose": "notices"}
    conn.execute("SELECT messaging.save_template(%s)", [json.dumps(notice)])
    for business in ("MAIN", "SIDE"):
        queue_notice(conn, customer, business, "1", "2099-01-01")


def plan_and_hold(conn: psycopg.Connection, business: str) -> None:
    """Have a budget with a warning, a head with what is held, and no balance changed by it."""
    conn.execute("SELECT ledger.set_account_limits('1120', p_keeps_version => true)")
    conn.execute(
        "SELECT ledger.create_budget(%s, %s, 'Budget', '2026', %s, p_policy => 'warn')",
        [business, business, json.dumps([{"account": "5100", "amount": "1"}])],
    )
    spent = post(conn, ("5100", "9"), ("1120", "-9"), business=business)
    conn.execute("SELECT ledger.reverse_journal_entry(%s, 'Not ours')", [spent])
    conn.execute(
        "SELECT ledger.hold_journal_entry(%s, '2026-03-04', 'Held', %s)",
        [business, as_json(("1120", "5"), ("2110", "-5"))],
    )


def archive(conn: psycopg.Connection) -> None:
    """Move the year 2017 to the archive."""
    conn.execute("SELECT * FROM ledger.create_partitions(2)")
    # Autovacuum may hold what is to be moved; it steps aside after a second.
    conn.execute("ALTER FUNCTION ledger.archive_before SET lock_timeout = '20s'")
    assert value(conn, "SELECT year FROM ledger.archive_before('2018-01-01')") == 2017


@pytest.fixture
def client(world: World) -> Iterator[psycopg.Connection]:
    """A client's session with a token of our tenant, in a transaction that is rolled back."""
    with contextlib.closing(connect(world.client_url, autocommit=False)) as conn:
        hold(conn, world.token())
        yield conn


@pytest.fixture
def admin(world: World) -> Iterator[psycopg.Connection]:
    """A superuser's session on the same database, in a transaction that is rolled back."""
    with contextlib.closing(connect(world.url, autocommit=False)) as conn:
        yield conn


@pytest.fixture
def stage(clone: str, server: Server, scratch: Path) -> Iterator[Stage]:
    login, password = f"pgerp_pool_{os.getpid()}", secrets.token_urlsafe()
    with connect(server.url) as maintenance:
        maintenance.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{password}' IN ROLE pgerp_app")
    try:
        with connect(clone) as conn:
            # A clone has none of the privileges of its template's database.
            conn.execute((ROOT / "sql/roles.sql").read_text())  # type: ignore[call-overload]
            conn.execute("SELECT identity.add_signing_key('test', %s)", [KEY])
            tenants = [open_books(conn, f"Tenant {n}").tenant_id for n in range(3)]
        yield Stage(clone, login, password, tenants, scratch)
    finally:
        with connect(clone) as conn:
            conn.execute(f"DROP OWNED BY {login}")
        with connect(server.url) as maintenance:
            maintenance.execute(f"DROP ROLE {login}")


def hold(conn: psycopg.Connection, token: str) -> None:
    """Have the transaction hold a token."""
    conn.execute("SELECT set_config('pgerp.token', %s, true)", [token])
