"""Terms of loans, and their schedules: by the database, and by fractions that round nothing."""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import psycopg

METHODS = ("flat", "declining_equal_instalments", "declining_equal_principal")
DAY_COUNTS = ("30/360", "actual/360", "actual/365", "actual/actual")
FREQUENCIES = ("day", "week", "month")


class Row(NamedTuple):
    """An instalment, by the columns of lending.preview_payment_schedule."""

    instalment_no: int
    due_date: datetime.date
    days: int
    principal: Decimal
    interest: Decimal
    amount: Decimal
    balance: Decimal


def preview(conn: psycopg.Connection, *args: Any, **named: Any) -> list[Row]:
    """Ask for a schedule; arguments by position, and by name without the prefix."""
    given = [*["%s"] * len(args), *[f"p_{name} => %s" for name in named]]
    rows = conn.execute(
        f"SELECT * FROM lending.preview_payment_schedule({', '.join(given)})",  # type: ignore[arg-type]
        [*args, *named.values()],
    )
    return [Row(*row) for row in rows]


@dataclass(frozen=True)
class Terms:
    """The arguments of lending.preview_payment_schedule."""

    principal: Decimal
    annual_rate_percent: Decimal
    instalments: int
    disbursed_on: datetime.date
    first_due_on: datetime.date | None = None
    every: int = 1
    frequency: str = "month"
    method: str = "declining_equal_instalments"
    interest_calculation: str = "period"
    day_count: str = "30/360"
    grace_principal: int = 0
    grace_interest: int = 0
    interest_free: int = 0
    round_to: Decimal | None = None
    scale: int = 2
    rounding: str = "half_even"
    unit: Fraction = field(init=False)

    def __post_init__(self) -> None:
        unit = Fraction(1, 10**self.scale)
        object.__setattr__(self, "unit", Fraction(self.round_to) if self.round_to else unit)

    def preview(self, conn: psycopg.Connection) -> list[Row]:
        """Return the schedule that the database makes of these terms."""
        return preview(conn, **{k: v for k, v in vars(self).items() if k != "unit"})


def shift(day: datetime.date, steps: int, frequency: str) -> datetime.date:
    """Return the day so many days, weeks or months later; months end on their last day."""
    if frequency != "month":
        return day + datetime.timedelta(days=steps * (7 if frequency == "week" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 + steps, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def thirty(since: datetime.date, till: datetime.date) -> int:
    """Count days by 2006 ISDA Definitions, section 4.16(f)."""
    first, second = since.day, till.day
    if first == 31:
        first = 30
    if second == 31 and first == 30:
        second = 30
    return 360 * (till.year - since.year) + 30 * (till.month - since.month) + second - first


def year_fraction(since: datetime.date, till: datetime.date, day_count: str) -> Fraction:
    """Return what part of a year the days between are; actual/actual goes day by day."""
    days = (till - since).days
    if day_count == "30/360":
        return Fraction(thirty(since, till), 360)
    if day_count != "actual/actual":
        return Fraction(days, int(day_count.removeprefix("actual/")))
    total = Fraction(0)
    while since < till:
        year_end = min(datetime.date(since.year + 1, 1, 1), till)
        total += Fraction((year_end - since).days, 365 + calendar.isleap(since.year))
        since = year_end
    return total


def periods(terms: Terms) -> list[tuple[datetime.date, int, Fraction]]:
    """Return of each instalment the due date, the days, and the rate of its period."""
    since, made = terms.disbursed_on, []
    for no in range(terms.instalments):
        if terms.first_due_on:
            till = shift(terms.first_due_on, no * terms.every, terms.frequency)
        else:
            till = shift(terms.disbursed_on, (no + 1) * terms.every, terms.frequency)
        days = (till - since).days
        if terms.interest_calculation == "period":
            part = Fraction(terms.every, {"day": 365, "week": 52, "month": 12}[terms.frequency])
        else:
            part = year_fraction(since, till, terms.day_count)
            days = thirty(since, till) if terms.day_count == "30/360" else days
        free = no < terms.interest_free
        made.append(
            (till, days, 0 * part if free else part * Fraction(terms.annual_rate_percent) / 100)
        )
        since = till
    return made


def rounded(value: Fraction, unit: Fraction, rounding: str) -> Fraction:
    """Round to a multiple; Python's round() goes half to even."""
    if rounding == "half_up":
        return (value / unit + Fraction(1, 2)).__floor__() * unit
    return round(value / unit) * unit


def level_instalment(terms: Terms, rates: list[Fraction]) -> Fraction:
    """Return what pays the principal off in equal totals: P / sum of the discount factors."""
    factor, total = Fraction(1), Fraction(0)
    for rate in rates[terms.grace_principal :]:
        factor /= 1 + rate
        total += factor
    return Fraction(terms.principal) / total


def model(
    terms: Terms, spans: list[tuple[datetime.date, int, Fraction]] | None = None
) -> list[tuple[datetime.date, int, Fraction, Fraction, Fraction]] | None:
    """Return due date, days, principal, interest and balance; None: rounded to nothing.

    spans: the periods, where they are not those of a new loan.
    """
    spans = spans or periods(terms)
    rates = [rate for _, _, rate in spans]
    minor, unit, n = Fraction(1, 10**terms.scale), terms.unit, terms.instalments
    owed = lent = Fraction(terms.principal)
    paying = n - terms.grace_principal
    first_interest = lent * rates[terms.grace_principal]
    if terms.method == "declining_equal_instalments":
        exact = level_instalment(terms, rates)
        level = rounded(exact, unit, terms.rounding)
    else:
        exact = lent / paying + first_interest
        level = rounded(lent / paying, minor, terms.rounding)
    if unit > minor and paying > 1:
        if rounded(exact, unit, terms.rounding) == 0:
            return None
        if terms.method == "declining_equal_instalments" and level <= first_interest:
            level = (first_interest // unit + 1) * unit
    flat_left = rounded(lent * sum(rates), minor, terms.rounding)
    late, rows = Fraction(0), []
    for no, (due, days, rate) in enumerate(spans, 1):
        if terms.method == "flat":
            own = min(rounded(lent * rate, minor, terms.rounding), flat_left)
            own = flat_left if no == n else own
            flat_left -= own
        else:
            own = rounded(owed * rate, minor, terms.rounding)
        late += own
        if no == n:
            principal, interest = owed, late
        else:
            open_interest = Fraction(0) if no <= terms.grace_interest else late
            wanted = level - own if terms.method == "declining_equal_instalments" else level
            wanted = min(max(wanted, Fraction(0)), owed)
            limit = owed
            if no <= terms.grace_principal:
                wanted = limit = Fraction(0)
            total = rounded(wanted + open_interest, unit, terms.rounding)
            if wanted and total <= open_interest:
                total = (open_interest // unit + 1) * unit
            total = min(total, (limit + open_interest) // unit * unit)
            interest = min(open_interest, total)
            principal = total - interest
        late -= interest
        owed -= principal
        rows.append((due, days, principal, interest, owed))
    return rows
