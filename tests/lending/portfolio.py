"""A portfolio of loans in CSV files, whose balances are known by hand, and what it needs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import psycopg

from tests.ledger.books import Books, open_books
from tests.lending.books import open_accounts
from tests.lending.products import save_product

AS_OF = "2026-03-15"
"""The day of the old system's balances."""
OPEN_FROM = "2026-03-01"
"""From when the books are open."""

CUSTOMERS = [
    {"customer_no": "C-1", "given_name": "Mary", "family_name": "Wanjiku", "phone": "0712345678"},
    {"customer_no": "C-2", "organisation_name": "Maji Ltd"},
]

_LOAN = {
    "customer_no": "C-1", "product": "flat", "principal": "1200", "rate": "12",
    "instalments": "12", "disbursed_on": "2025-10-15", "officer": "olive", "approved_by": "bob",
    "old_fees": "0", "old_penalties": "0",
}  # fmt: skip
# 1,200 at 12 % flat: 100 and 12 a month from 15 November; five are due by 15 March.
LOANS = [
    {"loan_no": "ON-TIME", "old_principal": "700", "old_interest": "0"},
    # Two paid. 112 are late for 59 days and 112 for 28, at 36.5 % a year: 9.744.
    {
        "loan_no": "LATE",
        "old_principal": "1000.00",
        "old_interest": "36",
        "old_penalties": "9.74",
    },
    {"loan_no": "PREPAID", "old_principal": "400", "old_interest": "0"},
    {"loan_no": "OVERPAID", "old_principal": "0", "old_interest": "0"},
    {"loan_no": "CLOSED", "old_principal": "0", "old_interest": "0", "customer_no": "C-2"},
    # Its fee of 1.5 % was charged, and 10 of it paid; 14 of 31 days of interest: 5.419.
    {
        "loan_no": "YOUNG",
        "product": "fee",
        "disbursed_on": "2026-03-01",
        "first_due_on": "2026-04-01",
        "method": "mpesa",
        "fees_withheld": "0",
        "old_principal": "1200",
        "old_interest": "5.42",
        "old_fees": "8",
    },
]

_DUE = [f"{month}-15" for month in ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")]
_PAID = [
    *[("ON-TIME", day, "112") for day in _DUE],
    *[("LATE", day, "112.00") for day in _DUE[:2]],
    *[("PREPAID", day, "112") for day in _DUE[:4]],
    ("PREPAID", _DUE[4], "412"),
    # 1,200 and 12 of interest pay all off.
    ("OVERPAID", _DUE[0], "1400"),
    ("CLOSED", _DUE[0], "1212"),
    ("YOUNG", "2026-03-10", "10"),
]
PAYMENTS = [
    {
        "loan_no": loan,
        "payment_no": str(number),
        "paid_on": day,
        "amount": amount,
        "method": "cash",
        "reference": f"R-{number}",
        "prepayment": "reduce_instalment" if loan == "PREPAID" else "",
    }
    for number, (loan, day, amount) in enumerate(_PAID, 1)
]

Change = dict[str, Any]


def open_lender(conn: psycopg.Connection) -> Books:
    """Make a tenant with books, accounts of lending, the users bob and olive, and two products."""
    books = open_books(conn)
    open_accounts(conn)
    conn.execute("SELECT identity.create_role('approver', 'Approver', '{lending.approve}')")
    for subject in ("bob", "olive"):
        conn.execute("SELECT identity.create_user(%s, %s, NULL, true)", [subject, subject.title()])
        conn.execute("SELECT identity.grant_role(%s, 'approver')", [subject])
    terms = {
        "method": "flat",
        "effective_from": "2025-01-01",
        "penalty_rate_percent": "36.5",
        "penalty_grace_days": 0,
        "penalty_cap_percent": 100,
    }
    fee = {
        "code": "file", "name": "File fee", "occasion": "disbursement", "basis": "percent",
        "amount": "1.5",
    }  # fmt: skip
    save_product(conn, code="flat", fees=[], **terms)
    save_product(conn, code="fee", fees=[fee], **terms)
    return books


def write_portfolio(
    folder: Path,
    *,
    customers: dict[str, Change] | None = None,
    loans: dict[str, Change] | None = None,
    payments: dict[str, Change] | None = None,
) -> Path:
    """Write the files, with changes to the record of a number; None leaves the record out."""
    _write(folder / "customers.csv", CUSTOMERS, "customer_no", customers or {})
    _write(folder / "loans.csv", [_LOAN | loan for loan in LOANS], "loan_no", loans or {})
    _write(folder / "payments.csv", PAYMENTS, "payment_no", payments or {})
    return folder


def _write(path: Path, records: list[Change], key: str, changes: dict[str, Change]) -> None:
    kept = [r | (changes.get(r[key]) or {}) for r in records if changes.get(r[key], {}) is not None]
    kept += [changes[number] for number in changes if number.startswith("+")]
    columns = list(dict.fromkeys(column for record in kept for column in record))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
