"""The books that a journal file is checked against, and what `--create` adds to them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import psycopg

from pgerp.errors import PgerpError
from pgerp.session import Cursor, TenantSession, database_error

TYPES = ("ASSET", "LIABILITY", "EQUITY", "REVENUE", "EXPENSE")
"""The five types of accounts."""

SEPARATOR = ":"
"""Between the segments of an account code that names its parents."""


class Account(NamedTuple):
    """An account of the chart.

    Attributes:
        type: One of TYPES.
        fault: Why the business cannot post to it now; None = it can.
    """

    type: str
    fault: str | None


class Period(NamedTuple):
    """A fiscal period of the business; `ends_on` included; `status` as in the database."""

    starts_on: date
    ends_on: date
    code: str
    status: str


@dataclass
class NewAccount:
    """An account to make: `is_postable` only if lines of the file name it; `line` was first to."""

    type: str
    is_postable: bool
    line: int


@dataclass
class Books:
    """The part of a tenant's books that an import needs, and what is to be added to it.

    Attributes:
        tenant: The tenant's name.
        business: The business's code.
        session: None while the tenant does not exist.
        currency: The functional currency; None while the business does not exist.
        currencies: The codes that are known and active.
        accounts: The chart: code -> account.
        periods: The fiscal periods, ascending.
        new_accounts: Accounts to make: code -> what; a parent stands before its children.
        new_years: Calendar years to make.
    """

    tenant: str
    business: str
    session: TenantSession | None
    currency: str | None
    currencies: frozenset[str]
    accounts: dict[str, Account] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    new_accounts: dict[str, NewAccount] = field(default_factory=dict)
    new_years: set[int] = field(default_factory=set)
    has_business: bool = False

    def period_of(self, day: date) -> Period | None:
        """Return the fiscal period that a day lies in."""
        at = bisect_right(self.periods, day, key=lambda period: period.starts_on) - 1
        if at >= 0 and self.periods[at].ends_on >= day:
            return self.periods[at]
        return None

    def plan_account(self, code: str, account_type: str, line: int) -> str | None:
        """Plan an account that lines name, and its missing parents as header accounts.

        Args:
            code: Segments separated by `:`; each but the last names a parent.
            account_type: One of TYPES.
            line: The line of the file that names it.

        Returns:
            Why it cannot be made, or None.
        """
        segments = code.split(SEPARATOR)
        if any(not segment.strip() or segment != segment.strip() for segment in segments):
            return f"account {code!r} has an empty part, or blanks around one"
        codes = [SEPARATOR.join(segments[: n + 1]) for n in range(len(segments))]
        for parent in codes[:-1]:
            known = self.accounts.get(parent) or self.new_accounts.get(parent)
            if known is not None and known.type != account_type:
                return (
                    f"account {code!r} is {account_type} here, "
                    f"but {parent!r} above it is {known.type}"
                )
        for parent in codes[:-1]:
            if parent not in self.accounts:
                self.new_accounts.setdefault(parent, NewAccount(account_type, False, line))
        planned = self.new_accounts.setdefault(code, NewAccount(account_type, True, line))
        planned.is_postable = True
        return None


def load_books(
    connection: psycopg.Connection, session: TenantSession | None, tenant: str, business: str
) -> Books:
    """Read what an import checks its lines against.

    Args:
        connection: An open connection, not in a transaction.
        session: A session of the tenant; None = the tenant is to be made.
        tenant: The tenant's name.
        business: The business's code.

    Raises:
        PgerpError: There are no currencies.
    """
    codes = connection.execute("SELECT code FROM ledger.currencies WHERE is_active").fetchall()
    if not codes:
        raise PgerpError(
            "the database knows no currency",
            where="ledger.currencies",
            hint="Load the reference data first: pgerp seed reference.",
        )
    books = Books(tenant, business, session, None, frozenset(code for (code,) in codes))
    if session is None:
        return books
    with session.transaction() as cursor:
        cursor.execute(
            "SELECT id, currency_code, is_active FROM identity.businesses"
            " WHERE tenant_id = %s AND code = %s",
            (session.tenant_id, business),
        )
        found = cursor.fetchone()
        if found is not None:
            business_id, books.currency, is_active = found
            books.has_business = True
            if not is_active:
                raise PgerpError(f"business {business!r} of tenant {tenant!r} is not active")
            books.periods = _periods(cursor, session.tenant_id, business_id)
        books.accounts = _accounts(cursor, session.tenant_id, books)
    return books


def _periods(cursor: Cursor, tenant_id: int, business_id: int) -> list[Period]:
    # Python knows no day after 9999-12-31, PostgreSQL does.
    cursor.execute(
        "SELECT starts_on, least(ends_on, date '9999-12-31'), code, status::text"
        " FROM ledger.fiscal_periods"
        " WHERE tenant_id = %s AND business_id = %s AND kind = 'regular'"
        " AND starts_on BETWEEN date '0001-01-01' AND date '9999-12-31' ORDER BY starts_on",
        (tenant_id, business_id),
    )
    return [Period(*row) for row in cursor]


def _accounts(cursor: Cursor, tenant_id: int, books: Books) -> dict[str, Account]:
    cursor.execute(
        "SELECT a.code, a.type_code, a.is_postable, a.is_active, a.currency_code,"
        " a.business_id IS NOT NULL, b.code"
        " FROM ledger.accounts AS a LEFT JOIN identity.businesses AS b"
        " ON (b.tenant_id, b.id) = (a.tenant_id, a.business_id)"
        " WHERE a.tenant_id = %s",
        (tenant_id,),
    )
    return {row[0]: Account(row[1], _fault(books, row)) for row in cursor}


def _fault(books: Books, row: tuple[Any, ...]) -> str | None:
    code, _, is_postable, is_active, currency, is_owned, owner = row
    if is_owned and owner != books.business:
        return f"account {code!r} belongs to business {owner!r}"
    if not is_active:
        return f"account {code!r} is inactive"
    if not is_postable:
        return f"account {code!r} is a header account: it only sums those below it"
    if currency is not None and books.currency is not None and currency != books.currency:
        return f"account {code!r} takes only amounts in {currency}"
    return None


def create_missing(connection: psycopg.Connection, books: Books) -> tuple[TenantSession, list[str]]:
    """Make the tenant, the business, the fiscal years and the accounts that are missing, or none.

    Args:
        connection: An open connection, not in a transaction.
        books: With the plan that the check of the file left in it, its currency known.

    Returns:
        A session of the tenant, and what was made, in words.

    Raises:
        PgerpError: The database refuses one of them.
    """
    made: list[str] = []
    what = f"tenant {books.tenant!r}"
    try:
        with connection.transaction(), connection.cursor() as cursor:
            session = books.session
            if session is None:
                cursor.execute("SELECT identity.create_tenant(%s)", (books.tenant,))
                row = cursor.fetchone()
                assert row is not None
                session = TenantSession(connection, row[0])
                made.append(what)
            session.enter_new(cursor)
            if not books.has_business:
                what = f"business {books.business!r}"
                cursor.execute(
                    "SELECT identity.create_business(%s, %s, %s)",
                    (books.business, books.business, books.currency),
                )
                made.append(f"{what} in {books.currency}")
            for year in sorted(books.new_years):
                what = f"fiscal year {year} of business {books.business!r}"
                cursor.execute(
                    "SELECT ledger.create_fiscal_year(%s, %s)", (books.business, date(year, 1, 1))
                )
            for code, account in books.new_accounts.items():
                what = f"account {code!r}"
                parent, _, name = code.rpartition(SEPARATOR)
                cursor.execute(
                    "SELECT ledger.create_account(p_code => %s, p_name => %s, p_type => %s,"
                    " p_parent_code => %s, p_is_postable => %s)",
                    (code, name, account.type, parent or None, account.is_postable),
                )
    except psycopg.Error as error:
        raise database_error(error, f"creating {what}") from error
    if books.new_years:
        made.append(f"fiscal years {', '.join(str(year) for year in sorted(books.new_years))}")
    if books.new_accounts:
        headers = sum(not account.is_postable for account in books.new_accounts.values())
        made.append(f"{len(books.new_accounts)} accounts, {headers} of them headers")
    return session, made
