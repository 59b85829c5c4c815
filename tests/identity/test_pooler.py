"""A real PgBouncer in transaction mode: few connections of the server, many clients and tenants."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import defaultdict
from collections.abc import Callable

import psycopg
import pytest

from pgerp.db import connect
from tests.identity.conftest import hold
from tests.identity.pooled import LEFT, NOTHING, Stage, documented, post
from tests.ledger.books import offenders
from tests.pgtap import results_eq, throws, value
from tests.pooler import Pooler

CLIENTS, ROUNDS, SIZE = 12, 30, 2


class Client(threading.Thread):
    """One client of the pool: transactions of all kinds, each of which checks what it sees.

    Attributes:
        served: The server's processes that it met.
        posted: What it was told is in the books.
        error: What went wrong.
    """

    def __init__(self, stage: Stage, pooler: Pooler, number: int, careless: bool) -> None:
        super().__init__()
        self.careless = careless
        self.dice = random.Random(number)
        self.stage, self.pooler = stage, pooler
        self.tenant = stage.tenants[number % len(stage.tenants)]
        self.business = number // 3 % 2 + 1
        self.code = ("MAIN", "SIDE")[self.business - 1]
        self.subject = f"client-{number}"
        self.token = stage.token(
            number % len(stage.tenants), sub=self.subject, business=[self.business]
        )
        self.served: set[int] = set()
        self.posted = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        conn = self.open()
        try:
            for _ in range(ROUNDS):
                act = self.dice.choice(
                    [self.read, self.read, self.post, self.post, self.fail, self.forget, self.die]
                )
                if self.careless and self.dice.random() < 0.3:
                    conn.execute("SELECT set_config('pgerp.token', %s, false)", [self.token])
                with contextlib.suppress(Died):
                    self.transact(conn, act)
                    continue
                conn = self.open()
        except BaseException as error:
            self.error = error
        finally:
            conn.close()

    def open(self) -> psycopg.Connection:
        return connect(self.pooler.url(self.stage.login))

    def transact(self, conn: psycopg.Connection, act: Callable[[psycopg.Connection], None]) -> None:
        with contextlib.suppress(Meant), conn.transaction():
            # Nothing of whoever had the connection before.
            results_eq(conn, LEFT, NOTHING)
            results_eq(conn, "SELECT id FROM identity.tenants", [])
            self.served.add(value(conn, "SELECT pg_backend_pid()"))
            act(conn)

    def read(self, conn: psycopg.Connection) -> None:
        hold(conn, self.token)
        conn.execute("SELECT pg_sleep(0.001)")
        results_eq(conn, "SELECT id FROM identity.tenants", [(self.tenant,)])
        results_eq(
            conn,
            "SELECT DISTINCT tenant_id, business_id FROM ledger.fiscal_years",
            [(self.tenant, self.business)],
        )
        assert value(conn, "SELECT ledger.account_balance(%s, '1110')", [self.code]) >= self.posted

    def post(self, conn: psycopg.Connection) -> None:
        hold(conn, self.token)
        entry = value(conn, post(self.code))
        results_eq(
            conn,
            "SELECT tenant_id, business_id, created_by FROM ledger.journal_entries WHERE id = %s",
            [(self.tenant, self.business, self.subject)],
            [entry],
        )
        if self.dice.random() < 0.2:
            raise Meant
        self.posted += 5

    def fail(self, conn: psycopg.Connection) -> None:
        hold(conn, self.token)
        statement, sqlstate = self.dice.choice(
            [
                ("SELECT 1 / 0", "22012"),
                (post("NONE"), "ZI005"),
                ("SELECT ledger.close_period('MAIN', '1999-01')", None),
                ("SELECT FROM identity.signing_keys", "42501"),
            ]
        )
        with pytest.raises(psycopg.Error) as error:
            conn.execute(statement)  # type: ignore[call-overload]
        assert sqlstate in (None, error.value.sqlstate)
        raise Meant

    def forget(self, conn: psycopg.Connection) -> None:
        results_eq(conn, "SELECT DISTINCT tenant_id FROM ledger.journal_lines", [])
        throws(conn, "ZI001", post(self.code))
        raise Meant

    def die(self, conn: psycopg.Connection) -> None:
        hold(conn, self.token)
        conn.execute(post(self.code))  # type: ignore[call-overload]
        conn.pgconn.finish()
        raise Died


class Meant(Exception):
    """The transaction is to be rolled back."""


class Died(Exception):
    """The client went away in the middle of its transaction."""


@pytest.mark.parametrize("careless", [False, True])
def test_no_transaction_of_many_clients_sees_anything_of_another_and_the_books_are_right(
    stage: Stage, careless: bool
) -> None:
    """Careless ones set their token for the session too; the documented settings hold that."""
    with stage.pool(SIZE, **(documented() if careless else {})) as pooler:
        clients = [Client(stage, pooler, number, careless) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(120)
        assert [client.error for client in clients] == [None] * CLIENTS
        with connect(stage.url) as admin:
            # Connections of the server were shared, also after some ended with their clients.
            tenants = defaultdict(set)
            for client in clients:
                for pid in client.served:
                    tenants[pid].add(client.tenant)
            assert max(map(len, tenants.values())) == len(stage.tenants)
            left = "SELECT pid FROM pg_stat_activity WHERE usename = %s"
            pids = [pid for (pid,) in admin.execute(left, [stage.login])]
            assert 1 <= len(pids) <= SIZE
            results_eq(admin, "SELECT locktype FROM pg_locks WHERE pid = ANY (%s)", [], [pids])
    with connect(stage.url) as admin:
        posted: dict[tuple[int, int], int] = defaultdict(int)
        for client in clients:
            posted[client.tenant, client.business] += client.posted
        assert sum(posted.values()) > 0
        for (tenant, business), amount in posted.items():
            results_eq(
                admin,
                "SELECT coalesce(sum(l.amount), 0), coalesce(max(s.debit), 0) FROM"
                " ledger.journal_lines AS l JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id"
                " AND a.id = l.account_id AND a.code = '1110' JOIN LATERAL (SELECT sum(b.debit) AS"
                " debit FROM ledger.account_balances AS b WHERE b.tenant_id = l.tenant_id"
                " AND b.account_id = a.id AND b.business_id = l.business_id) AS s ON true"
                " WHERE l.tenant_id = %s AND l.business_id = %s",
                [(amount, amount)],
                [tenant, business],
            )
        assert offenders(admin) == {}


def test_who_forgets_the_token_has_none_though_the_predecessor_had_one(stage: Stage) -> None:
    with stage.clients() as (one, two):
        for end in ("COMMIT", "ROLLBACK"):
            one.execute("BEGIN")
            hold(one, stage.token())
            one.execute(post())  # type: ignore[call-overload]
            one.execute(end)  # type: ignore[call-overload]
            results_eq(two, LEFT, NOTHING)
            results_eq(two, "SELECT id FROM identity.tenants", [])
            throws(two, "ZI001", post())
