"""A closed fiscal year opened again and closed again, and what it refuses meanwhile."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.ledger.periods import (
    CLOSE_YEAR,
    POST,
    RENT,
    REOPEN,
    REOPEN_YEAR,
    SALE,
    SALE_JSON,
    events,
    income,
    parts,
    retain,
    settle,
    status,
)
from tests.pgtap import as_role, lives, throws, value


@pytest.fixture(autouse=True)
def retained(db: psycopg.Connection, books: Books) -> None:
    retain(db)


def test_a_late_entry_is_posted_after_reopening_and_the_year_closed_again(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, *SALE)
    settle(db)
    first = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    with as_role(db, "pgerp_app"):
        reversal = value(db, REOPEN_YEAR, ["2026"])
    settle(db)
    assert [status(db, c) for c in ("2026-12", "2026-13", "2026-CL")] == ["closed", "open", "open"]
    assert [balance(db, code) for code in ("4100", "3200")] == ["-100.0000", "0.0000"]
    lives(db, POST, ["2026-12-31", as_json(*RENT), "adjusting"], deferred=True)
    throws(db, "ZL002", POST, ["2026-12-31", as_json(*RENT), "regular"])
    second = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    assert len({first, reversal, second}) == 3
    assert [balance(db, code) for code in ("4100", "5100", "3200")] == [
        "0.0000",
        "0.0000",
        "-70.0000",
    ]
    assert income(db) == {"4100": "100.0000", "5100": "30.0000"}
    assert [event[0] for event in events(db, "2026-CL")] == [
        *("posted", "closed"),
        *("reopened", "posted"),
        *("posted", "closed"),
    ]
    assert offenders(db) == {}


def test_named_periods_are_reopened_with_the_year(db: psycopg.Connection, books: Books) -> None:
    value(db, CLOSE_YEAR, ["2026"])
    again = "SELECT ledger.reopen_fiscal_year('MAIN', '2026', 'x', %s)"
    throws(db, "ZL040", again, [["2026-03", "2027-01"]])
    throws(db, "ZL040", again, [["2026-CL"]])
    throws(db, "ZL040", again, [[None]])
    db.execute(again, [["2026-03", "2026-07"]])
    found = [status(db, f"2026-{c}") for c in ("02", "03", "07", "13")]
    assert found == ["closed", "open", "open", "closed"]
    db.execute(REOPEN, ["2026-13"])
    value(db, CLOSE_YEAR, ["2026"])
    db.execute(again, [[]])
    assert status(db, "2026-03") == "closed"


def test_several_years_are_open_again_at_once_and_each_keeps_its_own_result(
    db: psycopg.Connection, books: Books
) -> None:
    years = {2026: "100", 2027: "20", 2028: "3"}
    for year, amount in years.items():
        if year > 2026:
            db.execute("SELECT ledger.create_fiscal_year('MAIN', %s)", [f"{year}-01-01"])
        post(db, ("1110", amount), ("4100", "-" + amount), date=f"{year}-06-01")
    settle(db)
    for year in (2027, 2026, 2028):
        value(db, CLOSE_YEAR, [str(year)])
    settle(db)
    carried = [parts(db, f"{year}-12-31")[0] for year in years]
    assert carried == ["-100", "-120", "-123"]
    for year in (2026, 2027):
        value(db, REOPEN_YEAR, [str(year)])
        lives(db, POST, [f"{year}-12-31", as_json(("1110", "1"), ("4100", "-1")), "adjusting"])
    settle(db)
    assert parts(db, "2028-12-31") == ["-3", "-122", "0"]
    for year in (2027, 2026):
        value(db, CLOSE_YEAR, [str(year)])
    settle(db)
    assert [parts(db, f"{y}-12-31") for y in years] == [
        ["-101", "0", "0"],
        ["-122", "0", "0"],
        ["-125", "0", "0"],
    ]
    assert [income(db, year)["4100"] for year in years] == ["101.0000", "21.0000", "3.0000"]
    assert offenders(db) == {}


@pytest.mark.parametrize(
    ("sqlstate", "statement"),
    [
        ("ZL004", "SELECT ledger.close_fiscal_year('MAIN', '2026')"),
        ("ZL042", "SELECT ledger.reopen_period('MAIN', '2026-03', 'x')"),
        ("ZL040", "SELECT ledger.close_fiscal_year('MAIN', '1999')"),
        ("ZL040", "SELECT ledger.reopen_fiscal_year('MAIN', NULL, 'x')"),
        ("ZL041", "SELECT ledger.reopen_fiscal_year('SIDE', '2026', 'x')"),
        ("ZL027", "SELECT ledger.reopen_fiscal_year('MAIN', '2026', ' ')"),
        ("ZL042", "UPDATE ledger.fiscal_periods SET status = 'open' WHERE code = '2026-03'"),
        ("ZL042", "UPDATE ledger.fiscal_periods SET status = 'soft_closed' WHERE code = '2026-13'"),
        ("ZL043", "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-CL'"),
    ],
)
def test_what_does_not_fit_a_closed_year_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, statement: str
) -> None:
    value(db, CLOSE_YEAR, ["2026"])
    db.execute("SELECT set_config('pgerp.period_reason', 'x', true)")
    throws(db, sqlstate, statement)


def test_a_closing_period_does_not_close_over_a_result(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, *SALE)
    settle(db)
    close = """UPDATE ledger.fiscal_periods SET status = 'closed'
        WHERE business_id = 1 AND tenant_id = %s AND kind = 'closing'"""
    throws(db, "ZL043", close, [books.tenant_id])
    db.execute(close.replace("kind =", "kind <>"), [books.tenant_id])
    throws(db, "ZL043", close, [books.tenant_id])
    lives(db, CLOSE_YEAR, ["2026"], deferred=True)


def test_a_period_is_not_slipped_open_into_a_closed_year(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("DELETE FROM ledger.fiscal_periods WHERE code = '2026-08'")
    value(db, CLOSE_YEAR, ["2026"])
    throws(
        db,
        "ZL042",
        """INSERT INTO ledger.fiscal_periods
        (tenant_id, business_id, fiscal_year_id, code, starts_on, ends_on)
        SELECT tenant_id, business_id, id, 'X', '2026-08-01', '2026-08-31'
        FROM ledger.fiscal_years WHERE business_id = 1 AND tenant_id = %s""",
        [books.tenant_id],
    )


def test_a_year_without_a_closing_period_is_not_closed(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("DELETE FROM ledger.fiscal_periods WHERE kind = 'closing'")
    throws(db, "ZL043", CLOSE_YEAR, ["2026"])


REVERSE = "SELECT ledger.reverse_journal_entry(%s, 'x', %s)"


def test_what_closed_a_year_is_undone_by_reopening_it_only(
    db: psycopg.Connection, books: Books
) -> None:
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2027-01-01')")
    post(db, *SALE)
    settle(db)
    entry_id = value(db, CLOSE_YEAR, ["2026"])
    settle(db)
    throws(db, "ZL044", REVERSE, [entry_id, None])
    throws(db, "ZL044", REVERSE, [entry_id, "2027-02-03"])
    throws(db, "ZL002", REVERSE, [entry_id, "2026-12-31"])
    reversal_id = value(db, REOPEN_YEAR, ["2026"])
    settle(db)
    throws(db, "ZL044", REVERSE, [reversal_id, None])
    throws(db, "ZL023", REVERSE, [entry_id, None])


def test_nobody_else_posts_into_a_closing_period(db: psycopg.Connection, books: Books) -> None:
    throws(db, "ZL015", POST, ["2026-12-31", SALE_JSON, "closing"])
    insert = """INSERT INTO ledger.journal_entries
        (tenant_id, business_id, entry_date, status, description, period_kind, source_module)
        VALUES (%s, 1, '2026-12-31', 'POSTED', 'x', 'closing', %s)"""
    throws(db, "23514", insert, [books.tenant_id, None])
    throws(db, "23514", insert, [books.tenant_id, "billing"])


def test_years_are_closed_and_reopened_in_the_newest_snapshot_only(
    session: psycopg.Connection,
) -> None:
    with session.transaction(force_rollback=True):
        session.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        throws(session, "25001", CLOSE_YEAR, ["2026"])
        throws(session, "25001", REOPEN_YEAR, ["2026"])
        throws(session, "25001", REOPEN, ["2026-01"])


def test_a_reason_to_reopen_one_period_opens_no_other(db: psycopg.Connection) -> None:
    db.execute(
        "UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code IN ('2026-03', '2026-04')"
    )
    db.execute(REOPEN, ["2026-03"])
    throws(db, "ZL027", "UPDATE ledger.fiscal_periods SET status = 'open' WHERE code = '2026-04'")


def test_an_open_period_does_not_move_into_a_year_that_is_closed(db: psycopg.Connection) -> None:
    db.execute("SELECT ledger.create_fiscal_year('MAIN', '2027-01-01')")
    db.execute(CLOSE_YEAR, ["2026"])
    throws(
        db,
        "ZL042",
        """UPDATE ledger.fiscal_periods AS p
        SET fiscal_year_id = y.id, starts_on = '2026-12-31', ends_on = '2026-12-31'
        FROM ledger.fiscal_years AS y
        WHERE y.code = '2026' AND y.business_id = p.business_id AND p.code = '2027-13'""",
    )
