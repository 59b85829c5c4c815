"""What the ledger is to reach, and whether it did."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bench.support import print_table


@dataclass(frozen=True)
class Target:
    """A figure with its bound.

    Attributes:
        what: What was measured, with its unit.
        value: The figure; None: this server does not tell.
        at_most: The bound, where less is better.
        at_least: The bound, where more is better.
        stretch: A better bound, worth knowing.
    """

    what: str
    value: float | None
    at_most: float | None = None
    at_least: float | None = None
    stretch: float | None = None

    def keeps(self, bound: float | None) -> bool:
        """Tell whether the figure is on the right side of a bound."""
        if self.value is None or bound is None:
            return False
        return self.value <= bound if self.at_most is not None else self.value >= bound

    @property
    def verdict(self) -> str:
        """In words."""
        if self.value is None:
            return "not measured"
        if not self.keeps(self.at_most if self.at_most is not None else self.at_least):
            return "MISSED"
        return "met, stretch too" if self.keeps(self.stretch) else "met"

    def facts(self) -> dict[str, Any]:
        """Return it for the results file."""
        return {**asdict(self), "verdict": self.verdict}


def print_targets(server: str, targets: list[Target]) -> None:
    """Print every target with its figure and its verdict."""
    rows = []
    for one in targets:
        sign, bound = ("≤", one.at_most) if one.at_most is not None else ("≥", one.at_least)
        wanted = f"{sign} {bound:,g}" + (f" ({one.stretch:,g})" if one.stretch else "")
        shown = (
            "?"
            if one.value is None
            else f"{one.value:,.2f}"
            if one.value < 100
            else f"{one.value:,.0f}"
        )
        rows.append([one.what, shown, wanted, one.verdict])
    print_table(f"Targets, server {server}", ["", "measured", "target (stretch)", ""], rows)
