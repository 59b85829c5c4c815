"""Random postings, holds, ends of holds, limits and time, against a model in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books, as_json, offenders
from tests.ledger.limits import POST_HELD, RELEASE
from tests.pgtap import value

SIDES = {"1110": 1, "1120": 1, "2110": -1, "4100": -1, "5100": 1}
Key = tuple[str, str]
"""Account and business."""


@dataclass
class Hold:
    """Who holds what until when."""

    entry_id: Any
    business: str
    amounts: dict[str, Decimal]
    expires: int
    state: str = "pending"


@dataclass
class Model:
    """What the books should be; hours go by only when told."""

    hour: int = 0
    balances: dict[Key, Decimal] = field(default_factory=dict)
    limits: dict[str, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    heads: set[Key] = field(default_factory=set)

    def held(self, key: Key, side: int) -> Decimal:
        """What live holds would move on one side of an account, as a positive number."""
        return sum(
            (
                max(side * hold.amounts.get(key[0], Decimal(0)), Decimal(0))
                for hold in self.holds
                if hold.state == "pending" and hold.expires > self.hour and hold.business == key[1]
            ),
            Decimal(0),
        )

    def refusal(self, business: str, moves: dict[str, Decimal]) -> str | None:
        """The SQLSTATE of moving amounts, by posting or holding."""
        for account, move in sorted(moves.items()):
            low, high = self.limits.get(account, (None, None))
            side, key = SIDES[account], (account, business)
            after = side * (self.balances.get(key, Decimal(0)) + move)
            if low is not None and side * move < 0 and after - self.held(key, -side) < low:
                return "ZL030"
            if high is not None and side * move > 0 and after + self.held(key, side) > high:
                return "ZL031"
        return None

    def move(self, business: str, moves: dict[str, Decimal]) -> None:
        for account, move in moves.items():
            key = (account, business)
            self.balances[key] = self.balances.get(key, Decimal(0)) + move

    def judged(self, account: str) -> set[Key]:
        """Whose limits of an account are looked at: who posted, holds, or ever had a limit kept."""
        held = {(a, h.business) for h in self.holds if h.state == "pending" for a in h.amounts}
        return {key for key in self.balances.keys() | self.heads | held if key[0] == account}

    def breach(self, account: str, low: Decimal | None, high: Decimal | None) -> str | None:
        """The SQLSTATE of setting limits, businesses in the order of their codes."""
        side = SIDES[account]
        for key in sorted(self.judged(account)):
            balance = side * self.balances.get(key, Decimal(0))
            if low is not None and balance - self.held(key, -side) < low:
                return "ZL030"
            if high is not None and balance + self.held(key, side) > high:
                return "ZL031"
        return None


amounts = st.decimals("0.0001", 100, places=4)
businesses = st.sampled_from(["MAIN", "MAIN", "SIDE"])
accounts = st.sampled_from(sorted(SIDES))
pairs = st.lists(accounts, min_size=2, max_size=2, unique=True)
bounds = st.none() | st.decimals(-100, 200, places=0)
operations = st.one_of(
    st.tuples(st.just("post"), businesses, pairs, amounts),
    st.tuples(st.just("post"), businesses, pairs, amounts),
    st.tuples(st.just("hold"), businesses, pairs, amounts, st.integers(1, 5)),
    st.tuples(st.just("settle"), st.integers(0, 9), st.none() | st.integers(1, 12)),
    st.tuples(st.just("release"), st.integers(0, 9)),
    st.tuples(st.just("wait"), st.integers(1, 3)),
    st.tuples(st.just("expire")),
    st.tuples(st.just("limit"), accounts, bounds, bounds),
)


def any_limit(model: Model, account: str) -> bool:
    """Whether an account has a limit now."""
    return any(bound is not None for bound in model.limits.get(account, ()))


def carry_out(db: psycopg.Connection, query: str, params: Any = None) -> tuple[str | None, Any]:
    """The SQLSTATE, or None, and what the query returned."""
    try:
        with db.transaction():
            return None, value(db, query, params)
    except psycopg.Error as error:
        return error.sqlstate, None


def step(db: psycopg.Connection, model: Model, operation: tuple[Any, ...]) -> None:
    """Carry one operation out in the books and in the model; both must answer the same."""
    match operation:
        case ("post" | "hold" as kind, business, (debit, credit), amount, *hours):
            moves = {debit: amount, credit: -amount}
            lines = as_json((debit, str(amount)), (credit, f"-{amount}"))
            call = "SELECT ledger.create_journal_entry(%s, '2026-03-04', 'x', %s)"
            params = [business, lines]
            if kind == "hold":
                call = """SELECT ledger.hold_journal_entry(%s, '2026-03-04', 'x', %s,
                    now() + make_interval(hours => %s, mins => 30))"""
                params.append(hours[0])
            sqlstate, entry_id = carry_out(db, call, params)
            assert sqlstate == model.refusal(business, moves)
            if sqlstate is None and kind == "post":
                model.move(business, moves)
            elif sqlstate is None:
                until = model.hour + hours[0]
                model.holds.append(Hold(entry_id, business, moves, until + 1))
                model.heads |= {(a, business) for a in moves if any_limit(model, a)}
        case ("settle", number, twelfths) if model.holds:
            hold = model.holds[number % len(model.holds)]
            moves, call, params = hold.amounts, POST_HELD, [hold.entry_id]
            if twelfths is not None:
                part = {a: round(m * twelfths / 12, 4) for a, m in moves.items()}
                if all(part.values()):
                    moves = part
                    call = "SELECT ledger.post_held_entry(%s, %s)"
                    params.append(as_json(*((a, f"{m:f}") for a, m in moves.items())))
            sqlstate, _ = carry_out(db, call, params)
            if hold.state in ("posted", "released"):
                assert sqlstate == "ZL036"
            elif hold.expires <= model.hour:
                assert sqlstate == "ZL034"
            else:
                assert sqlstate is None
                hold.state = "posted"
                model.move(hold.business, moves)
        case ("release", number) if model.holds:
            hold = model.holds[number % len(model.holds)]
            sqlstate, _ = carry_out(db, RELEASE, [hold.entry_id])
            ended = {"posted": "ZL036", "released": "ZL036", "expired": "ZL034"}
            assert sqlstate == ended.get(hold.state)
            if sqlstate is None:
                hold.state = "expired" if hold.expires <= model.hour else "released"
        case ("wait", hours):
            model.hour += hours
            for table in ("holds", "held_amounts"):
                db.execute(
                    f"UPDATE ledger.{table} SET expires_at = expires_at - %s * interval '1 hour'",  # type: ignore[arg-type]
                    [hours],
                )
        case ("expire",):
            over = [h for h in model.holds if h.state == "pending" and h.expires <= model.hour]
            assert value(db, "SELECT ledger.expire_holds()") == len(over)
            for hold in over:
                hold.state = "expired"
        case ("limit", account, low, high):
            call = "SELECT ledger.set_account_limits(%s, %s, %s)"
            sqlstate, _ = carry_out(db, call, [account, low, high])
            if low is not None and high is not None and low > high:
                assert sqlstate == "23514"
            else:
                # Limits that are there already are no change, and not looked at again.
                same = (low, high) == model.limits.get(account, (None, None))
                assert sqlstate == (None if same else model.breach(account, low, high))
                if sqlstate is None:
                    model.limits[account] = (low, high)
                    if any_limit(model, account):
                        model.heads |= model.judged(account)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(operations, min_size=5, max_size=40))
def test_limits_and_holds_are_as_in_the_model(
    db: psycopg.Connection, books: Books, steps: list[tuple[Any, ...]]
) -> None:
    with db.transaction(force_rollback=True):
        model = Model()
        for operation in steps:
            step(db, model, operation)
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert offenders(db) == {}
        found = db.execute(
            """SELECT a.code, b.code, h.balance, h.held_debit, h.held_credit
            FROM ledger.account_heads AS h
            JOIN ledger.accounts AS a ON a.id = h.account_id
            JOIN identity.businesses AS b ON b.tenant_id = h.tenant_id AND b.id = h.business_id
            WHERE a.is_watched"""
        ).fetchall()
        for account, business, balance, _, _ in found:
            assert balance == model.balances.get((account, business), 0)
        db.execute("SET CONSTRAINTS ALL DEFERRED")
