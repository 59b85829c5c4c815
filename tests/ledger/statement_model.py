"""What statements must say, from a list of lines in memory that knows nothing of the database."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import psycopg

TYPES = {
    "1110": "ASSET",
    "1120": "ASSET",
    "1500": "ASSET",
    "2110": "LIABILITY",
    "3100": "EQUITY",
    "4100": "REVENUE",
    "5100": "EXPENSE",
    "5200": "EXPENSE",
}
ACTIVITIES = {"1110": "cash", "1120": "cash", "1500": "investing", "5200": "investing"}
SIDES = {"ASSET": 1, "EXPENSE": 1, "LIABILITY": -1, "EQUITY": -1, "REVENUE": -1}
INCOME = ("REVENUE", "EXPENSE")
YEAR_END = datetime.date(2026, 12, 31)
CENT = Decimal("0.0001")

Row = tuple[Any, ...]


class Model:
    """Posted entries: business, day, kind, id, lines."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, datetime.date, str, UUID, list[tuple[str, Decimal]]]] = []

    def within(
        self,
        business: str | None,
        start: datetime.date | None,
        end: datetime.date | None,
        closing: bool = True,
    ) -> list[tuple[str, datetime.date, str, UUID, list[tuple[str, Decimal]]]]:
        """The entries of a span of days."""
        return [
            e
            for e in self.entries
            if business in (None, e[0])
            and (start is None or e[1] >= start)
            and (end is None or e[1] <= end)
            and (closing or e[2] != "closing")
        ]

    def sums(self, *span: Any, closing: bool = True) -> dict[str, Decimal]:
        """Account -> debits less credits."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for *_, lines in self.within(*span, closing=closing):
            for account, amount in lines:
                found[account] += amount
        return dict(found)


def before(day: datetime.date | None) -> datetime.date | None:
    return day - datetime.timedelta(days=1) if day else None


def check_trial_balance(db: psycopg.Connection, model: Model, whose: Any, a: Any, b: Any) -> None:
    rows = db.execute(
        "SELECT account_code, opening, debit, credit, closing"
        " FROM ledger.trial_balance_movements(%s, %s, %s)",
        [whose, a, b],
    ).fetchall()
    opening = model.sums(whose, None, before(a)) if a else {}
    debit: dict[str, Decimal] = defaultdict(Decimal)
    credit: dict[str, Decimal] = defaultdict(Decimal)
    for *_, lines in model.within(whose, a, b):
        for account, amount in lines:
            (debit if amount > 0 else credit)[account] += abs(amount)
    expected = [
        (
            code,
            opening.get(code, 0),
            debit[code],
            credit[code],
            opening.get(code, 0) + debit[code] - credit[code],
        )
        for code in sorted({*opening, *debit, *credit})
    ]
    assert rows == expected
    assert sum(row[1] for row in rows) == sum(row[4] for row in rows) == 0
    listed = db.execute(
        "SELECT account_code, balance FROM ledger.trial_balance(%s, %s)", [whose, b]
    )
    assert dict(listed.fetchall()) == model.sums(whose, None, b)


def check_income(db: psycopg.Connection, model: Model, whose: Any, a: Any, b: Any) -> None:
    expected = {
        code: amount * SIDES[TYPES[code]]
        for code, amount in model.sums(whose, a, b, closing=False).items()
        if TYPES[code] in INCOME
    }
    rows = db.execute(
        "SELECT account_code, amount FROM ledger.income_statement(%s, %s, %s)", [whose, a, b]
    )
    assert dict(rows.fetchall()) == expected
    months = db.execute(
        "SELECT account_code, sum(amount), count(*) FROM"
        " ledger.income_statement_by_month(%s, %s, %s) GROUP BY 1",
        [whose, a, min(b, YEAR_END) if b else b],
    )
    assert {row[0]: row[1] for row in months.fetchall()} == expected
    other = (datetime.date(2026, 1, 1), datetime.date(2026, 6, 15))
    compared = db.execute(
        "SELECT account_code, amount, compare_amount, difference"
        " FROM ledger.income_statement_comparative(%s, %s, %s, %s, %s)",
        [whose, a, b, *other],
    ).fetchall()
    then = model.sums(whose, *other, closing=False)
    for code, amount, compare_amount, difference in compared:
        assert amount == expected.get(code, 0)
        assert compare_amount == then.get(code, 0) * SIDES[TYPES[code]]
        assert difference == amount - compare_amount


def check_balance_sheet(db: psycopg.Connection, model: Model, whose: Any, b: Any) -> None:
    rows = db.execute(
        "SELECT account_code, balance FROM ledger.balance_sheet(%s, %s)", [whose, b]
    ).fetchall()
    sums = model.sums(whose, None, b)
    expected: dict[str | None, Decimal] = {
        code: amount for code, amount in sums.items() if TYPES[code] not in INCOME
    }
    expected[None] = sum((v for code, v in sums.items() if TYPES[code] in INCOME), Decimal(0))
    assert dict(rows) == expected
    assert sum(row[1] for row in rows) == 0


def check_cash_flow(db: psycopg.Connection, model: Model, whose: Any, a: Any, b: Any) -> None:
    cash = sum(
        amount
        for account, amount in model.sums(whose, a, b).items()
        if ACTIVITIES.get(account) == "cash"
    )
    found: dict[str, list[Row]] = {
        method: db.execute(
            "SELECT section, item, account_code, amount"
            " FROM ledger.cash_flow_statement(%s, %s, %s, %s)",
            [whose, a, b, method],
        ).fetchall()
        for method in ("indirect", "direct")
    }
    # An entry that closes a year has nothing to do with cash; here some have, so leave them out.
    if any(
        ACTIVITIES.get(account) == "cash"
        for *_, kind, _, lines in model.within(whose, a, b)
        if kind == "closing"
        for account, _ in lines
    ):
        return
    for rows in found.values():
        ends = {row[1]: row[3] for row in rows if row[0] == "cash"}
        assert ends["change"] == cash
        assert ends["opening"] + ends["change"] == ends["closing"]
        assert sum(row[3] for row in rows if row[1] == "total") == cash
        assert sum(row[3] for row in rows if row[0] != "cash" and row[1] != "total") == cash
    net = -sum(
        amount
        for account, amount in model.sums(whose, a, b, closing=False).items()
        if TYPES[account] in INCOME
    )
    assert [row[3] for row in found["indirect"] if row[1] == "net_income"] == [net]
    flows: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    entries = model.within(whose, a, b, closing=False)
    for *_, lines in entries:
        moved = sum(v for account, v in lines if ACTIVITIES.get(account) == "cash")
        against = [
            (account, v)
            for account, v in lines
            if ACTIVITIES.get(account) != "cash" and v * moved < 0
        ]
        for account, amount in against:
            share = Fraction(moved) * Fraction(amount) / sum(Fraction(v) for _, v in against)
            flows["receipts" if moved > 0 else "payments", account] += share
    shown = {
        (row[1], row[2]): row[3] for row in found["direct"] if row[1] in ("receipts", "payments")
    }
    assert shown.keys() <= flows.keys()
    for key, exact in flows.items():
        assert abs(Fraction(shown.get(key, Decimal(0))) - exact) <= Fraction(CENT) * len(entries)


def check_ledger(
    db: psycopg.Connection, model: Model, whose: Any, a: Any, b: Any, account: str, page: int
) -> None:
    balance = model.sums(whose, None, before(a)).get(account, Decimal(0)) if a else Decimal(0)
    lines = sorted(
        (day, entry_id, number, amount)
        for _, day, _, entry_id, lines in model.within(whose, a, b)
        for number, (code, amount) in enumerate(lines, start=1)
        if code == account
    )
    expected = []
    for day, entry_id, number, amount in lines:
        balance += amount
        expected.append((day, entry_id, number, max(amount, 0), max(-amount, 0), balance))
    query = (
        "SELECT entry_date, entry_id, line_no, debit, credit, balance"
        " FROM ledger.general_ledger(%s, %s, %s, %s, %s, %s, %s)"
    )
    assert db.execute(query, [whose, account, a, b, None, None, None]).fetchall() == expected
    pages: list[Row] = []
    while True:
        after = pages[-1][1:3] if pages else (None, None)
        rows = db.execute(query, [whose, account, a, b, *after, page]).fetchall()
        pages += rows
        if len(rows) < page:
            break
    assert pages == expected
    handed = db.execute(
        "SELECT item, debit, credit, balance FROM ledger.account_statement(%s, %s, %s, %s)",
        [whose, account, a, b],
    ).fetchall()
    assert [row[1:] for row in handed[1:-1]] == [row[3:] for row in expected]
    assert handed[-1][3] == (expected[-1][5] if expected else balance)
    if whose:
        view = db.execute(
            "SELECT balance FROM ledger.general_ledger WHERE business_code = %s"
            " AND account_code = %s AND entry_date BETWEEN %s AND %s"
            " ORDER BY entry_date, entry_id, line_no",
            [whose, account, a or datetime.date.min, b or datetime.date.max],
        )
        assert [row[0] for row in view.fetchall()] == [row[5] for row in expected]
