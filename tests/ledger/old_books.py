"""Books of two tenants with three old years, closed and sealed, and what they say about any day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.ledger.books import open_books
from tests.ledger.periods import retain
from tests.pgtap import value

YEARS = (2016, 2017, 2018)
DAYS = "2016-01-01 2016-02-15 2017-02-28 2017-06-17 2017-12-31 2018-01-01 2018-07-20 2026-12-31"

ENTRY = """SELECT ledger.insert_entry(%(tenant)s, %(business)s, %(date)s, %(status)s, %(text)s,
    ARRAY(
        SELECT ROW(a.id, l.amount, l.currency, l.foreign_amount, l.rate, NULL, l.department,
            l.counterparty, NULL)::ledger.new_line
        FROM (VALUES
            (1, %(debit)s, %(amount)s::numeric, %(currency)s, %(foreign)s::numeric,
                %(rate)s::numeric, 'D1', %(party)s),
            (2, %(credit)s, -%(amount)s::numeric, NULL, NULL, NULL, NULL, %(party)s)
        ) AS l (place, code, amount, currency, foreign_amount, rate, department, counterparty)
        JOIN ledger.accounts AS a ON a.tenant_id = %(tenant)s AND a.code = l.code
        ORDER BY l.place
    ),
    p_entry_id => core.uuid_v7_floor(%(made)s))::text"""

CLOSING = """SELECT ledger.insert_entry(y.tenant_id, y.business_id, y.ends_on, 'POSTED', 'Closing',
    ledger.closing_lines(y.tenant_id, y.business_id, y.id), p_source_module => 'ledger',
    p_period_kind => 'closing', p_entry_id => core.uuid_v7_floor('2017-01-10 12:00Z'))
