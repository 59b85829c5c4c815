"""Reports that are lists: rows in the order and with the columns of the database's function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from pgerp.errors import PgerpError
from pgerp.session import TenantSession, database_error, privilege_error

_CALLS = {
    "trial-balance-movements": "ledger.trial_balance_movements(%(business)s, %(start)s, %(end)s)",
    "general-ledger": "ledger.general_ledger(%(business)s, %(account)s, %(start)s, %(end)s)",
    "account-statement": (
        "ledger.account_statement(%(business)s, %(account)s, %(start)s, %(end)s, %(counterparty)s)"
    ),
    "cash-flow": "ledger.cash_flow_statement(%(business)s, %(start)s, %(end)s, %(method)s)",
    "comparative-income": (
        "ledger.income_statement_comparative("
        "%(business)s, %(start)s, %(end)s, %(compare_start)s, %(compare_end)s)"
    ),
    "income-by-month": "ledger.income_statement_by_month(%(business)s, %(start)s, %(end)s)",
    "aged-balances": (
        "ledger.aged_balances(%(business)s, %(account)s, coalesce(%(as_of)s::date, current_date))"
    ),
    "par": (
        "unnest(%(days)s::integer[]) AS of_days (number),"
        " lending.calculate_par(of_days.number, %(as_of)s, %(business)s)"
    ),
    "arrears": "lending.arrears(%(as_of)s, %(business)s)",
    "portfolio": "lending.portfolio(%(by)s, %(as_of)s, %(business)s)",
}

OF_LOANS = ("par", "arrears", "portfolio")
"""Those of loans; the others are of the ledger."""

DAYS = (1, 30, 60, 90, 180)
"""Beyond how many days late a loan is at risk, unless asked otherwise."""

LISTS = tuple(_CALLS)
"""The reports that there are."""

WORDS = {
    "account": ("general-ledger", "account-statement", "aged-balances"),
    "counterparty": ("account-statement",),
    "method": ("cash-flow",),
    "compare_start": ("comparative-income",),
    "compare_end": ("comparative-income",),
    "as_of": ("aged-balances", *OF_LOANS),
    "by": ("portfolio",),
    "days": ("par",),
    "start": tuple(kind for kind in LISTS if kind not in ("aged-balances", *OF_LOANS)),
    "end": tuple(kind for kind in LISTS if kind not in ("aged-balances", *OF_LOANS)),
}
"""Argument -> the reports that take it."""


@dataclass(frozen=True)
class Listing:
    """A report as rows.

    Attributes:
        columns: The column names of the database's function.
        rows: Its rows.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]


def listing(
    session: TenantSession, kind: str, business: str | None, arguments: Mapping[str, Any]
) -> Listing:
    """Read one report.

    Args:
        session: The tenant.
        kind: One of LISTS.
        business: Code of a business; None = consolidated.
        arguments: Those of WORDS that were given.

    Raises:
        PgerpError: An argument is missing; no such business or account; no account is cash; no
            privilege.
    """
    if kind in WORDS["account"] and not arguments.get("account"):
        raise PgerpError(f"{kind} needs an account", hint="Name it with --account CODE.")
    given = {name: arguments.get(name) for name in WORDS} | {
        "business": business,
        "method": arguments.get("method") or "indirect",
        "by": arguments.get("by") or "product",
        "days": [arguments["days"]] if arguments.get("days") is not None else list(DAYS),
    }
    try:
        with session.transaction(snapshot=True) as cursor:
            cursor.execute(f"SELECT found.* FROM {_CALLS[kind]} AS found", given)
            assert cursor.description is not None
            return Listing([column.name for column in cursor.description], cursor.fetchall())
    except psycopg.errors.InsufficientPrivilege as error:
        raise privilege_error(session.connection, error) from error
    except psycopg.Error as error:
        raise database_error(error, kind) from error
