"""Charts, entries of all kinds, currencies, periods, years, settlement: the books are the model's.

A state machine carries out random requests in the database and in `whole_books.Model`; after each,
the answers, all checks, balances and statements are compared. PGERP_TEST_SEED replays a run,
PGERP_TEST_EXAMPLES makes it longer.
"""

from __future__ import annotations

import os
import random
import sys

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.books import Books
from tests.ledger.foreign import open_foreign_accounts
from tests.ledger.periods import retain
from tests.ledger.whole_books_machine import WholeBooks


@pytest.fixture
def whole(db: psycopg.Connection, books: Books) -> psycopg.Connection:
    """Two businesses with currencies of their own, two years, roles for every difference."""
    db.execute("SELECT identity.create_business('TOKYO', 'Tokyo', 'JPY')")
    for business, year in (("MAIN", 2025), ("TOKYO", 2025), ("TOKYO", 2026)):
        db.execute("SELECT ledger.create_fiscal_year(%s, %s)", [business, f"{year}-01-01"])
    open_foreign_accounts(db)
    retain(db)
    return db


def test_the_whole_books_are_those_of_the_model(
    whole: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = int(os.environ.get("PGERP_TEST_SEED") or random.randrange(2**32))
    sys.stdout.write(f"PGERP_TEST_SEED={seed}\n")
    # Each example takes a while: what is found is to be shown before the run is given up.
    monkeypatch.setattr("hypothesis.internal.conjecture.engine.MAX_SHRINKING_SECONDS", 90)

    class Machine(WholeBooks):
        db = whole

    run_state_machine_as_test(
        hypothesis.seed(seed)(Machine),
        settings=settings(
            max_examples=int(os.environ.get("PGERP_TEST_EXAMPLES") or 12),
            stateful_step_count=16,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )
