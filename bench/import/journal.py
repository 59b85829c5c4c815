"""A journal to import: entries of two lines."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

_ASSETS = [f"Assets:Bank:{n:02}" for n in range(12)]
_OTHERS = [("Expenses:Cost", "EXPENSE", 30), ("Income:Sale", "REVENUE", 10)]


def write_journal(path: Path, lines: int) -> None:
    """Write entries of two lines over four years and 52 accounts, in the order of their dates."""
    chance = random.Random(4711)
    accounts = [(f"{code}:{n:02}", kind) for code, kind, count in _OTHERS for n in range(count)]
    start, entries = date(2022, 1, 1), lines // 2
    with path.open("w", encoding="utf-8") as file:
        file.write("entry,date,description,account,type,amount,currency\n")
        for entry in range(1, entries + 1):
            day = start + timedelta(days=(entry - 1) * 1461 // entries)
            head = f"{entry},{day},Payment of invoice {chance.randrange(10**6)}"
            other, kind = chance.choice(accounts)
            amount = f"{chance.randrange(1, 10_000)}.{chance.randrange(100):02}"
            sign = "-" if kind == "EXPENSE" else ""
            back = "" if sign else "-"
            file.write(f"{head},{chance.choice(_ASSETS)},ASSET,{sign}{amount},USD\n")
            file.write(f"{head},{other},{kind},{back}{amount},USD\n")
