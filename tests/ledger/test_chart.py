"""The chart: balances along the tree, accounts opened and closed, a business that is rows only."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.pgtap import as_role, results_eq, throws, value


def test_balances_roll_up_the_tree(db: psycopg.Connection, books: Books) -> None:
    db.execute("SELECT ledger.create_account('1121', 'Below', 'ASSET', '1120')")
    post(db, ("1110", "5"), ("4100", "-5"))
    post(db, ("1120", "7"), ("4100", "-7"))
    post(db, ("1121", "9"), ("4100", "-9"))
    post(db, ("1130", "100"), ("4100", "-100"), business="SIDE")
    query = """SELECT account_code, parent_code, level, balance::text, rolled_up_balance::text
        FROM ledger.rolled_up_balances(%s, '2026-03-31')"""
    results_eq(
        db,
        query,
        [
            ("1000", None, 1, "0.0000", "21.0000"),
            ("1110", "1000", 2, "5.0000", "5.0000"),
            ("1120", "1000", 2, "7.0000", "16.0000"),
            ("1121", "1120", 3, "9.0000", "9.0000"),
            ("4100", None, 1, "-21.0000", "-21.0000"),
        ],
        ["MAIN"],
    )
    consolidated = db.execute(query, [None]).fetchall()
    assert consolidated[0] == ("1000", None, 1, "0.0000", "121.0000")
    results_eq(
        db,
        """SELECT account_code, parent_code, level, path, business_code, is_active
        FROM ledger.chart_of_accounts
        WHERE account_code IN ('1121', '1130') AND tenant_id = %s ORDER BY path_codes""",
        [
            ("1121", "1120", 3, "1000 / 1120 / 1121", None, True),
            ("1130", "1000", 2, "1000 / 1130", "SIDE", True),
        ],
        [books.tenant_id],
    )


def test_a_deactivated_account_takes_nothing_new_and_keeps_its_history(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, ("1110", "5"), ("4100", "-5"))
    with as_role(db, "pgerp_app"):
        db.execute("SELECT ledger.deactivate_account('1110')")
        db.execute("SELECT ledger.deactivate_account('1110')")
    throws(
        db,
        "ZL010",
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
        [as_json(("1110", "1"), ("4100", "-1"))],
    )
    assert balance(db, "1110") == "5.0000"
    assert value(db, "SELECT count(*) FROM ledger.general_ledger('MAIN', '1110')") == 1
    with as_role(db, "pgerp_app"):
        db.execute("SELECT ledger.activate_account('1110')")
    post(db, ("1110", "1"), ("4100", "-1"))
    throws(db, "ZL007", "SELECT ledger.deactivate_account('9999')")
    throws(db, "ZL007", "SELECT ledger.activate_account(NULL)")


@pytest.mark.parametrize(
    "call",
    [
        "ledger.deactivate_account('1130')",
        "ledger.activate_account('1130')",
        "ledger.set_cash_flow_activity('1130', 'cash')",
        "ledger.set_control_module('1130', 'billing')",
    ],
)
def test_accounts_of_a_business_that_the_token_does_not_cover_stay_as_they_are(
    db: psycopg.Connection, books: Books, call: str
) -> None:
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', ARRAY[%s]), true)",
        [books.tenant_id, books.business_id],
    )
    with as_role(db, "pgerp_app"):
        throws(db, "ZL007", f"SELECT {call}")
    with as_role(db, "pgerp_readonly"):
        throws(db, "42501", f"SELECT {call}")


def test_only_who_may_post_as_a_module_takes_its_account_away(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.set_control_module('1120', 'billing')")
    db.execute("SELECT ledger.set_control_module('1120', 'billing')")
    for module in (None, "procurement"):
        throws(db, "ZL021", "SELECT ledger.set_control_module('1120', %s)", [module])
    db.execute(
        "SELECT set_config('pgerp.token', identity.issue_token(%s, 'billing', NULL, '1 hour',"
        " ARRAY['ledger.manage_chart', 'ledger.post_as.billing']), true)",
        [books.tenant_id],
    )
    db.execute("SELECT ledger.set_control_module('1120', NULL)")
    throws(db, "23514", "SELECT ledger.set_control_module('1120', 'No Module')")


def test_a_car_wash_is_added_by_rows_alone(db: psycopg.Connection, books: Books) -> None:
    catalog = """SELECT count(*), max(oid::bigint) FROM pg_class WHERE relpersistence = 'p'"""
    before = db.execute(catalog).fetchone()
    with as_role(db, "pgerp_app"):
        for call in (
            "identity.create_business('CW', 'Car Wash', 'USD')",
            "ledger.create_account('1150', 'Cash of the car wash', 'ASSET', '1000', 'CW')",
            "ledger.create_account('4400', 'Car wash revenue', 'REVENUE', NULL, 'CW')",
            "ledger.create_account('5400', 'Water and soap', 'EXPENSE', NULL, 'CW')",
            "ledger.create_fiscal_year('CW', '2026-01-01')",
            "ledger.set_cash_flow_activity('1150', 'cash')",
        ):
            db.execute(f"SELECT {call}")  # type: ignore[call-overload]
        post(db, ("1150", "500"), ("3100", "-500"), date="2026-03-01", business="CW")
        post(db, ("1150", "40"), ("4400", "-40"), date="2026-03-02", business="CW")
        post(db, ("5400", "15"), ("1150", "-15"), date="2026-03-03", business="CW")
        post(db, ("1110", "1"), ("4100", "-1"))
        throws(
            db,
            "ZL012",
            "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s)",
            [as_json(("1150", "1"), ("4100", "-1"))],
        )
        results_eq(
            db,
            "SELECT account_code, amount::text FROM ledger.income_statement('CW', NULL, NULL)",
            [("4400", "40.0000"), ("5400", "15.0000")],
        )
        results_eq(
            db,
            "SELECT account_code, amount::text FROM ledger.balance_sheet('CW', '2026-12-31')",
            [("1150", "525.0000"), ("3100", "500.0000"), (None, "25.0000")],
        )
        results_eq(
            db,
            """SELECT amount::text FROM ledger.cash_flow_statement('CW', NULL, NULL, 'direct')
            WHERE item IN ('receipts', 'payments', 'closing')""",
            [("40.0000",), ("-15.0000",), ("500.0000",), ("525.0000",)],
        )
        assert value(db, "SELECT sum(balance) FROM ledger.trial_balance()") == 0
    assert offenders(db) == {}
    assert db.execute(catalog).fetchone() == before
