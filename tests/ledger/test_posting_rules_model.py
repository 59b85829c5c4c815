"""Random types of events and posting rules: a rule is kept if and only if it always balances.

Whether it does is found by trying: amounts that random primes give leave no chance to a sum that
is not zero by itself. No algebra is shared with what is tested.
"""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.ledger.books import Books, settle
from tests.ledger.posting import AMOUNT, DATE, SAVE, add_type, emit, lines, result
from tests.pgtap import value

Sums = dict[str, list[str]]
Line = tuple[str, str, str | None]
"""Side, name of the amount, condition."""

CONDITIONS = (None, "$.is_cash == true", "$.a0 > 5")
ACCOUNTS = ("1110", "1120", "2110", "4100", "5100")
numbers = itertools.count()


@dataclass(frozen=True)
class Case:
    """A type of event, by its amounts and sums, and the lines of a rule for it."""

    names: list[str]
    sums: Sums
    lines: list[Line]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A type whose sums are of names that come later, and a rule that may balance."""
    names = [f"a{n}" for n in range(draw(st.integers(2, 7)))]
    sums: Sums = {}
    for place, name in enumerate(names[:-1]):
        if draw(st.booleans()):
            rest = st.sampled_from(names[place + 1 :])
            sums[name] = draw(st.lists(rest, min_size=1, max_size=4))
    found: list[Line] = []
    for _ in range(draw(st.integers(1, 3))):
        # Balanced: an amount against itself, each side perhaps in parts, and these in parts.
        name, condition = draw(st.sampled_from(names)), draw(st.sampled_from(CONDITIONS))
        for side in ("debit", "credit"):
            parts = [name]
            while draw(st.booleans()) and (whole := [p for p in parts if p in sums]):
                split = draw(st.sampled_from(whole))
                parts.remove(split)
                parts += sums[split]
            found += [(side, part, condition) for part in parts]
    change = draw(st.sampled_from(["none", "none", "drop", "turn", "rename", "move"]))
    place = draw(st.integers(0, len(found) - 1))
    side, name, condition = found[place]
    if change == "drop":
        found.pop(place)
    elif change == "turn":
        found[place] = ("credit" if side == "debit" else "debit", name, condition)
    elif change == "rename":
        found[place] = (side, draw(st.sampled_from(names)), condition)
    elif change == "move":
        found[place] = (side, name, draw(st.sampled_from(CONDITIONS)))
    return Case(names, sums, draw(st.permutations(found)))


def amounts(case: Case, dice: random.Random, size: int) -> dict[str, Decimal]:
    """Return amounts for which the sums of the type hold."""
    found: dict[str, Decimal] = {}
    for name in reversed(case.names):
        if name in case.sums:
            found[name] = sum((found[part] for part in case.sums[name]), Decimal(0))
        else:
            found[name] = Decimal(dice.randrange(size)) / dice.choice((1, 10, 10000))
    return found


def balances(case: Case, found: dict[str, Decimal]) -> bool:
    """Whether the lines of each condition balance with these amounts."""
    return all(
        sum(
            found[name] if side == "debit" else -found[name]
            for side, name, its_condition in case.lines
            if its_condition == condition
        )
        == 0
        for condition in CONDITIONS
    )


def add(conn: psycopg.Connection, case: Case) -> tuple[str, str]:
    """Add the type; return its name and the rule as JSON."""
    event_type = f"model.type_{next(numbers)}"
    properties: dict[str, Any] = dict.fromkeys(case.names, AMOUNT)
    properties |= {"on": DATE, "is_cash": {"type": "boolean"}}
    add_type(conn, event_type, properties, list(properties), case.sums)
    rule = {
        "event_type": event_type,
        "name": "Model",
        "description": "Model",
        "date": "on",
        "lines": [
            {"side": side, "account": account, "amount": name, "when": condition}
            for (side, name, condition), account in zip(
                case.lines, itertools.cycle(ACCOUNTS), strict=False
            )
        ],
    }
    return event_type, json.dumps(rule)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases(), seed=st.integers(0, 2**32))
def test_a_rule_is_kept_if_and_only_if_it_balances_for_every_payload(
    db: psycopg.Connection, books: Books, case: Case, seed: int
) -> None:
    dice = random.Random(seed)
    event_type, rule = add(db, case)
    is_sound = bool(case.lines) and all(
        balances(case, amounts(case, dice, 10**12)) for _ in range(3)
    )
    try:
        with db.transaction():
            db.execute(SAVE, [rule])
    except psycopg.Error as error:
        event("refused")
        assert not is_sound, f"{error}"
        assert error.sqlstate == ("ZL093" if case.lines else "ZL092")
        return
    event("kept")
    assert is_sound
    for _ in range(3):
        post(db, books, case, event_type, dice)


def post(
    conn: psycopg.Connection, books: Books, case: Case, event_type: str, dice: random.Random
) -> None:
    """Emit an event; its entry has the lines that the rule says, and balances."""
    found, is_cash = amounts(case, dice, dice.choice([1, 20, 10**6])), dice.random() < 0.5
    body = {name: float(amount) for name, amount in found.items()}
    made = result(
        conn,
        emit(
            conn,
            books,
            body | {"on": "2026-05-05", "is_cash": is_cash},
            event_type=event_type,
            aggregate=f"J-{next(numbers)}",
        ),
    )
    is_met = dict(zip(CONDITIONS, (True, is_cash, found["a0"] > 5), strict=True))
    expected = [
        (account, f"{amount.normalize():f}")
        for (side, name, condition), account in zip(
            case.lines, itertools.cycle(ACCOUNTS), strict=False
        )
        if is_met[condition] and (amount := found[name] if side == "debit" else -found[name])
    ]
    if expected:
        assert lines(conn, made["entry_id"]) == expected
    else:
        assert made["entry_id"] is None


def test_what_random_rules_posted_is_sound(db: psycopg.Connection, books: Books) -> None:
    dice = random.Random(7)
    case = Case(
        ["a0", "a1", "a2"],
        {"a0": ["a1", "a2", "a2"]},
        [("debit", "a0", None), *[("credit", n, None) for n in ("a1", "a2", "a2")]],
    )
    event_type, rule = add(db, case)
    db.execute(SAVE, [rule])
    for _ in range(20):
        post(db, books, case, event_type, dice)
    assert value(db, "SELECT count(*) FROM ledger.posted_events") == 20
    settle(db)


def test_the_model_finds_a_rule_that_is_kept_though_it_does_not_balance() -> None:
    case = Case(["a0", "a1"], {}, [("debit", "a0", None), ("credit", "a1", None)])
    assert not balances(case, amounts(case, random.Random(1), 10**12))
