"""Statements of a tenant's books as data: the rows, their sections, sums and proofs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import psycopg

from pgerp.errors import PgerpError
from pgerp.session import Cursor, TenantSession, database_error, privilege_error

_CALLS = {
    "trial-balance": "SELECT * FROM ledger.trial_balance(%(business)s, %(end)s::date)",
    "income-statement": (
        "SELECT * FROM ledger.income_statement(%(business)s, %(start)s::date, %(end)s::date)"
    ),
    "balance-sheet": "SELECT * FROM ledger.balance_sheet(%(business)s, %(end)s::date)",
}

KINDS = tuple(_CALLS)
"""The statements that there are."""

SECTIONS = {
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
    "REVENUE": "Revenue",
    "EXPENSE": "Expenses",
}
"""Account type -> title of its section, in the order of statements."""

Value = str | Decimal | None


@dataclass(frozen=True)
class Span:
    """What a statement covers: days included; None = without bound; `year` if it is one."""

    start: date | None = None
    end: date | None = None
    year: int | None = None

    @classmethod
    def of_year(cls, year: int) -> Span:
        """Return the calendar year."""
        return cls(date(year, 1, 1), date(year, 12, 31), year)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        kind: One of KINDS.
        tenant: Name of the tenant.
        business: Code of the business; None = all of them, consolidated.
        span: What it covers; for a balance its `end` is the day.
        currency: The currency of all amounts; None if there is no business.
        minor_unit: Decimals of the currency by ISO 4217.
        columns: The column names of the ledger's function.
        rows: Its rows, keyed by them.
    """

    kind: str
    tenant: str
    business: str | None
    span: Span
    currency: str | None
    minor_unit: int
    columns: list[str]
    rows: list[dict[str, Value]]

    @property
    def amount_columns(self) -> tuple[str, ...]:
        """The columns that a reader wants to see summed."""
        return ("debit", "credit") if self.kind == "trial-balance" else ("amount",)

    @property
    def decimals(self) -> int:
        """How many decimals show every amount in full, at least those of the currency."""
        most = self.minor_unit
        for row in self.rows:
            for value in row.values():
                if isinstance(value, Decimal):
                    exponent = value.normalize().as_tuple().exponent
                    most = max(most, -exponent if isinstance(exponent, int) else 0)
        return most

    def sections(self) -> Iterator[tuple[str, list[dict[str, Value]]]]:
        """Yield (account type, its rows) for the types that have rows, in statement order."""
        for account_type in SECTIONS:
            rows = [row for row in self.rows if row["account_type"] == account_type]
            if rows:
                yield account_type, rows

    def total(self, column: str, *account_types: str) -> Decimal:
        """Sum a column over the given account types (none given: over all)."""
        return sum(
            (
                value
                for row in self.rows
                if not account_types or row["account_type"] in account_types
                if isinstance(value := row[column], Decimal)
            ),
            Decimal(0),
        )

    @property
    def net_income(self) -> Decimal:
        """Revenue less expenses."""
        return -self.total("balance", "REVENUE", "EXPENSE")

    @property
    def imbalance(self) -> Decimal:
        """What should be zero: all balances of a trial balance or balance sheet."""
        return Decimal(0) if self.kind == "income-statement" else self.total("balance")


def statements(
    session: TenantSession,
    kind: str,
    *,
    business: str | None,
    spans: Sequence[Span] | None,
) -> list[Statement]:
    """Read statements, all from one state of the books.

    Args:
        session: The tenant.
        kind: One of KINDS.
        business: Code of a business; None = consolidated.
        spans: What each statement covers; None = one for each calendar year with postings.

    Raises:
        PgerpError: No such business; several currencies cannot be consolidated; no privilege.
    """
    try:
        with session.transaction(snapshot=True) as cursor:
            tenant, currency, minor_unit = _facts(cursor, session.tenant_id, business)
            if spans is None:
                spans = [Span.of_year(year) for year in _years(cursor, session, business)]
            return [
                Statement(
                    kind,
                    tenant,
                    business,
                    span,
                    currency,
                    minor_unit,
                    *_rows(cursor, kind, business, span),
                )
                for span in spans
            ]
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(session.connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, kind) from error


def _facts(cursor: Cursor, tenant_id: int, business: str | None) -> tuple[str, str | None, int]:
    """Return the tenant's name, the currency of the business or of all, and its minor unit."""
    cursor.execute("SELECT name FROM identity.tenants WHERE id = %s", (tenant_id,))
    row = cursor.fetchone()
    tenant = str(row[0]) if row else ""
    cursor.execute(
        "SELECT b.code, b.currency_code, coalesce(c.minor_unit, 0)"
        " FROM identity.businesses AS b JOIN ledger.currencies AS c ON c.code = b.currency_code"
        " WHERE b.tenant_id = %s ORDER BY b.code",
        (tenant_id,),
    )
    known = {code: (currency, unit) for code, currency, unit in cursor}
    if business is None:
        # Businesses of several currencies are refused by the ledger's own functions.
        return (tenant, *next(iter(known.values()), (None, 0)))
    if business not in known:
        names = ", ".join(repr(code) for code in list(known)[:10])
        raise PgerpError(
            f"tenant {tenant!r} has no business {business!r}",
            detail=f"Its businesses: {names}." if names else "It has none.",
            hint="Correct --business, or leave it out for all of them together.",
        )
    return (tenant, *known[business])


def _years(cursor: Cursor, session: TenantSession, business: str | None) -> range:
    """Return the calendar years from the first period with postings to the last."""
    cursor.execute(
        "SELECT extract(YEAR FROM min(p.starts_on))::integer,"
        " extract(YEAR FROM max(p.ends_on))::integer"
        " FROM ledger.fiscal_periods AS p"
        " JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (p.tenant_id, p.business_id)"
        " WHERE p.tenant_id = %s AND (%s::text IS NULL OR b.code = %s)"
        " AND EXISTS (SELECT FROM ledger.account_balances AS a"
        " WHERE (a.tenant_id, a.business_id, a.period_id) = (p.tenant_id, p.business_id, p.id))",
        (session.tenant_id, business, business),
    )
    row = cursor.fetchone()
    if row is None or row[0] is None:
        return range(0)
    return range(row[0], row[1] + 1)


def _rows(
    cursor: Cursor, kind: str, business: str | None, span: Span
) -> tuple[list[str], list[dict[str, Value]]]:
    """Return the column names and the rows of a statement."""
    cursor.execute(_CALLS[kind], {"business": business, "start": span.start, "end": span.end})
    assert cursor.description is not None
    names = [column.name for column in cursor.description]
    return names, [dict(zip(names, row, strict=True)) for row in cursor]
