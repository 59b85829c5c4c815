"""What is asked of the database for a loan of a portfolio."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg

from pgerp.portfolio.files import PAYMENTS, Record
from pgerp.portfolio.rows import Loan

TERMS = """
SELECT l.id, c.customer_no::text, p.code::text, l.principal, l.annual_rate_percent, l.instalments,
    l.disbursed_on, l.officer::text
FROM lending.loans AS l
INNER JOIN party.customers AS c ON c.tenant_id = l.tenant_id AND c.id = l.customer_id
INNER JOIN lending.products AS p ON p.tenant_id = l.tenant_id AND p.id = l.product_id
INNER JOIN identity.businesses AS b ON b.tenant_id = l.tenant_id AND b.id = l.business_id
WHERE l.tenant_id = %s AND b.code = %s AND l.loan_no = %s
"""
APPLY = """
SELECT lending.apply_for_loan(
    p_business_code => %s, p_customer_id => %s, p_product_code => %s, p_principal => %s,
    p_instalments => %s, p_applied_on => %s, p_rate => %s, p_disburse_on => %s,
    p_first_due_on => %s, p_officer => %s, p_branch_code => %s, p_purpose => %s, p_loan_no => %s
)
"""


def application_of(record: Record, business: str, customer: object) -> tuple[object, ...]:
    """Return the arguments of APPLY."""
    return (
        *(business, customer, record["product"]),
        *(Decimal(record["principal"]), int(record["instalments"])),
        *(record.get("applied_on") or approved_on(record), Decimal(record["rate"])),
        *(record["disbursed_on"], record.get("first_due_on"), record["officer"]),
        *(record.get("branch"), record.get("purpose"), record["loan_no"]),
    )


def approved_on(record: Record) -> str:
    """Return when a loan was approved: when it was paid out unless its record says so."""
    return record.get("approved_on") or record["disbursed_on"]


def key_of(record: Record, business_id: int) -> str:
    """Return the idempotency key of the disbursement or payment of a record."""
    what = f"payment:{record['payment_no']}" if record.file == PAYMENTS else "disbursement"
    return f"import:{business_id}:{record['loan_no']}:{what}"


def transactions_of(loan: Loan, business_id: int) -> list[dict[str, str | None]]:
    """Return what happened to a loan, as lending.import_transactions takes it."""
    record = loan.record
    paid_out = {
        "key": key_of(record, business_id),
        "kind": "disbursement",
        "effective_on": record["disbursed_on"],
        "amount": record["principal"],
        "method": record.get("method") or "cash",
        "reference": record.get("reference"),
        "fees_withheld": record.get("fees_withheld"),
    }
    payments = [
        {
            "key": key_of(payment, business_id),
            "kind": "payment",
            "effective_on": payment["paid_on"],
            "amount": payment["amount"],
            "method": payment["method"],
            "reference": payment.get("reference"),
            "prepayment": payment.get("prepayment"),
        }
        for payment in loan.payments
    ]
    return [paid_out, *payments]


class Differs(Exception):
    """A record is not what is there."""


def compare_terms(record: Record, there: tuple[object, ...]) -> None:
    """Raise Differs unless a loan that is there has the terms of its record."""
    given: dict[str, object] = {
        "customer_no": record["customer_no"],
        "product": record["product"],
        "principal": Decimal(record["principal"]),
        "rate": Decimal(record["rate"]),
        "instalments": int(record["instalments"]),
        "disbursed_on": date.fromisoformat(record["disbursed_on"]),
        "officer": record["officer"],
    }
    for (column, wanted), found in zip(given.items(), there[1:], strict=True):
        if wanted != found:
            raise Differs(
                f"loan {record['loan_no']!r} is there with another {column}: {found},"
                f" not {record[column]}"
            )


def in_words(error: psycopg.Error) -> str:
    """Return what the server says of a record, on one line."""
    diag = error.diag
    parts = (diag.message_primary, diag.message_detail, diag.message_hint)
    return f"{'; '.join(p.rstrip('.') for p in parts if p)} (SQLSTATE {error.sqlstate})"
