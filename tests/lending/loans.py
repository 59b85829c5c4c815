"""Loans for tests: applied for by alice, whose officer is olive, and approved by bob."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.lending.books import open_accounts
from tests.lending.products import save_product
from tests.party.customers import create
from tests.pgtap import value

APPLIED = "2026-03-02"
"""When loans are applied for; they are paid out on PAID."""
PAID = "2026-03-10"

TERMS: dict[str, Any] = {
    "p_business_code": "MAIN",
    "p_product_code": "season",
    "p_principal": "1200.00",
    "p_instalments": 6,
    "p_applied_on": APPLIED,
    "p_disburse_on": PAID,
    "p_officer": "olive",
}


def call(conn: psycopg.Connection, function: str, **named: Any) -> Any:
    """Call a function of lending with named arguments, and return what it returns."""
    return value(conn, statement(function, named), list(named.values()))


def statement(function: str, named: dict[str, Any]) -> str:
    """Return the call of a function of lending with named arguments."""
    return f"SELECT lending.{function}({', '.join(f'{name} => %s' for name in named)})"


@contextmanager
def acting_as(conn: psycopg.Connection, subject: str, **claims: Any) -> Iterator[None]:
    """Hold a token of this subject, for all businesses unless claims (p_…) say otherwise."""
    held = value(conn, "SELECT current_setting('pgerp.token')")
    tenant = value(conn, "SELECT identity.current_tenant()")
    named = {"p_tenant_id": tenant, "p_subject": subject, **claims}
    arguments = ", ".join(f"{name} => %s" for name in named)
    conn.execute(
        f"SELECT set_config('pgerp.token', identity.issue_token({arguments}), false)",  # type: ignore[arg-type]
        list(named.values()),
    )
    try:
        yield
    finally:
        if conn.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            conn.execute("SELECT set_config('pgerp.token', %s, false)", [held])


def open_lending(conn: psycopg.Connection, **product: Any) -> None:
    """Have the officer olive, the product season, saved with these changes, and its books."""
    open_accounts(conn)
    conn.execute("SELECT identity.create_user('olive', 'Olive', NULL, true)")
    save_product(conn, **product)


def borrower(conn: psycopg.Connection, name: str = "Wanjiru") -> Any:
    """Return a new customer."""
    return create(conn, kind="person", display_name=name)


def apply(conn: psycopg.Connection, customer: Any = None, **changes: Any) -> Any:
    """Apply for a loan by TERMS with these changes, for a new customer unless given."""
    named = {**TERMS, "p_customer_id": customer or borrower(conn), **changes}
    return call(conn, "apply_for_loan", **named)


def approve(conn: psycopg.Connection, loan: Any, by: str = "bob", **changes: Any) -> Any:
    """Approve it on APPLIED; return it."""
    with acting_as(conn, by):
        call(conn, "approve_loan", **{"p_loan_id": loan, "p_approved_on": APPLIED, **changes})
    return loan


def disburse(conn: psycopg.Connection, loan: Any, **changes: Any) -> Any:
    """Pay it out on PAID; return the id of the transaction."""
    return call(conn, "disburse_loan", **{"p_loan_id": loan, "p_disbursed_on": PAID, **changes})


def paid_out(conn: psycopg.Connection, **changes: Any) -> Any:
    """Return a new loan by TERMS with these changes, approved and paid out."""
    loan = approve(conn, apply(conn, **changes))
    disburse(conn, loan)
    return loan


def status(conn: psycopg.Connection, loan: Any) -> str:
    """Return the status of a loan."""
    return str(value(conn, "SELECT status FROM lending.loans WHERE id = %s", [loan]))
