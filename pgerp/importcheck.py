"""Checking the entries of a journal file, and writing them as requests to the ledger."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pgerp.importchart import TYPES, Books
from pgerp.importfile import FileEntry

_AMOUNT = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,4})?").fullmatch
_SCALE = (10_000, 1_000, 100, 10, 1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII).fullmatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]").search

MAX_CODE = 200
MAX_DESCRIPTION = 2000


class Finding(NamedTuple):
    """Something wrong with a line.

    Attributes:
        line: Physical line in the file, from 1.
        reason: What is wrong, lower case, no period.
        of_books: True if the state of the books is the reason (a closed period, an inactive
            account): an entry that is in the books already is not affected.
    """

    line: int
    reason: str
    of_books: bool = False


def amount_fault(text: str) -> str | None:
    """Return why a text is not an amount: a plain decimal within numeric(20,4), not zero."""
    if not _AMOUNT(text):
        if re.fullmatch(r"-?[0-9]+\.[0-9]{5,}", text):
            return f"amount {text!r} has more than 4 decimals"
        if re.fullmatch(r"-?[0-9]{17,}(\.[0-9]*)?", text):
            return f"amount {text[:40]!r} has more than 16 digits before the point"
        return (
            f"amount {text[:40]!r} is not a plain decimal such as 1234.50 or -0.0001 "
            "(no separators, exponent, plus sign or blanks)"
        )
    if not text.strip("-0."):
        return "amount is zero: a line debits (> 0) or credits (< 0) its account"
    return None


def source_fault(source: str) -> str | None:
    """Return why a source cannot be part of an idempotency key, or None."""
    if not source or source != source.strip() or _CONTROL(source):
        return "is empty, or has blanks at its ends or control characters"
    if len(source) > MAX_CODE // 2:
        return f"is longer than {MAX_CODE // 2} characters"
    return None


class Checker:
    """Checks entries one by one against the format and the books.

    Args:
        books: The chart, periods and currencies; the check adds its plan of what `create` makes.
        prefix: What idempotency keys begin with.
        create: Plan what is missing instead of finding fault with it.
    """

    def __init__(self, books: Books, prefix: str, *, create: bool) -> None:
        self._books = books
        self._prefix = prefix
        self._create = create
        self._usable: dict[str, str] = {}
        self._good_dates: set[str] = set()
        self._json: dict[str, str] = {}
        self._business = json.dumps(books.business)
        self._key_start = json.dumps(prefix)[:-1]

    def check(self, entry: FileEntry) -> list[Finding]:
        """Return what is wrong with an entry; an empty list if nothing is."""
        found = [Finding(line, reason) for line, reason in entry.malformed]
        number = entry.number
        if not number or number != number.strip() or len(self._prefix) + len(number) > MAX_CODE:
            found.append(Finding(entry.line, self._number_fault(number)))
        elif not number.isalnum() and _CONTROL(number):
            found.append(Finding(entry.line, f"entry number {number!r} has control characters"))
        if not entry.rows:
            return found
        day, text = entry.rows[0][:2]
        if day not in self._good_dates:
            self._check_date(entry.lines[0], day, found)
        if len(text) > MAX_DESCRIPTION or "\0" in text:
            found.append(Finding(entry.lines[0], self._description_fault(text)))
        total, summable = 0, not entry.malformed
        usable, currency = self._usable, self._books.currency
        for line, (day_, text_, account, type_, amount, currency_) in zip(
            entry.lines, entry.rows, strict=True
        ):
            if day_ != day:
                reason = f"date {day_!r} differs from {day!r} on line {entry.lines[0]}"
                found.append(Finding(line, f"{reason}; an entry has one date"))
            if text_ != text and (len(text_) > MAX_DESCRIPTION or "\0" in text_):
                found.append(Finding(line, self._description_fault(text_)))
            if usable.get(account) != type_:
                self._check_account(line, account, type_, found)
            if currency_ != currency:
                self._check_currency(line, currency_, found)
                currency = self._books.currency
            value = 0
            if _AMOUNT(amount):
                whole, _, fraction = amount.partition(".")
                value = int(whole + fraction) * _SCALE[len(fraction)]
                total += value
            if not value:
                found.append(Finding(line, amount_fault(amount) or "amount is zero"))
                summable = False
        if summable and total:
            reason = f"entry {number} does not balance: debits less credits are"
            alone = " (it has one line)" if len(entry.rows) == 1 else ""
            difference = Decimal(total).scaleb(-4)
            found.append(Finding(entry.line, f"{reason} {difference:f}{alone}"))
        return found

    def accounts(self) -> list[str]:
        """Return the codes of the accounts that the entries checked so far can post to."""
        return list(self._usable)

    def _number_fault(self, number: str) -> str:
        if not number.strip():
            return "no entry number"
        if number != number.strip():
            return f"entry number {number!r} has blanks at its ends"
        longest = MAX_CODE - len(self._prefix)
        return f"entry number {number[:20]!r}… is longer than {longest} characters"

    def _description_fault(self, text: str) -> str:
        if "\0" in text:
            return "description has a NUL character"
        return f"description has {len(text)} characters; {MAX_DESCRIPTION} is the most"

    def _check_date(self, line: int, text: str, found: list[Finding]) -> None:
        try:
            day = date.fromisoformat(text) if _DATE(text) else None
        except ValueError:
            day = None
        if day is None:
            reason = f"date {text[:40]!r} is not a day of the calendar as YYYY-MM-DD"
            found.append(Finding(line, reason))
            return
        fault = self._period_fault(day)
        if fault is None:
            self._good_dates.add(text)
        else:
            found.append(Finding(line, fault, of_books=True))

    def _period_fault(self, day: date) -> str | None:
        """Return why nothing can be posted on a day; plan its year where that may be made."""
        books = self._books
        period = books.period_of(day)
        if period is not None:
            if period.status == "open":
                return None
            return f"date {day} is in period {period.code}, which is {period.status}"
        if not self._create:
            return f"date {day} is in no fiscal period of {books.business!r} (--create makes it)"
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        for other in books.periods:
            if other.starts_on <= last and other.ends_on >= first:
                return (
                    f"date {day} is in no fiscal period, and calendar year {day.year} "
                    f"cannot be made beside period {other.code}"
                )
        books.new_years.add(day.year)
        return None

    def _check_account(self, line: int, code: str, type_: str, found: list[Finding]) -> None:
        if type_ not in TYPES:
            found.append(Finding(line, f"type {type_[:40]!r} is none of {', '.join(TYPES)}"))
            return
        account = self._books.accounts.get(code)
        planned = self._books.new_accounts.get(code)
        if account is not None and account.type != type_:
            reason = f"account {code!r} is {type_} here, but {account.type} in the chart"
            found.append(Finding(line, reason))
        elif account is not None and account.fault:
            found.append(Finding(line, account.fault, of_books=True))
        elif account is not None:
            self._usable[code] = type_
        elif planned is not None and planned.type != type_:
            reason = f"account {code!r} is {type_} here, but {planned.type} on line"
            found.append(Finding(line, f"{reason} {planned.line}"))
        elif fault := self._code_fault(code):
            found.append(Finding(line, fault))
        elif not self._create:
            reason = f"account {code!r} is not in the chart (--create makes it)"
            found.append(Finding(line, reason, of_books=True))
        elif fault := self._books.plan_account(code, type_, line):
            found.append(Finding(line, fault))
        else:
            self._usable[code] = type_

    def _code_fault(self, code: str) -> str | None:
        if code != code.strip() or _CONTROL(code):
            return f"account {code[:40]!r} has blanks at its ends or control characters"
        if len(code) > MAX_CODE:
            return f"account {code[:40]!r}… is longer than {MAX_CODE} characters"
        return None

    def _check_currency(self, line: int, code: str, found: list[Finding]) -> None:
        books = self._books
        if code not in books.currencies:
            found.append(Finding(line, f"currency {code[:40]!r} is not known"))
        elif books.currency is None:
            books.currency = code
        elif code != books.currency:
            reason = (
                f"currency is {code}, but {books.business!r} keeps its books in {books.currency}; "
                "a line in another currency needs a rate, which this format does not have"
            )
            found.append(Finding(line, reason))

    def request(self, entry: FileEntry) -> str:
        """Return a checked entry as JSON for ledger.create_journal_entries.

        Trailing zeros of amounts are dropped, so that 5 and 5.0000 are one and the same request
        when a file is written anew.
        """
        quoted = self._json
        day, text = entry.rows[0][:2]
        lines = []
        for _, text_, account, _, amount, _ in entry.rows:
            code = quoted.get(account)
            if code is None:
                code = quoted[account] = json.dumps(account)
            if "." in amount:
                amount = amount.rstrip("0").rstrip(".")
            side = f'"credit":"{amount[1:]}"' if amount[0] == "-" else f'"debit":"{amount}"'
            more = "" if text_ == text else f',"description":{json.dumps(text_)}'
            lines.append(f'{{"account":{code},{side}{more}}}')
        number = json.dumps(entry.number)
        return (
            f'{{"business":{self._business},"date":"{day}","description":{json.dumps(text)},'
            f'"status":"POSTED","reference":{number},'
            f'"idempotency_key":{self._key_start}{number[1:]},"lines":[{",".join(lines)}]}}'
        )
