"""What business SIDE has that a token of MAIN must not learn of, and a call of every function."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.identity.conftest import World, hold, make_event, queue_notice
from tests.identity.loans import make_loans
from tests.identity.pay import make_runs
from tests.identity.routines import statement
from tests.ledger import posting
from tests.ledger.books import Books, as_json, post
from tests.ledger.foreign import item, open_foreign_accounts
from tests.ledger.limits import hold as hold_entry
from tests.ledger.limits import let_expire
from tests.pgtap import as_role, value

MAIN, SIDE = 1, 2
SECRET = "7654321.09"
"""An amount of SIDE; sums that it is in show its first digits too."""
DIGITS = re.compile(r"7654\d{3}\b")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Side:
    """The session in whose transaction SIDE has its secrets, and their keys by name."""

    conn: psycopg.Connection
    world: World
    keys: dict[str, Any] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def told(self, text: str, asked: str = "") -> set[str]:
        """Return what a text tells of SIDE beyond what was asked with."""
        return {
            *((set(UUID.findall(text)) & self.ids) - set(UUID.findall(asked))),
            *DIGITS.findall(UUID.sub("", text)),
        }


def make_messages(conn: psycopg.Connection, side: Side) -> None:
    """Give SIDE messages that wait, were sent, and failed."""
    keys, tenant = side.keys, side.world.ours
    keys["written"] = value(
        conn,
        "SELECT id FROM party.customers WHERE tenant_id = %s ORDER BY id LIMIT 1",
        [tenant],
    )
    notes = {
        "sent": "messaging.note_sent(%s, %s, 1, 'of SIDE')",
        "failed": "messaging.note_failed(%s, %s, 1, 'Not there', true)",
        "queued": None,
    }
    for name, note in notes.items():
        keys[name] = queue_notice(conn, keys["written"], "SIDE", SECRET)
        if note:
            conn.execute("SELECT messaging.claim_messages(%s, 'file')", [tenant])
            conn.execute(f"SELECT {note}", [tenant, keys[name]])  # type: ignore[arg-type]


def make_secrets(conn: psycopg.Connection, world: World) -> Side:
    """Give SIDE one of everything that a function can be asked about; all by the API but stripes
    and a hold's end."""
    side = Side(conn, world)
    keys = side.keys
    hold(conn, world.token())
    conn.execute("SELECT identity.create_payment_till('SIDE', 'mpesa_till', '174444', 'Till')")
    conn.execute("SELECT ledger.set_account_limits('1110', p_keeps_version => true)")
    conn.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
    keys["posted"] = post(conn, ("1110", SECRET), ("4100", f"-{SECRET}"), business="SIDE")
    keys["numbered"] = value(
        conn,
        "SELECT entry_id FROM ledger.journal_numbers WHERE tenant_id = %s AND business_id = 2"
        " LIMIT 1",
        [world.ours],
    )
    keys["draft"] = value(
        conn,
        "SELECT ledger.create_journal_entry('SIDE', '2026-03-04', 'Draft', %s, 'DRAFT')",
        [as_json(("1110", SECRET), ("4100", f"-{SECRET}"))],
    )
    keys["held"] = hold_entry(conn, ("1110", SECRET), ("4100", f"-{SECRET}"), business="SIDE")
    let_expire(conn, hold_entry(conn, ("1110", "1"), ("4100", "-1"), business="SIDE"))
    open_foreign_accounts(conn)
    for code, business in (("1130-M", "MAIN"), ("1140", "SIDE")):
        conn.execute(
            "SELECT ledger.create_account(%s, %s, 'ASSET', p_business_code => %s)",
            [code, f"Account {code}", business],
        )
    conn.execute("SELECT ledger.deactivate_account('1140')")
    for name, amount in (("invoice", SECRET), ("payment", f"-{SECRET}"), ("cents", "0.01")):
        keys[name] = item(conn, amount, currency=None, business="SIDE", counterparty=name)
    for name, amount in (("debit", SECRET), ("credit", f"-{SECRET}")):
        keys[name] = item(conn, amount, currency=None, business="SIDE")
    lines = [item(conn, amount, currency=None, business="SIDE") for amount in ("5", "-5")]
    keys["match"] = value(
        conn,
        "SELECT ledger.match_lines(%s, %s, %s, %s)",
        [one for line in lines for one in (line.entry_id, line.line_no)],
    )
    books = Books(world.ours, world.token(), SIDE)
    amounts = posting.ZEROS | dict.fromkeys(("gross", "net"), 0.01)
    posting.emit(conn, books, posting.payload(**amounts))
    item(conn, "100", rate="1.1", account="1150", business="SIDE", counterparty=None)
    for year, business in ((2018, "MAIN"), (2018, "SIDE")):
        conn.execute("SELECT ledger.create_fiscal_year(%s, %s)", [business, f"{year}-01-01"])
    conn.execute("SELECT ledger.close_period('SIDE', '2026-02')")
    plan = json.dumps([{"account": "5100", "amount": SECRET, "bucket": 1}])
    create = "SELECT ledger.create_budget('SIDE', %s, 'Budget', '2026', %s)"
    for code in ("SIDE-1", "SIDE-2"):
        conn.execute(create, [code, plan])
    conn.execute("SELECT ledger.close_budget('SIDE-2')")
    conn.execute("SELECT finance.store_report('SIDE', 'trial_balance')")
    make_runs(conn, world.ours, lambda subject: hold(conn, world.token(sub=subject)), SECRET)
    conn.execute("SELECT ledger.refresh_dashboards()")
    conn.execute(
        """INSERT INTO ledger.account_balances
        SELECT tenant_id, account_id, business_id, period_id, currency_code, 63, 0, 0, 0
        FROM ledger.account_balances WHERE tenant_id = %s AND business_id = 2
            AND period_id IN (SELECT id FROM ledger.fiscal_periods WHERE ends_on < '2018-01-01')
        LIMIT 1""",
        [world.ours],
    )
    make_messages(conn, side)
    keys.update(make_loans(conn, SECRET))
    conn.execute("SELECT lending.refresh_summary()")
    for name, code in (("account", "1110"), ("assets", "1000"), ("receivable", "1200")):
        keys[name] = value(
            conn,
            "SELECT id FROM ledger.accounts WHERE tenant_id = %s AND code = %s",
            [world.ours, code],
        )
    keys["year"] = value(
        conn,
        "SELECT id FROM ledger.fiscal_years WHERE tenant_id = %s AND business_id = 2"
        " AND code = '2026'",
        [world.ours],
    )
    keys["plan"] = value(
        conn,
        "SELECT array_agg(l)::text FROM ledger.budget_lines AS l"
        " WHERE tenant_id = %s AND business_id = 2",
        [world.ours],
    )
    keys["event"] = make_event(conn, world.ours, SIDE, SECRET)
    side.ids = ids_of(conn, world, "= 2") - ids_of(conn, world, "IS DISTINCT FROM 2")
    return side


