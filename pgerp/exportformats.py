"""A journal as text: for hledger, for beancount, and as the CSV that pgerp import reads."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from typing import TextIO

from pgerp.errors import PgerpError
from pgerp.exporter import Books, Entry, Line
from pgerp.importfile import COLUMNS

_BEANCOUNT_DATE = re.compile(r"(?:1[7-9]|2\d)\d\d-\d\d-\d\d")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _posting(books: Books, line: Line) -> str:
    """Write account and amount; in another currency with the total that it was worth."""
    amount = f"{books.amount(line.amount, books.currency)} {books.currency}"
    if line.currency is not None and line.currency_amount:
        other = f"{books.amount(line.currency_amount, line.currency)} {line.currency}"
        amount = f"{other} @@ {amount.removeprefix('-')}"
    # Without any of the other currency, only what it is worth changes.
    return f"{books.names[line.account]}  {amount}"


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield what else is known of an entry."""
    yield "id", entry.id
    yield "business", entry.business
    for key, value in (
        ("reference", entry.reference),
        ("module", entry.source_module),
        ("source", entry.source_id),
        ("reverses", entry.reverses),
    ):
        if value:
            yield key, value


def _line_facts(line: Line) -> Iterator[tuple[str, str]]:
    for key, value in (
        ("description", line.description),
        ("department", line.department),
        ("counterparty", line.counterparty),
        ("due", line.due_date),
        ("currency", line.currency if line.currency_amount == 0 else None),
    ):
        if value:
            yield key, value


def write_beancount(books: Books, entries: Iterator[Entry], out: TextIO) -> int:
    """Write a beancount file; return how many entries.

    Raises:
        PgerpError: A date is not of the years that beancount reads.
    """

    def quoted(text: str) -> str:
        return f'"{text.translate(_ESCAPES)}"'

    out.write(f'option "title" {quoted(books.title)}\n')
    out.write(f'option "operating_currency" "{books.currency}"\n\n')
    for code, account in books.accounts.items():
        _require_beancount_date(books.opened[code], f"account {code!r}")
        out.write(f"{books.opened[code]} open {books.names[code]}\n")
        out.write(f"  code: {quoted(code)}\n  name: {quoted(account.name)}\n")
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007
        _require_beancount_date(entry.date, f"entry {entry.number}")
        tag = "" if entry.kind == "regular" else f" #{entry.kind}"
        out.write(f"\n{entry.date} * {quoted(entry.description)}{tag}\n  number: {entry.number}\n")
        out.writelines(f"  {key}: {quoted(value)}\n" for key, value in _facts(entry))
        for line in entry.lines:
            out.write(f"  {_posting(books, line)}\n")
            for key, value in _line_facts(line):
                dated = key == "due" and _BEANCOUNT_DATE.fullmatch(value)
                out.write(f"    {key}: {value if dated else quoted(value)}\n")
    return count


def _require_beancount_date(day: str, what: str) -> None:
    if not _BEANCOUNT_DATE.fullmatch(day):
        raise PgerpError(
            f"beancount cannot read the date {day}",
            where=what,
            hint="It knows the years 1700 to 2999: leave others out with --from and --to.",
        )


def write_hledger(books: Books, entries: Iterator[Entry], out: TextIO) -> int:
    """Write an hledger journal; return how many entries."""

    def plain(text: str) -> str:
        return _UNSAFE.sub(" ", text).replace(";", ",").strip()

    def tag(key: str, value: str) -> str:
        # A comma ends the value of a tag.
        return f"{key}: {plain(value).replace(',', ' ')}"

    out.write(f"; {plain(books.title)}\n\ndecimal-mark .\n")
    out.writelines(f"commodity 1000.0000 {code}\n" for code in (books.currency, *books.others))
    out.write("\n")
    names = books.names
    out.writelines(f"account {names[code]}  ; {tag('code', code)}\n" for code in books.accounts)
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007
        out.write(f"\n{entry.date} * ({entry.number}) {plain(entry.description)}".rstrip() + "\n")
        facts = list(_facts(entry))
        if entry.kind != "regular":
            facts.append((entry.kind, ""))
        out.writelines(f"    ; {tag(key, value)}".rstrip() + "\n" for key, value in facts)
        for line in entry.lines:
            out.write(f"    {_posting(books, line)}\n")
            out.writelines(f"      ; {tag(key, value)}\n" for key, value in _line_facts(line))
    return count


def write_csv(books: Books, entries: Iterator[Entry], out: TextIO) -> int:
    """Write the CSV that pgerp import reads, amounts in the functional currency."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for count, entry in enumerate(entries, 1):  # noqa: B007
        for number, line in enumerate(entry.lines):
            # The first record has the description of the entry.
            text = line.description if number and line.description else entry.description
            writer.writerow(
                (
                    entry.number,
                    entry.date,
                    text,
                    line.account,
                    books.accounts[line.account].type,
                    books.amount(line.amount, books.currency),
                    books.currency,
                )
            )
    return count


WRITERS: dict[str, Callable[[Books, Iterator[Entry], TextIO], int]] = {
    "hledger": write_hledger,
    "beancount": write_beancount,
    "csv": write_csv,
}
"""One of pgerp.exporter.FORMATS -> what writes it."""