FROM ledger.fiscal_years AS y WHERE y.tenant_id = %s AND y.business_id = %s AND y.code = '2016'"""


@dataclass
class OldBooks:
    """What `open_old_books` made.

    Attributes:
        tokens: One for each tenant.
        tenant_id: The first tenant.
        other_id: The second one.
        business_id: Business MAIN of the first tenant.
        entries: Name -> id, of the first tenant: plain, foreign, wrong, its reversal, late (made
            a year after its date), item (open in 2017), abandoned, closing (of 2016,
            made in 2017).
    """

    tokens: list[str]
    tenant_id: int
    other_id: int
    business_id: int
    entries: dict[str, str] = field(default_factory=dict)


def enter(conn: psycopg.Connection, token: str) -> None:
    """Work with a token for the rest of the session."""
    conn.execute("SELECT set_config('pgerp.token', %s, false)", [token])


def write(conn: psycopg.Connection, tenant: int, business: int, **given: Any) -> str:
    """Write an entry with a key of a chosen time; `made` defaults to noon of its date."""
    fill: dict[str, Any] = {
        "tenant": tenant,
        "business": business,
        "status": "POSTED",
        "text": "old",
        "debit": "1110",
        "credit": "4100",
        "amount": "10",
        "currency": None,
        "foreign": None,
        "rate": None,
        "party": None,
        "made": f"{given['date']} 12:00Z",
    }
    return str(value(conn, ENTRY, fill | given))


def open_old_books(conn: psycopg.Connection) -> OldBooks:
    """Make the books, committed, with the old years closed and nothing sealed."""
    with conn.transaction():
        made = _make(conn)
    conn.execute("SELECT * FROM ledger.create_partitions(2)")
    for token in made.tokens:
        enter(conn, token)
        for business in ("MAIN", "SIDE"):
            for year in YEARS:
                close_year(conn, year, business)
    enter(conn, made.tokens[0])
    return made


def close_year(conn: psycopg.Connection, year: int, business: str = "MAIN") -> None:
    """Close a fiscal year of the tenant whose token is held."""
    conn.execute("SELECT ledger.close_fiscal_year(%s, %s)", [business, str(year)])


def reopen_year(conn: psycopg.Connection, year: int, *periods: str) -> None:
    """Reopen a year of MAIN, and some of its periods."""
    call = "SELECT ledger.reopen_fiscal_year('MAIN', %s, 'forgotten', %s)"
    conn.execute(call, [str(year), list(periods)])


def _make(conn: psycopg.Connection) -> OldBooks:
    first = open_books(conn, "First")
    _open_years(conn)
    side = value(conn, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    made = OldBooks([first.token], first.tenant_id, 0, first.business_id)
    ours = (first.tenant_id, first.business_id)
    retain(conn)
    conn.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
    moment = 0
    for year in YEARS:
        for month in (1, 2, 6, 7, 12):
            for business in (first.business_id, side):
                moment += 1
                write(
                    conn,
                    first.tenant_id,
                    business,
                    date=f"{year}-{month:02}-15",
                    debit="5100",
                    credit="2110",
                    amount=f"{moment}.25",
                    made=f"{year}-{month:02}-15 01:00:{moment}Z",
                )
    entries = made.entries
    entries["plain"] = write(conn, *ours, date="2017-03-01", amount="100")
    entries["foreign"] = write(
        conn,
        *ours,
        date="2017-06-15",
        debit="1120",
        amount="125",
        currency="EUR",
        foreign="100",
        rate="1.25",
    )
    entries["wrong"] = write(conn, *ours, date="2017-06-20", amount="9")
    entries["late"] = write(conn, *ours, date="2017-12-30", amount="3", made="2018-01-20 12:00Z")
    entries["item"] = write(conn, *ours, date="2017-07-31", debit="1120", amount="70", party="C-1")
    entries["abandoned"] = write(conn, *ours, date="2017-02-10", status="DRAFT", amount="44")
    conn.execute("SELECT ledger.void_journal_entry(%s, 'not needed')", [entries["abandoned"]])
    entries["reversal"] = write(conn, *ours, date="2017-06-21", amount="-9")
    conn.execute(
        """INSERT INTO ledger.reversals (tenant_id, entry_id, reversal_id, reason)
        VALUES (%s, %s, %s, 'typo')""",
        [first.tenant_id, entries["wrong"], entries["reversal"]],
    )
    write(conn, *ours, date="2026-02-10", amount="1000", made="2026-02-10 12:00Z")
    entries["closing"] = str(value(conn, CLOSING, ours))
    second = open_books(conn, "Second")
    _open_years(conn)
    retain(conn)
    conn.execute("SELECT ledger.set_cash_flow_activity('1110', 'cash')")
    write(conn, second.tenant_id, second.business_id, date="2017-06-15", amount="555")
    made.tokens.append(second.token)
    made.other_id = second.tenant_id
    return made


def _open_years(conn: psycopg.Connection) -> None:
    for business in ("MAIN", "SIDE"):
        for year in (*YEARS, 2019):
            conn.execute("SELECT ledger.create_fiscal_year(%s, %s)", [business, f"{year}-01-01"])


def seal(conn: psycopg.Connection, books: OldBooks) -> None:
    """Seal everything that is posted."""
    for token in books.tokens:
        enter(conn, token)
        conn.execute("SELECT ledger.seal()")
    enter(conn, books.tokens[0])


STATEMENTS = {
    "trial_balance": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.trial_balance(%(business)s, d) AS s",
    "balance_sheet": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.balance_sheet(%(business)s, d) AS s",
    "income_statement": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.income_statement(%(business)s, d - 100, d) AS s",
    "account_balance": "SELECT d, a.code, ledger.account_balance(%(business)s, a.code, d) "
    "FROM unnest(%(days)s::date[]) AS d, ledger.accounts AS a "
    "WHERE a.tenant_id = identity.current_tenant() AND a.code IN ('1110', '5100')",
    "open_items": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.open_items(%(business)s, '1120', d) AS s",
    "aged_balances": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.aged_balances(%(business)s, '1120', d) AS s",
    "movements": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.trial_balance_movements(%(business)s, d - 40, d) AS s",
    "general_ledger": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.general_ledger(%(business)s, '5100', d - 40, d) AS s",
    "account_statement": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "ledger.account_statement(%(business)s, '1120', d - 40, d) AS s",
    "cash_flow_statement": "SELECT d, s FROM unnest(%(days)s::date[]) AS d, "
    "unnest(ARRAY['direct', 'indirect']) AS m, "
    "ledger.cash_flow_statement(%(business)s, d - 40, d, m) AS s",
    "by_month": "SELECT s FROM ledger.income_statement_by_month(%(business)s) AS s",
    "journal_entry_details": "SELECT e FROM ledger.journal_entry_details AS e",
    "all_journal_entries": "SELECT e FROM ledger.all_journal_entries AS e",
    "all_journal_lines": "SELECT l FROM ledger.all_journal_lines AS l",
}
"""Everything that must not change when a year is archived."""


def statements(conn: psycopg.Connection, books: OldBooks) -> dict[str, list[Any]]:
    """Return every statement of every tenant and business as of many days, as sorted text."""
    found: dict[str, list[Any]] = {}
    for token in books.tokens:
        enter(conn, token)
        for business in ("MAIN", "SIDE", None):
            for name, query in STATEMENTS.items():
                rows = conn.execute(query, {"days": DAYS.split(), "business": business})  # type: ignore[call-overload]
                found[f"{name} {business} {token[-5:]}"] = sorted(str(row) for row in rows)
    enter(conn, books.tokens[0])
    return found
