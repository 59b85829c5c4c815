"""What the records of a portfolio say, and what is wrong with them by themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from pgerp.portfolio.files import (
    BALANCES,
    CUSTOMERS,
    FILES,
    LOANS,
    PAYMENTS,
    Problem,
    Record,
    read_file,
)

_AMOUNT = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,4})?", re.ASCII).fullmatch
_RATE = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,10})?", re.ASCII).fullmatch
_COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII).fullmatch
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII).fullmatch
_NAMES = ("given", "family", "organisation", "display")
_PREPAYMENTS = ("advance", "reduce_instalment", "reduce_term")

LONGEST_NUMBER = 60
"""Characters of a loan_no or payment_no: both are parts of an idempotency key."""


@dataclass(frozen=True)
class Loan:
    """A loan with what was paid.

    Attributes:
        record: Its line in loans.csv.
        payments: Its lines in payments.csv.
        old: What the old system says is owed: kind -> amount, for the kinds that it gives.
    """

    record: Record
    payments: list[Record] = field(default_factory=list)
    old: dict[str, Decimal] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """Its loan_no."""
        return self.record["loan_no"]


@dataclass(frozen=True)
class Portfolio:
    """What the files say.

    Attributes:
        customers: By customer_no.
        loans: In the order of the file.
        problems: What is wrong, by file and line.
    """

    customers: dict[str, Record]
    loans: list[Loan]
    problems: list[Problem]


def read_portfolio(folder: Path) -> Portfolio:
    """Read the files, and find all that is wrong with them by themselves.

    Raises:
        PgerpError: A file cannot be read as such.
    """
    problems: list[Problem] = []
    records: dict[str, list[Record]] = {}
    for name in FILES:
        records[name], found = read_file(folder, name)
        problems += found
    checks = {CUSTOMERS: _customer_faults, LOANS: _loan_faults, PAYMENTS: _payment_faults}
    for name, check in checks.items():
        for record in records[name]:
            problems += [record.problem(reason) for reason in check(record)]
    problems += _twice(records[CUSTOMERS], "customer_no")
    problems += _twice(records[LOANS], "loan_no")
    problems += _twice(records[PAYMENTS], "loan_no", "payment_no")
    loans = {record["loan_no"]: _loan(record) for record in records[LOANS]}
    for record in records[PAYMENTS]:
        loan = loans.get(record["loan_no"])
        if loan is None:
            problems.append(record.problem(f"loan {record['loan_no']!r} is not in {LOANS}"))
        elif record["paid_on"] < loan.record["disbursed_on"]:
            reason = f"paid on {record['paid_on']}, before the loan was paid out"
            problems.append(record.problem(f"{reason} on {loan.record['disbursed_on']}"))
        else:
            loan.payments.append(record)
    order = list(FILES)
    problems.sort(key=lambda problem: (order.index(problem.file), problem.line))
    customers = {record["customer_no"]: record for record in records[CUSTOMERS]}
    return Portfolio(customers, list(loans.values()), problems)


def _loan(record: Record) -> Loan:
    old = {kind: record.get(f"old_{kind}") for kind in BALANCES}
    given = {kind: Decimal(text) for kind, text in old.items() if text and _AMOUNT(text)}
    return Loan(record, old=given)


def _twice(records: list[Record], *columns: str) -> Iterator[Problem]:
    keys = [tuple(record[column] for column in columns) for record in records]
    counts = Counter(keys)
    first: dict[tuple[str, ...], int] = {}
    for record, key in zip(records, keys, strict=True):
        if counts[key] > 1:
            if key in first:
                what = " ".join(f"{name} {text!r}" for name, text in zip(columns, key, strict=True))
                yield record.problem(f"{what} is on line {first[key]} too")
            first.setdefault(key, record.line)


def _customer_faults(record: Record) -> Iterator[str]:
    if not any(record.get(f"{part}_name") for part in _NAMES):
        yield "no name"
    yield from _dates(record, "birth_date")
    if (record.get("phone_encrypted") is None) != (record.get("phone_hash") is None):
        yield "phone_encrypted and phone_hash come together"
    elif record.get("phone") and record.get("phone_hash"):
        yield "phone is given twice, plain and encrypted"


def _loan_faults(record: Record) -> Iterator[str]:
    yield from _dates(record, "applied_on", "approved_on", "disbursed_on", "first_due_on")
    yield from _amounts(record, "principal", may_be_zero=False)
    yield from _amounts(record, "fees_withheld", *(f"old_{kind}" for kind in BALANCES))
    if not _RATE(record["rate"]):
        yield f"rate {record['rate']!r} is no percent a year such as 18 or 18.5"
    if not _COUNT(record["instalments"]):
        yield f"instalments {record['instalments']!r} is no number from 1"
    yield from _numbers(record, "loan_no")


def _payment_faults(record: Record) -> Iterator[str]:
    yield from _dates(record, "paid_on")
    yield from _amounts(record, "amount", may_be_zero=False)
    yield from _numbers(record, "payment_no")
    if record.get("prepayment") not in (None, *_PREPAYMENTS):
        yield f"prepayment {record['prepayment']!r} is none of {', '.join(_PREPAYMENTS)}"


def _dates(record: Record, *columns: str) -> Iterator[str]:
    for column in columns:
        text = record.get(column)
        if text is None:
            continue
        try:
            good = _DATE(text) is not None and date.fromisoformat(text) is not None
        except ValueError:
            good = False
        if not good:
            yield f"{column} {text!r} is no date such as 2025-03-31"


def _amounts(record: Record, *columns: str, may_be_zero: bool = True) -> Iterator[str]:
    for column in columns:
        text = record.get(column)
        if text is None:
            continue
        if not _AMOUNT(text):
            yield (
                f"{column} {text[:40]!r} is not a plain amount such as 1234.50, 16 digits before"
                " the point and 4 after it at most (no sign, separators, exponent or blanks)"
            )
        elif not may_be_zero and not text.strip("0."):
            yield f"{column} is zero"


def _numbers(record: Record, column: str) -> Iterator[str]:
    if len(record[column]) > LONGEST_NUMBER:
        yield f"{column} is longer than {LONGEST_NUMBER} characters"
