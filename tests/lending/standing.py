"""How a loan stands, in fractions, and what each day does to it: part of the model of engine.py."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from tests.lending.terms import Terms, rounded

KINDS = ("penalty", "fee", "interest", "principal")
DAY = datetime.timedelta(days=1)
ZERO = Fraction(0)


@dataclass(frozen=True)
class Agreement:
    """What was agreed of a loan; terms.principal and terms.disbursed_on are of no account."""

    terms: Terms
    penalty_rate: Decimal = Decimal(0)
    penalty_grace_days: int = 0
    penalty_cap: Decimal | None = None
    order: tuple[str, ...] = KINDS
    allocate_by: str = "kind"
    flat_fees: tuple[Decimal, ...] = ()
    percent_fees: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Fact:
    """What happened, as lending.transactions has it."""

    kind: str
    on: datetime.date
    amount: Fraction = ZERO
    prepayment: str = "advance"
    due_kind: str = ""
    rate: Decimal | None = None
    instalments: int = 0
    first_due_on: datetime.date | None = None
    fees_charged: Fraction = ZERO
    """Of a disbursement: fees that were not withheld."""


@dataclass(eq=False)
class Instalment:
    """What is due on a day."""

    starts_on: datetime.date
    due: datetime.date
    principal: Fraction
    interest: Fraction
    fees: Fraction = ZERO
    before: Fraction = ZERO

    def accrued(self, day: datetime.date, unit: Fraction, rounding: str) -> Fraction:
        """Return what of its interest has accrued by the end of a day."""
        if day >= self.due:
            return self.interest
        if day < self.starts_on:
            return self.before
        part = Fraction((day - self.starts_on).days, (self.due - self.starts_on).days)
        return self.before + rounded((self.interest - self.before) * part, unit, rounding)


@dataclass
class Standing:
    """A loan on a day: what was lent, charged and paid by then, and what is to come."""

    agreed: Agreement
    day: datetime.date
    rate: Decimal
    grace: tuple[int, int, int]
    instalments: list[Instalment] = field(default_factory=list)
    versions: list[tuple[str, list[Instalment]]] = field(default_factory=list)
    lent: Fraction = ZERO
    paid: dict[str, Fraction] = field(default_factory=lambda: dict.fromkeys(KINDS, ZERO))
    hand_fees: Fraction = ZERO
    penalty_days: Fraction = ZERO
    penalties: Fraction = ZERO
    advance: Fraction = ZERO
    anchor: datetime.date = datetime.date.min
    last_step: int = 0
    period_start: datetime.date = datetime.date.min
    passed: int = 0
    closed_on: datetime.date | None = None
    written_off_on: datetime.date | None = None
    restructured_on: datetime.date | None = None
    moves: dict[tuple[str, int | None, datetime.date], dict[str, Fraction]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: ZERO))
    )
    history: dict[datetime.date, dict[str, Fraction | int]] = field(default_factory=dict)

    @property
    def unit(self) -> Fraction:
        return Fraction(1, 10**self.agreed.terms.scale)

    def round(self, amount: Fraction) -> Fraction:
        """Round to the smallest unit of the currency."""
        return rounded(amount, self.unit, self.agreed.terms.rounding)

    def due(self, day: datetime.date | None = None) -> list[Instalment]:
        """Return the instalments that have fallen due."""
        return [one for one in self.instalments if one.due <= (day or self.day)]

    def to_come(self) -> list[Instalment]:
        return [one for one in self.instalments if one.due > self.day]

    def interest(self) -> Fraction:
        """Return all interest that has accrued."""
        rounding = self.agreed.terms.rounding
        return sum((i.accrued(self.day, self.unit, rounding) for i in self.instalments), ZERO)

    def charged(self, kind: str, instalments: list[Instalment]) -> Fraction:
        """Return what is due of a kind when these instalments are."""
        if kind == "penalty":
            return self.penalties
        if kind == "fee":
            return sum((one.fees for one in instalments), self.hand_fees)
        return sum((getattr(one, kind) for one in instalments), ZERO)

    def owed(self) -> dict[str, Fraction]:
        """Return what is owed of each kind, due or not."""
        return {
            "penalty": self.penalties - self.paid["penalty"],
            "fee": self.charged("fee", self.due()) - self.paid["fee"],
            "interest": self.interest() - self.paid["interest"],
            "principal": self.lent - self.paid["principal"],
        }

    def unpaid(self, one: Instalment) -> Fraction:
        """Return what is not settled of an instalment: earlier ones are settled first."""
        before = self.instalments[: self.instalments.index(one)]
        total = ZERO
        for kind in ("principal", "interest", "fees"):
            own, settled = getattr(one, kind), self.paid["fee" if kind == "fees" else kind]
            left = settled - sum((getattr(other, kind) for other in before), ZERO)
            total += min(own, max(own - left, ZERO))
        return total

    def fall_due(self) -> None:
        """Charge penalties for a day, and use what is kept."""
        agreed = self.agreed
        grace = datetime.timedelta(days=agreed.penalty_grace_days)
        self.passed += sum(one.due == self.day for one in self.instalments)
        self.penalty_days += sum(
            (self.unpaid(one) for one in self.instalments if one.due + grace < self.day), ZERO
        )
        charge = self.round(self.penalty_days * Fraction(agreed.penalty_rate) / 36500)
        if agreed.penalty_cap is not None:
            cap = self.round(Fraction(agreed.penalty_cap) * self.lent / 100)
            charge = min(charge, cap)
        self.penalties = max(self.penalties, charge)
        self.use_advance()

    def settle(self, amount: Fraction, into: dict[str, Fraction]) -> Fraction:
        """Allocate money to what is due; return what is left over."""
        due = self.due()
        steps = [due]
        if self.agreed.allocate_by == "instalment":
            late = [n for n, one in enumerate(due) if self.unpaid(one)]
            steps = [due[: n + 1] for n in late] or [due]
            if due not in steps:
                steps.append(due)
        for step in steps:
            for kind in self.agreed.order:
                part = min(amount, max(self.charged(kind, step) - self.paid[kind], ZERO))
                self.paid[kind] += part
                into[kind] -= part
                amount -= part
        return amount

    def use_advance(self) -> None:
        """Let what is kept go to what is due, and see whether anything is owed."""
        if self.advance:
            into: dict[str, Fraction] = defaultdict(lambda: ZERO)
            left = self.settle(self.advance, into)
            if left < self.advance:
                move = self.moves[("advance", None, self.day)]
                for kind in KINDS:
                    move[kind] += into[kind]
                move["advance"] += left - self.advance
                self.advance = left
        to_come = sum((one.interest for one in self.instalments), ZERO)
        if any(self.owed().values()) or to_come > self.paid["interest"]:
            self.closed_on = None
        elif self.closed_on is None:
            self.closed_on = self.day

    def note(self) -> None:
        """Remember what lending.loan_balance says of this day."""
        owed = self.owed() if self.written_off_on is None else dict.fromkeys(KINDS, ZERO)
        late = [one for one in self.due(self.day - DAY) if self.written_off_on is None]
        unpaid = [one for one in late if self.unpaid(one)]
        self.history[self.day] = {
            **owed,
            "overdue": owed["penalty"] + sum((self.unpaid(one) for one in late), ZERO),
            "days": (self.day - unpaid[0].due).days if unpaid else 0,
        }

    @property
    def status(self) -> str:
        if self.written_off_on:
            return "written_off"
        if self.closed_on:
            return "overpaid" if self.advance else "closed"
        return "restructured" if self.restructured_on else "active"
