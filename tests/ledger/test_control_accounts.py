"""Control accounts take only their module's entries; accounts play roles."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.ledger.books import Books, as_json, draft, offenders
from tests.ledger.periods import EVERYDAY
from tests.pgtap import results_eq, throws, value

CALL = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, p_source_module => %s)"
SALE = as_json(("1110", "5"), ("4100", "-5"))
OTHER = as_json(("1120", "5"), ("4100", "-5"))


@pytest.fixture
def controlled(db: psycopg.Connection, books: Books) -> Books:
    """Books whose account 1110 is billing's."""
    db.execute("UPDATE ledger.accounts SET control_module = 'billing' WHERE code = '1110'")
    return books


def permit(db: psycopg.Connection, books: Books, *permissions: str) -> None:
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', NULL, '1 h', %s), false)",
        [books.tenant_id, [*EVERYDAY, *permissions]],
    )


@pytest.mark.parametrize("module", [None, "payroll"])
def test_a_control_account_takes_no_entry_of_others(
    db: psycopg.Connection, controlled: Books, module: str | None
) -> None:
    permit(db, controlled, "*")
    throws(db, "ZL021", CALL, [SALE, module])
    batch = [{"business": "MAIN", "date": "2026-03-04", "description": "x"}]
    batch[0] |= {"lines": json.loads(SALE)} | ({"source_module": module} if module else {})
    throws(db, "ZL021", "SELECT ledger.create_journal_entries(%s)", [json.dumps(batch)])


def test_whose_token_may_not_post_as_the_module_cannot_claim_to_be_it(
    db: psycopg.Connection, controlled: Books
) -> None:
    permit(db, controlled, "ledger.post_as.payroll")
    throws(db, "ZL021", CALL, [SALE, "billing"])
    throws(db, "ZL021", CALL, [OTHER, "billing"])
    value(db, CALL, [OTHER, "payroll"])
    value(db, CALL, [OTHER, "shop"])


@pytest.mark.parametrize("permission", ["ledger.post_as.billing", "*"])
def test_the_module_posts_to_its_control_account(
    db: psycopg.Connection, controlled: Books, permission: str
) -> None:
    permit(db, controlled, permission)
    value(db, CALL, [SALE, "billing"])
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert offenders(db) == {}


def test_direct_writes_are_held_to_it_at_commit(db: psycopg.Connection, books: Books) -> None:
    entry = draft(db, ("1110", "5"), ("4100", "-5"))
    db.execute("UPDATE ledger.accounts SET control_module = 'billing' WHERE code = '1110'")
    db.execute("UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s", [entry])
    throws(db, "ZL021", "SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("module", "id_"), [("Billing", None), ("", None), (None, "17"), ("x", "y" * 201), ("1x", None)]
)
def test_a_malformed_source_is_refused(
    db: psycopg.Connection, books: Books, module: str | None, id_: str | None
) -> None:
    throws(
        db,
        "23514",
        """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s,
        p_source_module => %s, p_source_id => %s)""",
        [SALE, module, id_],
    )
    entry = {"business": "MAIN", "date": "2026-03-04", "description": "x"}
    entry |= {"lines": json.loads(SALE), "source_module": module, "source_id": id_}
    throws(db, "ZL015", "SELECT ledger.create_journal_entries(%s)", [json.dumps([entry])])


def test_the_role_of_a_business_goes_before_that_of_all(
    db: psycopg.Connection, books: Books
) -> None:
    find = """SELECT a.code FROM ledger.accounts AS a WHERE a.id = ledger.account_for_role(%s,
        (SELECT id FROM identity.businesses WHERE code = %s AND tenant_id = %s), 'cash')"""
    throws(db, "ZL024", find, [books.tenant_id, "MAIN", books.tenant_id])
    db.execute("SELECT ledger.set_account_role('cash', '1120')")
    db.execute("SELECT ledger.set_account_role('cash', '1130', 'SIDE')")
    assert value(db, find, [books.tenant_id, "MAIN", books.tenant_id]) == "1120"
    assert value(db, find, [books.tenant_id, "SIDE", books.tenant_id]) == "1130"
    db.execute("SELECT ledger.set_account_role('cash', '1110')")
    assert value(db, find, [books.tenant_id, "MAIN", books.tenant_id]) == "1110"
    results_eq(db, "SELECT count(*) FROM ledger.account_roles", [(2,)])


@pytest.mark.parametrize(
    ("role", "account", "business", "sqlstate"),
    [
        ("cash", "9999", None, "ZL007"),
        ("cash", "1000", None, "ZL009"),
        ("cash", "1130", None, "ZL012"),
        ("cash", "1130", "MAIN", "ZL012"),
        ("cash", "1110", "NONE", "ZI005"),
        (None, "1110", None, "23502"),
        (" cash", "1110", None, "23514"),
    ],
)
def test_a_role_goes_to_an_account_that_can_play_it(
    db: psycopg.Connection,
    books: Books,
    role: str | None,
    account: str,
    business: str | None,
    sqlstate: str,
) -> None:
    call = "SELECT ledger.set_account_role(%s, %s, %s)"
    throws(db, sqlstate, call, [role, account, business])
