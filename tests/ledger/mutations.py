"""Defects to plant in functions of the ledger, to see that what compares the books can fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

FUNCTIONS = Path(__file__).resolve().parents[2] / "functions" / "ledger"


@dataclass(frozen=True)
class Mutation:
    """A defect: in the file of a function, one text stands for another."""

    function: str
    old: str
    new: str

    def plant(self, conn: psycopg.Connection) -> None:
        """Define the function with the defect, in the transaction of the connection."""
        text = (FUNCTIONS / f"{self.function}.sql").read_text()
        assert self.old in text, f"{self.function} has changed: {self.old}"
        conn.execute(text.replace(self.old, self.new).encode())


MUTATIONS = {
    "a reversal has the sign of its original": (
        Mutation("reverse_entry", "-l.amount, l.currency_code, -l", "l.amount, l.currency_code, l"),
        Mutation("guard_reversal", "HAVING sum(l.amount) <> 0 OR", "HAVING false AND"),
    ),
    "a rounding difference goes the wrong way": (
        Mutation("add_rounding_lines", "-s.total, NULL", "s.total, NULL"),
    ),
    "the last part of a match leaves a residue": (
        Mutation("matched_value", "RETURN v_open_value;", "RETURN v_open_value - 0.01;"),
    ),
    "a revaluation is off by a minor unit": (
        Mutation("revalue", ") - v_balance.value;", ") - v_balance.value + 0.01;"),
    ),
    "closing a year forgets an account": (
        Mutation(
            "year_result", "GROUP BY b.account_id", "AND a.code <> '4910' GROUP BY b.account_id"
        ),
    ),
    "the balance sheet has no current earnings": (
        Mutation("balance_sheet", "coalesce(sum(b.balance)", "coalesce(sum(0 * b.balance)"),
    ),
    "balances are as of the day before": (
        Mutation("account_movements", "least(p.ends_on, v_to)", "least(p.ends_on, v_to - 1)"),
    ),
    "a draft that is posted does not enter the balances": (
        Mutation("apply_posted_entry", "PERFORM ledger.apply_to_balances", "-- "),
    ),
}
"""By what is wrong with the books; nothing but a comparison would notice some of them."""
