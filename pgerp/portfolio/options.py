"""What an import of a portfolio is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pgerp.encryption import Keyring
from pgerp.portfolio.files import Problem
from pgerp.portfolio.reconcile import Reconciliation

_KINDS = ("customers", "loans", "transactions")


@dataclass(frozen=True)
class PortfolioOptions:
    """What to import into, and how.

    Attributes:
        business: Code of the business.
        as_of: The day at whose end the old system's balances hold; None: the files give none.
        books_open_from: Saved in lending.settings first; None: what is there.
        keyring: Encrypts the column phone; None: the files have no plain phone.
        dry_run: Do it all, reconcile, and take it back.
        accept_differences: Keep the import though balances differ.
    """

    business: str
    as_of: date | None = None
    books_open_from: date | None = None
    keyring: Keyring | None = None
    dry_run: bool = False
    accept_differences: bool = False


@dataclass
class PortfolioResult:
    """What an import did, or would have done.

    Attributes:
        problems: What is wrong, by file and line; then nothing was imported.
        new: How many customers, loans and transactions were made.
        existing: How many were there already, unchanged.
        reconciliation: Computed balances against those of the old system.
        is_kept: Whether the import was committed.
    """

    problems: list[Problem] = field(default_factory=list)
    new: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    existing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    is_kept: bool = False
