"""Foreign balances are carried at the rate of a day, until the next day."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgerp.db import connect
from tests.background import Background
from tests.ledger.books import Books, balance, open_books, settle
from tests.ledger.foreign import item, match, open_foreign_accounts, set_rate
from tests.pgtap import results_eq, throws, value

REVALUE = "SELECT ledger.revalue(%s, %s)"


@pytest.fixture
def foreign(db: psycopg.Connection, books: Books) -> None:
    """Books with accounts for EUR."""
    open_foreign_accounts(db)


def balances(db: psycopg.Connection, day: str, *accounts: str) -> list[str]:
    call = "SELECT ledger.account_balance('MAIN', %s, %s)"
    return [str(value(db, call, [account, day])) for account in accounts]


@pytest.mark.usefixtures("foreign")
def test_balances_are_carried_at_the_closing_rate_for_one_day(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10", account="1150", counterparty=None)
    item(db, "100", rate="1.10")
    item(db, "-50", rate="1.10", account="2200", against="5100")
    set_rate(db, "2026-03-31", "1.25")
    entry_id = value(db, REVALUE, ["MAIN", "2026-03-31"])
    results_eq(
        db,
        """SELECT a.code, l.amount::text, l.currency_code, l.currency_amount::text,
            l.exchange_rate::text
        FROM ledger.journal_lines AS l INNER JOIN ledger.accounts AS a ON a.id = l.account_id
        WHERE l.entry_id = %s ORDER BY l.line_no""",
        [
            ("1150", "15.0000", "EUR", "0.0000", "1.2500000000"),
            ("1200", "15.0000", "EUR", "0.0000", "1.2500000000"),
            ("2200", "-7.5000", "EUR", "0.0000", "1.2500000000"),
            ("4920", "-30.0000", None, None, None),
            ("5930", "7.5000", None, None, None),
        ],
        [entry_id],
    )
    codes = ["1150", "1200", "2200", "4920", "5930"]
    at_close = ["125.0000", "125.0000", "-62.5000", "-30.0000", "7.5000"]
    assert balances(db, "2026-03-31", *codes) == at_close
    next_day = ["110.0000", "110.0000", "-55.0000", "0.0000", "0.0000"]
    assert balances(db, "2026-04-01", *codes) == next_day
    results_eq(
        db,
        """SELECT r.entry_id, e.entry_date::text, e.status::text FROM ledger.reversals AS r
        INNER JOIN ledger.journal_entries AS e ON e.id = r.reversal_id""",
        [(entry_id, "2026-04-01", "POSTED")],
    )
    settle(db)


@pytest.mark.usefixtures("foreign")
def test_a_second_revaluation_posts_only_what_has_changed(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10")
    set_rate(db, "2026-03-31", "1.25")
    assert value(db, REVALUE, ["MAIN", "2026-03-31"]) is not None
    assert value(db, REVALUE, ["MAIN", "2026-03-31"]) is None
    set_rate(db, "2026-03-31", "1.24")
    assert value(db, REVALUE, ["MAIN", "2026-03-31"]) is not None
    assert balances(db, "2026-03-31", "1200", "4920", "5930") == ["124.0000", "-15.0000", "1.0000"]
    item(db, "10", rate="1.24", date="2026-03-30")
    assert value(db, REVALUE, ["MAIN", "2026-03-31"]) is None
    assert balances(db, "2026-04-01", "1200") == ["122.4000"]
    settle(db)


@pytest.mark.usefixtures("foreign")
def test_within_a_period_only_what_was_there_on_the_day_counts(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10", date="2026-03-04")
    item(db, "100", rate="1.10", date="2026-03-20")
    item(db, "100", rate="1.10", date="2026-03-10", status="DRAFT")
    set_rate(db, "2026-03-15", "1.20")
    value(db, REVALUE, ["MAIN", "2026-03-15"])
    assert balances(db, "2026-03-15", "1200", "4920") == ["120.0000", "-10.0000"]
    settle(db)


@pytest.mark.usefixtures("foreign")
def test_what_is_paid_but_not_matched_is_worth_nothing(db: psycopg.Connection) -> None:
    invoice, payment = item(db, "100", rate="1.10"), item(db, "-100", rate="1.20")
    assert balance(db, "1200") == "-10.0000"
    value(db, REVALUE, ["MAIN", "2026-03-31"])
    assert balances(db, "2026-03-31", "1200", "4920") == ["0.0000", "-10.0000"]
    match(db, invoice, payment, on="2026-04-10")
    assert balances(db, "2026-04-10", "1200", "4910") == ["0.0000", "-10.0000"]
    settle(db)


@pytest.mark.usefixtures("foreign")
def test_only_the_accounts_that_are_monetary_or_named_are_revalued(db: psycopg.Connection) -> None:
    for account in ("1110", "1150", "1200"):
        item(db, "100", rate="1.10", account=account, counterparty=None)
    set_rate(db, "2026-03-31", "1.20")
    call = "SELECT ledger.revalue('MAIN', '2026-03-31', %s)"
    throws(db, "ZL007", call, [["1200", "4100"]])
    throws(db, "ZL007", call, [["12"]])
    value(db, call, [["1150"]])
    db.execute("SELECT ledger.set_account_monetary('1110', false)")
    throws(db, "ZL007", call, [["1110"]])
    throws(db, "ZL007", "SELECT ledger.set_account_monetary('12', false)")
    value(db, REVALUE, ["MAIN", "2026-03-31"])
    found = balances(db, "2026-03-31", "1110", "1150", "1200", "4100")
    assert found == ["110.0000", "120.0000", "120.0000", "-330.0000"]
    settle(db)


@pytest.mark.usefixtures("foreign")
def test_another_type_of_rate_and_another_day_of_reversal(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10")
    set_rate(db, "2026-03-31", "1.20", rate_type="closing")
    throws(db, "ZL050", REVALUE, ["MAIN", "2026-03-31"])
    call = "SELECT ledger.revalue('MAIN', '2026-03-31', NULL, 'closing', %s)"
    throws(db, "22023", call, ["2026-03-31"])
    throws(db, "22023", REVALUE, ["MAIN", None])
    value(db, call, ["2026-05-01"])
    days = ["2026-04-30", "2026-05-01"]
    assert [balances(db, day, "1200") for day in days] == [["120.0000"], ["110.0000"]]


@pytest.mark.parametrize(
    ("as_of", "sqlstate"),
    [("2026-03-31", "ZL002"), ("2026-04-30", "ZL002"), ("2026-12-31", "ZL003")],
)
@pytest.mark.usefixtures("foreign")
def test_where_the_reversal_finds_no_open_period_nothing_is_kept(
    db: psycopg.Connection, as_of: str, sqlstate: str
) -> None:
    item(db, "100", rate="1.10")
    set_rate(db, "2026-03-31", "1.20")
    db.execute("UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-04'")
    throws(db, sqlstate, REVALUE, ["MAIN", as_of])
    assert value(db, "SELECT count(*) FROM ledger.journal_entries") == 1
    assert balance(db, "1200") == "110.0000"


@pytest.mark.usefixtures("foreign")
def test_without_an_account_for_the_gain_nothing_is_revalued(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10")
    set_rate(db, "2026-03-31", "1.20")
    db.execute("DELETE FROM ledger.account_roles WHERE role LIKE 'unrealised%'")
    throws(db, "ZL024", REVALUE, ["MAIN", "2026-03-31"])


@pytest.mark.usefixtures("foreign")
def test_control_accounts_are_revalued_by_the_ledger_itself(db: psycopg.Connection) -> None:
    item(db, "100", rate="1.10")
    set_rate(db, "2026-03-31", "1.20")
    settle(db)
    db.execute("UPDATE ledger.accounts SET control_module = 'billing' WHERE code = '1200'")
    value(db, REVALUE, ["MAIN", "2026-03-31"])
    assert balances(db, "2026-03-31", "1200") == ["120.0000"]
    settle(db)


@pytest.mark.usefixtures("foreign")
def test_each_business_is_revalued_alone(db: psycopg.Connection, books: Books) -> None:
    item(db, "100", rate="1.10")
    item(db, "100", rate="1.10", business="SIDE")
    set_rate(db, "2026-03-31", "1.20")
    value(db, REVALUE, ["MAIN", "2026-03-31"])
    call = "SELECT ledger.account_balance(%s, '1200', '2026-03-31')"
    assert [str(value(db, call, [b])) for b in ("MAIN", "SIDE")] == ["120.0000", "110.0000"]
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', %s), false)"
    db.execute(token, [books.tenant_id, [books.business_id]])
    throws(db, "ZI006", REVALUE, ["SIDE", "2026-03-31"])


@pytest.mark.parametrize(
    ("isolation", "sqlstate"), [("READ COMMITTED", None), ("REPEATABLE READ", "40001")]
)
def test_two_revaluations_at_once_post_the_difference_once(
    clone: str, isolation: str, sqlstate: str | None
) -> None:
    with connect(clone) as observer, connect(clone) as one, connect(clone) as other:
        books = open_books(observer)
        open_foreign_accounts(observer)
        item(observer, "100", rate="1.10")
        set_rate(observer, "2026-03-31", "1.20")
        for session in (one, other):
            session.execute("SELECT set_config('pgerp.token', %s, false)", [books.token])
            session.execute(f"BEGIN ISOLATION LEVEL {isolation}")
            value(session, "SELECT count(*) FROM ledger.journal_entries")
        assert value(one, REVALUE, ["MAIN", "2026-03-31"]) is not None
        got: list[Any] = []
        call = [REVALUE, ["MAIN", "2026-03-31"]]
        second = Background(other, lambda: got.append(value(other, *call)))
        assert second.waits(observer)
        one.execute("COMMIT")
        assert second.result() == sqlstate
        assert got == ([None] if sqlstate is None else [])
        other.execute("ROLLBACK" if sqlstate else "COMMIT")
        assert balances(observer, "2026-03-31", "1200") == ["120.0000"]
        settle(observer)
