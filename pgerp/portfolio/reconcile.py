"""What imported loans come to, against what the old system says."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from pgerp.errors import PgerpError
from pgerp.portfolio.files import BALANCES
from pgerp.portfolio.rows import Loan
from pgerp.session import Cursor


@dataclass(frozen=True)
class Compared:
    """One kind of balance of one loan.

    Attributes:
        loan_no: The loan.
        line: Its line in loans.csv.
        kind: Which of BALANCES.
        old: What the old system says.
        computed: What it comes to.
    """

    loan_no: str
    line: int
    kind: str
    old: Decimal
    computed: Decimal

    @property
    def difference(self) -> Decimal:
        """What is computed, less what the old system says."""
        return self.computed - self.old


@dataclass(frozen=True)
class Reconciliation:
    """All that was compared.

    Attributes:
        as_of: The day at whose end balances are compared; None: nothing was.
        rows: By loan, in the order of the file, and kind.
    """

    as_of: date | None = None
    rows: list[Compared] = field(default_factory=list)

    @property
    def loans(self) -> int:
        """How many loans were compared."""
        return len({row.loan_no for row in self.rows})

    @property
    def differing(self) -> int:
        """How many of them differ."""
        return len({row.loan_no for row in self.rows if row.difference})

    def totals(self) -> Iterator[Compared]:
        """Yield the sums of each kind that the old system gives."""
        for kind in BALANCES:
            rows = [row for row in self.rows if row.kind == kind]
            if rows:
                old = sum((row.old for row in rows), Decimal(0))
                computed = sum((row.computed for row in rows), Decimal(0))
                yield Compared("", 0, kind, old, computed)


def reconcile(cursor: Cursor, loans: Iterable[tuple[Loan, object]], as_of: date) -> Reconciliation:
    """Compare what loans come to at the end of a day with what the old system says.

    Args:
        cursor: In a transaction of the tenant.
        loans: Loans with balances of the old system, and their ids.
        as_of: The day.
    """
    rows = []
    for loan, loan_id in loans:
        cursor.execute(
            "SELECT principal, interest, fees, penalties FROM lending.loan_balance(%s, %s)",
            (loan_id, as_of),
        )
        computed = dict(zip(BALANCES, cursor.fetchone() or (), strict=True))
        rows += [
            Compared(loan.number, loan.record.line, kind, old, computed[kind])
            for kind, old in loan.old.items()
        ]
    return Reconciliation(as_of, rows)


def write_report(reconciliation: Reconciliation, path: Path) -> None:
    """Write everything that was compared as CSV: loan_no,kind,old,computed,difference.

    Raises:
        PgerpError: The file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["loan_no", "kind", "old", "computed", "difference"])
            for row in reconciliation.rows:
                amounts = (f"{amount:f}" for amount in (row.old, row.computed, row.difference))
                writer.writerow([row.loan_no, row.kind, *amounts])
    except OSError as error:
        raise PgerpError(
            f"cannot write the report: {error.strerror}", where=str(path), hint="Correct --report."
        ) from error