def tables_with_businesses(conn: psycopg.Connection) -> list[str]:
    """Return our tables that have a business of each row, partitions left out."""
    return [
        name
        for (name,) in conn.execute(
            """SELECT c.oid::regclass::text FROM pg_class AS c
            INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'business_id'
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT a.attisdropped
            ORDER BY 1"""
        )
    ]


def ids_of(conn: psycopg.Connection, world: World, condition: str) -> set[str]:
    """Return every uuid in rows of our tenant whose business meets a condition."""
    return {
        one
        for table in tables_with_businesses(conn)
        for (row,) in conn.execute(
            f"SELECT t::text FROM {table} AS t WHERE tenant_id = %s AND business_id {condition}",  # type: ignore[arg-type]
            [world.ours],
        )
        for one in UUID.findall(row)
    }


def state(conn: psycopg.Connection, world: World) -> str:
    """Return a hash of all that is SIDE's, or shared with it."""
    rows = " UNION ALL ".join(
        f"SELECT '{table} ' || t::text AS row FROM {table} AS t"
        f" WHERE tenant_id = {world.ours} AND coalesce(business_id, 2) IN (0, 2)"
        for table in tables_with_businesses(conn)
    )
    return value(conn, f"SELECT md5(string_agg(r.row, E'\\n' ORDER BY r.row)) FROM ({rows}) AS r")  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Answer:
    """What a call came to.

    Attributes:
        sqlstate: Of its error, or "".
        rows: What it returned, without the functions that return nothing.
        text: All that a client sees: rows, or every field of the error; and warnings.
        is_change: Whether anything of SIDE's, or shared with it, is another now.
    """

    sqlstate: str
    rows: list[tuple[Any, ...]]
    text: str
    is_change: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in the rows but headings and zeros."""
        return all(isinstance(one, str) or one in (None, 0, []) for row in self.rows for one in row)


def ask(side: Side, function: str, arguments: dict[str, Any], businesses: Any) -> Answer:
    """Call a function as a client with a token of these businesses; undo what it did."""
    token = side.world.token(business=businesses)
    return call(side.conn, token, function, arguments, lambda: state(side.conn, side.world))


def call(
    conn: psycopg.Connection,
    token: str,
    function: str,
    arguments: dict[str, Any],
    watched: Callable[[], str],
) -> Answer:
    """Call a function as a client with a token; undo what it did.

    Args:
        conn: A superuser's session, in a transaction.
        token: What the client holds.
        function: Its name.
        arguments: By name.
        watched: Says whether something has changed, by saying something else than before.
    """
    warnings: list[str] = []
    before = watched()
    named = ", ".join(f"{name} => %({name})s" for name in arguments)
    conn.add_notice_handler(keep := lambda diag: warnings.append(_fields(diag)))
    sqlstate, rows, text = "", [], ""
    try:
        with conn.transaction(force_rollback=True):
            try:
                with conn.transaction(), as_role(conn, "pgerp_app"):
                    hold(conn, token)
                    found = conn.execute(statement(conn, function, named).encode(), arguments)
                    rows = [tuple(row) for row in found.fetchall()]
                    text = str(rows)
            except psycopg.Error as error:
                sqlstate, text = error.sqlstate or "", _fields(error.diag)
            is_change = watched() != before
    finally:
        conn.remove_notice_handler(keep)
    return Answer(sqlstate, rows, "\n".join([text, *warnings]), is_change)


def _fields(diag: psycopg.errors.Diagnostic) -> str:
    """Return the fields of an error or warning that come from data."""
    return f"{diag.message_primary} {diag.message_detail} {diag.message_hint}"
