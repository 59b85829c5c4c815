"""A model of what becomes of a loan, day by day and in fractions, independent of the database.

It is what lending.replay has to agree with, and written to be read: nothing is skipped, nothing
is summed in advance, no day is left out.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.lending.standing import DAY, ZERO, Agreement, Fact, Instalment, Standing
from tests.lending.terms import model, shift, year_fraction


@dataclass
class Model(Standing):
    """A loan on a day, after all that happened on it."""

    def run(self, facts: list[tuple[int, Fact]], through: datetime.date) -> Model:
        """Go through all days; facts have their places, from 1."""
        today = sorted(facts, key=lambda item: (item[1].on, item[0]))
        while True:
            if self.instalments and self.written_off_on is None:
                self.fall_due()
            while today and today[0][1].on == self.day:
                self.happen(*today.pop(0))
            self.note()
            if self.day == through:
                return self
            self.day += DAY

    def happen(self, place: int, fact: Fact) -> None:
        """Carry a fact out."""
        move = self.moves[(fact.kind, place, fact.on)]
        if fact.kind == "payment":
            move["cash"] = fact.amount
            self.pay(fact, move)
        elif fact.kind == "fee":
            self.hand_fees += fact.amount
        elif fact.kind == "waiver":
            left = self.charged(fact.due_kind, self.due()) - self.paid[fact.due_kind]
            part = min(fact.amount, left)
            self.paid[fact.due_kind] += part
            move[fact.due_kind] -= part
        elif fact.kind == "write_off":
            self.cut(self.lent - self.charged("principal", self.due()), self.early())
            self.use_advance()
            for kind, left in self.owed().items():
                self.paid[kind] += left
                move[kind] -= left
            self.written_off_on = self.day
        elif fact.kind == "refund":
            move["cash"] = move["advance"] = -fact.amount
            self.advance -= fact.amount
        elif fact.kind == "recovery":
            move["cash"] = fact.amount
        else:
            if fact.kind == "disbursement":
                move["principal"] = fact.amount
            self.change(fact)
        self.use_advance()

    def early(self) -> Fraction:
        """Return interest that has accrued and is not due."""
        return self.interest() - self.charged("interest", self.due())

    def cut(self, principal: Fraction, interest: Fraction) -> None:
        """End the instalments to come; what is given is due today."""
        self.instalments = self.due()
        if principal or interest:
            self.instalments.append(
                Instalment(self.day, self.day, principal, interest, before=interest)
            )

    def pay(self, fact: Fact, move: dict[str, Fraction]) -> None:
        """Carry a payment out."""
        later = self.to_come()
        principal = self.lent - self.charged("principal", self.due())
        early = self.early()
        if fact.amount + self.advance >= sum(self.owed().values()):
            if principal or any(one.interest for one in later):
                self.cut(principal, early)
                self.keep("settlement")
            self.use_advance()
            rest = self.settle(fact.amount, move)
            self.advance += rest
            move["advance"] += rest
            return
        rest = self.settle(fact.amount, move)
        repaid = rest + self.advance - early
        if rest and fact.prepayment != "advance" and repaid > 0 and principal:
            dates = [one.due for one in later]
            if fact.prepayment == "reduce_term":
                dates = self.shorten(later, principal - repaid)
                self.last_step -= len(later) - len(dates)
            start, grace = self.under_way()
            self.cut(repaid, early)
            self.spread(principal - repaid, dates, ZERO, ZERO, start, grace)
            self.keep("prepayment")
            self.use_advance()
            rest = self.settle(rest, move)
        self.advance += rest
        move["advance"] += rest

    def under_way(self) -> tuple[datetime.date, tuple[int, int, int]]:
        """Return when the period that is under way began, and what grace is left from it on."""
        start = self.due()[-1].due if self.passed else self.period_start
        return start, tuple(max(g - self.passed, 0) for g in self.grace)  # type: ignore[return-value]

    def shorten(self, later: list[Instalment], principal: Fraction) -> list[datetime.date]:
        """Return the fewest due dates whose first whole instalment is no larger than it was."""
        start, grace = self.under_way()
        at = max(grace[0], int(start < self.day))
        at = min(at, len(later) - 1)
        was = later[at].principal + later[at].interest
        dates = [one.due for one in later]
        for count in range(min(grace[0] + 1, len(dates)), len(dates)):
            made = self.rows(principal, dates[:count], start, grace)
            one = made[min(at, count - 1)]
            if one[0] + one[1] <= was:
                return dates[:count]
        return dates

    def rows(
        self,
        principal: Fraction,
        dates: list[datetime.date],
        start: datetime.date,
        grace: tuple[int, int, int],
    ) -> list[tuple[Fraction, Fraction]]:
        """Return principal and interest of new instalments."""
        agreed, most = self.agreed.terms, len(dates) - 1
        terms = replace(
            agreed,
            principal=principal,
            annual_rate_percent=self.rate,
            instalments=len(dates),
            grace_principal=min(grace[0], most),
            grace_interest=min(grace[1], most),
        )
        spans, since = [], self.day
        for no, due in enumerate(dates):
            if agreed.interest_calculation == "period":
                year = {"day": 365, "week": 52, "month": 12}[agreed.frequency]
                part = Fraction(agreed.every, year)
                if no == 0:
                    part *= Fraction((due - self.day).days, (due - start).days)
            else:
                part = year_fraction(since, due, agreed.day_count)
            rate = ZERO if no < min(grace[2], most) else part * Fraction(self.rate) / 100
            spans.append((due, (due - since).days, rate))
            since = due
        made = model(terms, spans) or model(replace(terms, round_to=None), spans)
        assert made
        return [(row[2], row[3]) for row in made]

    def spread(
        self,
        principal: Fraction,
        dates: list[datetime.date],
        before: Fraction,
        fees: Fraction,
        start: datetime.date,
        grace: tuple[int, int, int],
    ) -> None:
        """Add instalments after those that are due."""
        self.period_start, self.passed = start, 0
        most = len(dates) - 1
        self.grace = grace = (min(grace[0], most), min(grace[1], most), min(grace[2], most))
        rows = self.rows(principal, dates, start, grace)
        for no, (due, (own, interest)) in enumerate(zip(dates, rows, strict=True)):
            one = Instalment(self.day if no == 0 else dates[no - 1], due, own, interest)
            if no == grace[1]:
                free = min(grace[2], grace[1])
                one.starts_on = self.day if before or not free else dates[free - 1]
                one.before = before
                one.interest += before
            total = one.principal + one.interest
            if total:
                one.fees = sum(map(Fraction, self.agreed.flat_fees), ZERO) + sum(
                    (self.round(total * Fraction(f) / 100) for f in self.agreed.percent_fees), ZERO
                )
            if no == 0:
                one.fees += fees
            self.instalments.append(one)

    def keep(self, reason: str) -> None:
        """Put a version on record."""
        self.versions.append((reason, [replace(one) for one in self.instalments]))

    def change(self, fact: Fact) -> None:
        """Carry out a disbursement or a change of terms."""
        terms = self.agreed.terms
        later = [one.due for one in self.to_come()]
        first = not self.instalments
        before, fees = self.early(), ZERO
        principal = self.lent - self.charged("principal", self.due())
        if fact.kind == "disbursement":
            self.lent += fact.amount
            self.hand_fees += fact.fees_charged
            principal += fact.amount
        elif fact.kind == "reschedule":
            principal = self.lent - self.paid["principal"]
        if fact.rate is not None:
            self.rate = fact.rate
        if not principal:
            return
        start, grace = (self.day, self.grace) if first else self.under_way()
        self.instalments = self.due()
        if fact.kind == "reschedule":
            before = self.interest_of_all(before) - self.paid["interest"]
            fees = max(sum((one.fees for one in self.instalments), ZERO) - self.paid["fee"], ZERO)
            self.keep_settled()
            self.restructured_on = self.day
        if fact.kind == "reschedule" or not later:
            count = fact.instalments or terms.instalments
            begin = terms.first_due_on if first else fact.first_due_on
            self.anchor = begin or self.day
            self.last_step = count - 1 if begin else count
            later = self.steps(self.last_step - count + 1, self.last_step)
            start = self.day
            grace = grace if first else (0, 0, 0)
        elif fact.kind == "extension":
            later += self.steps(self.last_step + 1, self.last_step + fact.instalments)
            self.last_step += fact.instalments
        self.spread(principal, later, before, fees, start, grace)
        self.keep(fact.kind)

    def interest_of_all(self, early: Fraction) -> Fraction:
        """Return all interest that has accrued, when what is to come was taken away."""
        return self.charged("interest", self.instalments) + early

    def steps(self, first: int, last: int) -> list[datetime.date]:
        terms = self.agreed.terms
        return [
            shift(self.anchor, terms.every * step, terms.frequency)
            for step in range(first, last + 1)
        ]

    def keep_settled(self) -> None:
        """Cut what has fallen due down to what was settled."""
        left = dict(self.paid)
        for one in self.instalments:
            for name, kind in (
                ("principal", "principal"),
                ("interest", "interest"),
                ("fees", "fee"),
            ):
                part = min(getattr(one, name), left[kind])
                setattr(one, name, part)
                left[kind] -= part
            one.before = min(one.before, one.interest)


def replay(agreed: Agreement, facts: list[Fact | None], through: datetime.date) -> Model:
    """Return the loan at the end of a day; facts in the order of their places, None: reversed."""
    kept = [(place, fact) for place, fact in enumerate(facts, 1) if fact and fact.on <= through]
    terms = agreed.terms
    grace = (terms.grace_principal, terms.grace_interest, terms.interest_free)
    first = min(fact.on for _, fact in kept)
    return Model(agreed, first, terms.annual_rate_percent, grace).run(kept, through)
