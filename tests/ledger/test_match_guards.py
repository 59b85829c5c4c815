"""Which lines may settle each other, where no other guard would say so."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.ledger.books import Books, settle
from tests.ledger.foreign import MATCH, item, open_foreign_accounts, open_of, pair
from tests.pgtap import throws, value


@pytest.fixture(autouse=True)
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with receivables and payables in EUR."""
    open_foreign_accounts(db)


@pytest.mark.parametrize("sign", ["", "-"])
def test_two_of_one_side_do_not_settle_each_other(db: psycopg.Connection, sign: str) -> None:
    one, other = item(db, f"{sign}100", rate="1"), item(db, f"{sign}100", rate="1")
    throws(db, "ZL052", MATCH, pair(one, other))


def test_what_was_voided_is_not_matched_though_it_is_open(db: psycopg.Connection) -> None:
    """A reversal by hand, its lines in another order, settles nothing of what it reverses."""
    voided = item(db, "100", currency=None)
    back = [
        {"account": "4100", "debit": "100"},
        {"account": "1200", "credit": "100", "counterparty": "ACME"},
    ]
    create = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)"
    reversal = value(db, create, [json.dumps(back)])
    db.execute(
        """INSERT INTO ledger.reversals (tenant_id, entry_id, reversal_id, reason)
        VALUES (identity.current_tenant(), %s, %s, 'by hand')""",
        [voided.entry_id, reversal],
    )
    assert open_of(db, voided) == ("100.0000", "100.0000")
    oldest = "SELECT count(*) FROM ledger.match_oldest('MAIN', '1200', 'ACME')"
    assert value(db, oldest) == 0
    item(db, "30", currency=None)
    assert value(db, oldest) == 1
    settle(db)
