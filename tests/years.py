"""Years that tests name by their distance from the present one, and what partitions they have.

The migrations make partitions of fixed years; of later ones `pgerp maintain` makes them, in the
template too. What a test expects of a year to come is computed from here, never written down.
"""

from __future__ import annotations

from datetime import UTC, datetime

THIS_YEAR = datetime.now(UTC).year

MIGRATED = range(2026, 2029)
"""The years whose partitions the migrations make."""

AHEAD = 2
"""For how many years after this one the template has partitions: the default of maintenance."""

NEXT = THIS_YEAR + AHEAD + 1
"""The first year to come without a partition in the template."""

PAST = max(year for year in range(THIS_YEAR - 7, THIS_YEAR) if year not in MIGRATED)
"""A year that is over, younger than the log is kept, and without a partition in the template."""

PARTITIONED = (
    "audit.log",
    "events.event_store",
    "ledger.journal_entries",
    "ledger.journal_lines",
    "lending.movements",
    "lending.transactions",
)
"""The tables that are partitioned by year."""


def maintained(ahead: int = AHEAD) -> list[int]:
    """Return the years, from this one on, of which maintenance and no migration makes partitions.

    Args:
        ahead: For how many years after this one it makes them.
    """
    return [year for year in range(THIS_YEAR, THIS_YEAR + ahead + 1) if year not in MIGRATED]


def maintained_partitions(ahead: int = AHEAD) -> list[str]:
    """Return the partitions of those years, of all tables, in the order of their names."""
    return [f"{table}_{year}" for table in PARTITIONED for year in maintained(ahead)]
