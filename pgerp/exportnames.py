"""Account names for programs of plain-text accounting, made from our codes, each only once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

ROOTS = {
    "ASSET": "Assets",
    "LIABILITY": "Liabilities",
    "EQUITY": "Equity",
    "REVENUE": "Income",
    "EXPENSE": "Expenses",
}
"""Account type -> the root that hledger and beancount know it by."""

_KEPT = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})


class Account(NamedTuple):
    """An account of the chart; `type` is a key of ROOTS."""

    code: str
    name: str
    type: str


def plain_names(accounts: Iterable[Account]) -> dict[str, str]:
    """Return code -> name such as Assets:1110-Till, no two alike.

    A code of several parts (Income:Sales) keeps them. Letters and digits stay, whatever else
    becomes a hyphen, and every part begins with a capital or a digit, as beancount demands.

    Args:
        accounts: The whole chart, so that a name does not depend on what is exported.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for account in sorted(accounts):
        name = base = _plain_name(account)
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{base}-{count}"
        taken.add(name.casefold())
        names[account.code] = name
    return names


def _plain_name(account: Account) -> str:
    root = ROOTS[account.type]
    parts = account.code.split(":")
    if len(parts) > 1 and parts[0] == root:
        del parts[0]
    if parts[-1] != account.name:
        parts[-1] += f"-{account.name}"
    return ":".join((root, *map(_part, parts)))


def _part(text: str) -> str:
    kept = "".join(
        one if unicodedata.category(one) in _KEPT else "-"
        for one in unicodedata.normalize("NFC", text)
    )
    part = "-".join(filter(None, kept.split("-")))
    part = part[:1].upper() + part[1:]
    return part if unicodedata.category(part[:1] or "-") in ("Lu", "Nd") else f"X{part}"
