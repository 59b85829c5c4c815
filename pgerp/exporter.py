"""Reading a tenant's journal in order, entry by entry, and writing it in one of several formats."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TextIO

import psycopg

from pgerp.errors import PgerpError
from pgerp.exportnames import Account, plain_names
from pgerp.session import Cursor, TenantSession, database_error, open_tenant, privilege_error

FORMATS = ("hledger", "beancount", "csv")
_FETCH = 5000


@dataclass(frozen=True)
class ExportOptions:
    """What to export.

    Attributes:
        form: One of FORMATS.
        tenant: Its name; None = the only one there is.
        business: A code; None = all businesses together.
        start: First day; None = from the beginning.
        end: Last day; None = all that follow.
        closing: Whether the entries that close a year to equity are wanted.
    """

    form: str
    tenant: str | None = None
    business: str | None = None
    start: date | None = None
    end: date | None = None
    closing: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line; amounts debit positive; `currency` and `currency_amount` only if it has them."""

    account: str
    amount: Decimal
    currency: str | None
    currency_amount: Decimal | None
    description: str | None
    department: str | None
    counterparty: str | None
    due_date: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A posted entry; `kind` is that of its period, `reverses` the id of another entry."""

    lines: list[Line]
    id: str
    number: int
    date: str
    description: str
    reference: str | None
    source_module: str | None
    source_id: str | None
    kind: str
    business: str
    reverses: str | None


@dataclass(frozen=True)
class Books:
    """What a format needs to know beside the entries.

    Attributes:
        title: Tenant and business.
        currency: The functional currency.
        decimals: Currency -> its minor unit.
        accounts: Code -> account, of those with lines.
        names: Code -> name for plain-text accounting.
        opened: Code -> day of the first line.
        others: The other currencies that lines are in.
    """

    title: str
    currency: str
    decimals: dict[str, int]
    accounts: dict[str, Account]
    names: dict[str, str]
    opened: dict[str, str]
    others: list[str]

    def amount(self, value: Decimal, currency: str) -> str:
        """Write an amount with the decimals of its currency, more only if it has more."""
        whole, _, fraction = f"{value:f}".partition(".")
        fraction = fraction.rstrip("0").ljust(self.decimals.get(currency, 0), "0")
        return f"{whole}.{fraction}" if fraction else whole


def export(connection: psycopg.Connection[Any], options: ExportOptions, out: TextIO) -> int:
    """Write a journal, all from one state of the books; return how many entries.

    Args:
        connection: In autocommit mode, of a role that may issue tokens.
        options: What.
        out: Where to; gets the file piece by piece.

    Raises:
        PgerpError: No such tenant or business; several functional currencies; no privilege; the
            format cannot hold something.
    """
    from pgerp import exportformats

    write = exportformats.WRITERS[options.form]
    session = open_tenant(connection, options.tenant)
    try:
        with session.transaction(snapshot=True) as cursor:
            cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
            books = _books(cursor, session.tenant_id, options)
            return write(books, _entries(session, options), out)
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, "export") from error


def _books(cursor: Cursor, tenant_id: int, options: ExportOptions) -> Books:
    cursor.execute(
        "SELECT t.name, b.code, b.currency_code FROM identity.tenants AS t"
        " LEFT JOIN identity.businesses AS b ON b.tenant_id = t.id"
        " WHERE t.id = %s ORDER BY b.code",
        (tenant_id,),
    )
    rows = cursor.fetchall()
    tenant = rows[0][0]
    currencies = {code: currency for _, code, currency in rows if code is not None}
    business = options.business
    if business is not None and business not in currencies:
        names = ", ".join(repr(code) for code in list(currencies)[:10])
        raise PgerpError(
            f"tenant {tenant!r} has no business {business!r}",
            detail=f"Its businesses: {names}." if names else "It has none.",
            hint="Correct --business, or leave it out for all of them together.",
        )
    wanted = {currencies[business]} if business is not None else set(currencies.values())
    if len(wanted) != 1:
        raise PgerpError(
            "the businesses keep their books in several currencies" if wanted else "no business",
            where=f"tenant {tenant!r}",
            hint="Export one business at a time: --business CODE.",
        )
    cursor.execute("SELECT code, coalesce(minor_unit, 0) FROM ledger.currencies")
    decimals: dict[str, int] = dict(cursor.fetchall())
    cursor.execute(
        "SELECT id, code, name, type_code FROM ledger.accounts WHERE tenant_id = %s", (tenant_id,)
    )
    chart = {id: Account(*row) for id, *row in cursor}
    cursor.execute(
        f"SELECT l.account_id, min(l.entry_date)::text {_FROM} GROUP BY l.account_id".encode(),
        _parameters(tenant_id, options),
    )
    opened = {chart[id].code: day for id, day in cursor}
    cursor.execute(
        f"SELECT DISTINCT l.currency_code::text {_FROM}"
        " AND l.currency_code IS NOT NULL ORDER BY 1".encode(),
        _parameters(tenant_id, options),
    )
    others = [code for (code,) in cursor]
    return Books(
        title=f"{tenant}, {business or 'all businesses'}",
        currency=wanted.pop(),
        decimals=decimals,
        accounts={a.code: a for a in sorted(chart.values()) if a.code in opened},
        names=plain_names(chart.values()),
        opened=opened,
        others=others,
    )


_FROM = """
FROM ledger.all_journal_entries AS e
INNER JOIN ledger.all_journal_lines AS l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
INNER JOIN identity.businesses AS b ON b.tenant_id = e.tenant_id AND b.id = e.business_id
WHERE e.tenant_id = %(tenant)s AND e.posted_at IS NOT NULL
    AND (%(business)s::text IS NULL OR b.code = %(business)s)
    AND e.entry_date >= coalesce(%(start)s::date, '-infinity')
    AND e.entry_date <= coalesce(%(end)s::date, 'infinity')
    AND (%(closing)s OR e.period_kind <> 'closing')
"""


def _parameters(tenant_id: int, options: ExportOptions) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "business": options.business,
        "start": options.start,
        "end": options.end,
        "closing": options.closing,
    }


def _entries(session: TenantSession, options: ExportOptions) -> Iterator[Entry]:
    """Yield the entries by date and number; the server keeps what has not been fetched."""
    query = f"""SELECT e.id::text, e.entry_number, e.entry_date::text, e.description, e.reference,
        e.source_module, e.source_id, e.period_kind::text, b.code,
        (SELECT r.entry_id::text FROM ledger.reversals AS r
            WHERE r.tenant_id = e.tenant_id AND r.reversal_id = e.id),
        (SELECT a.code FROM ledger.accounts AS a
            WHERE a.tenant_id = l.tenant_id AND a.id = l.account_id),
        l.amount, l.currency_code, l.currency_amount, l.description, l.department_code,
        l.counterparty, l.due_date::text
        {_FROM} ORDER BY e.entry_date, e.entry_number, e.id, l.line_no"""
    with session.connection.cursor("export") as cursor:
        cursor.itersize = _FETCH
        cursor.execute(query.encode(), _parameters(session.tenant_id, options))
        for _, group in groupby(cursor, key=itemgetter(0)):
            rows = list(group)
            yield Entry([Line(*row[10:]) for row in rows], *rows[0][:10])


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a file that takes the place of `path` when the block ends without error.

    Raises:
        PgerpError: It cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        os.replace(partial, path)
    except OSError as error:
        raise PgerpError(
            f"cannot write the file: {error.strerror}",
            where=str(path),
            hint="Name a file in a folder that this user may write to.",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
