"""The checks of lending against the books, by a loan that was put past lending's functions."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.ledger.books import CHECKS, Books, balance
from tests.lending.books import ROLES, open_accounts, say, stand_in
from tests.pgtap import throws, value

PROBLEMS = "SELECT problem, lending_balance, ledger_balance FROM lending.books_offenders()"


@pytest.fixture(autouse=True)
def loan(db: psycopg.Connection, books: Books) -> None:
    """Accounts, rules, and a loan with its movements."""
    open_accounts(db)
    stand_in(db, books)


def found(conn: psycopg.Connection) -> set[str]:
    """Return the checks of lending that found something."""
    files = sorted(Path(CHECKS / "lending").glob("*.sql"))
    return {file.stem for file in files if conn.execute(file.read_text()).fetchall()}  # type: ignore[arg-type]


def problems(conn: psycopg.Connection) -> list[str]:
    """Return what is wrong with the books, without figures."""
    return sorted(row[0] for row in conn.execute(PROBLEMS).fetchall())


def test_what_the_loans_add_up_to_is_what_the_books_say(db: psycopg.Connection) -> None:
    assert found(db) == set()
    assert {role: balance(db, ROLES[role][0]) for role in list(ROLES)[:7]} == {
        "loans_receivable": "898.0000",
        "loan_interest_receivable": "0.0000",
        "loan_fees_receivable": "0.0000",
        "loan_penalties_receivable": "0.0000",
        "loan_loss_allowance": "-7.0000",
        "loan_advances": "-4.0000",
        "loan_payment_clearing": "0.0000",
    }


def test_an_event_without_a_movement_is_found_by_both_sides(
    db: psycopg.Connection, books: Books
) -> None:
    say(db, books, "loan_charged", interest_charged=5)
    assert db.execute(PROBLEMS).fetchall() == [
        ("the books of loan_interest_receivable differ", 0, 5)
    ]
    assert found(db) == {"books_equal_movements", "movements_equal_their_events"}


@pytest.mark.parametrize(
    "change",
    [
        "cash = cash - 1",
        "principal = principal + 1, interest = interest - 1",
        "advance = advance + 1, cash = cash + 1",
        "booked_on = booked_on + 1",
    ],
)
def test_a_movement_that_is_changed_is_not_what_its_event_told(
    db: psycopg.Connection, change: str
) -> None:
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute("ALTER TABLE lending.movements DROP CONSTRAINT movements_sum_check")
    db.execute(f"UPDATE lending.movements SET {change} WHERE kind = 'payment'")  # type: ignore[arg-type]
    assert "movements_equal_their_events" in found(db)


@pytest.mark.parametrize(
    "column",
    [
        *("disbursed", "principal_settled", "interest_accrued", "interest_settled"),
        *("fees_charged", "fees_settled", "penalties_charged", "penalties_settled"),
        *("advance", "allowance"),
    ],
)
def test_a_balance_that_no_movement_made_is_found(db: psycopg.Connection, column: str) -> None:
    db.execute("SET LOCAL session_replication_role = 'replica'")
    change = f"{column} {'-' if column.endswith('settled') else '+'} 0.1"
    db.execute(f"UPDATE lending.loan_balances SET {column} = {change}")  # type: ignore[arg-type]
    assert found(db) == {"balances_equal_movements"}


def test_a_loan_whose_balances_are_gone_is_found(db: psycopg.Connection) -> None:
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute("DELETE FROM lending.loan_balances")
    assert found(db) == {"balances_equal_movements"}


def test_an_account_that_others_may_post_to_is_named(db: psycopg.Connection) -> None:
    db.execute("UPDATE ledger.accounts SET control_module = NULL WHERE code = '1310'")
    assert problems(db) == ["account 1310 (loans_receivable) is not reserved for lending"]


def test_without_the_reservation_an_entry_by_hand_gets_in_and_is_found(
    db: psycopg.Connection,
) -> None:
    post = """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'By hand',
        '[{"account": "1310", "debit": 5}, {"account": "1110", "credit": 5}]')"""
    throws(db, "ZL021", post)
    db.execute("UPDATE ledger.accounts SET control_module = NULL WHERE code = '1310'")
    db.execute(post)
    assert problems(db) == [
        "account 1310 (loans_receivable) is not reserved for lending",
        "the books of loans_receivable differ",
    ]


def test_another_account_in_the_part_has_to_take_the_balance_over(db: psycopg.Connection) -> None:
    db.execute("SELECT ledger.create_account('1311', 'Loans, new', 'ASSET')")
    db.execute("SELECT ledger.set_control_module('1311', 'lending')")
    db.execute("SELECT ledger.set_account_role('loans_receivable', '1311')")
    assert db.execute(PROBLEMS).fetchall() == [("the books of loans_receivable differ", 898, None)]
    # As a part of it the old one counts too.
    db.execute("SELECT ledger.set_account_role('loans_receivable_old', '1310')")
    assert problems(db) == []


def test_rules_of_their_own_may_split_a_part_over_accounts(
    db: psycopg.Connection, books: Books
) -> None:
    for code in ("1311", "1312"):
        db.execute("SELECT ledger.create_account(%s, 'Interest', 'ASSET')", [code])
        db.execute("SELECT ledger.set_control_module(%s, 'lending')", [code])
    db.execute("SELECT ledger.set_account_role('loan_interest_receivable_crop', '1311', 'MAIN')")
    db.execute(
        """SELECT ledger.save_posting_rule('{
            "event_type": "lending.loan_charged", "business": "MAIN", "name": "Charges",
            "description": "Charges", "date": "on", "lines": [
                {"side": "debit", "role": "loan_interest_receivable_crop",
                 "amount": "interest_charged"},
                {"side": "credit", "role": "loan_interest_income", "amount": "interest_charged"}
            ]}')"""
    )
    event = say(db, books, "loan_charged", interest_charged=5)
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute(
        """INSERT INTO lending.movements
        SELECT (jsonb_populate_record(m, jsonb_build_object('id', core.uuid_v7(), 'event_id',
            %s::uuid, 'interest', 5, 'fees', 0, 'penalties', 0))).*
        FROM lending.movements AS m WHERE m.kind = 'charge'""",
        [event],
    )
    assert problems(db) == []
    # To an account without such a role it is as good as not posted.
    db.execute("UPDATE ledger.account_roles SET role = 'crop' WHERE role LIKE '%_crop'")
    assert problems(db) == ["the books of loan_interest_receivable differ"]


def test_parts_that_share_an_account_are_compared_together(
    db: psycopg.Connection, books: Books
) -> None:
    # From the start, in a business of its own.
    business = value(db, "SELECT id FROM identity.businesses WHERE code = 'SIDE'")
    for role in ("loan_fees_receivable", "loan_penalties_receivable"):
        db.execute("SELECT ledger.set_account_role(%s, '1320', 'SIDE')", [role])
    side = Books(books.tenant_id, books.token, business)
    event = say(
        db, side, "loan_charged", interest_charged=5, fees_charged=3, penalties_charged=2
    )  # fmt: skip
    shared = "loan_fees_receivable, loan_interest_receivable, loan_penalties_receivable"
    assert db.execute(PROBLEMS).fetchall() == [(f"the books of {shared} differ", 0, 10)]
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute(
        """INSERT INTO lending.movements
        SELECT (jsonb_populate_record(m, jsonb_build_object('id', core.uuid_v7(), 'event_id',
            %s::uuid, 'business_id', %s::integer, 'interest', 5, 'fees', 3, 'penalties', 2))).*
        FROM lending.movements AS m WHERE m.kind = 'charge'""",
        [event, business],
    )
    assert problems(db) == []


def test_what_waits_for_the_books_is_no_difference(db: psycopg.Connection, books: Books) -> None:
    assert problems(db) == []
    event, *rest = db.execute(
        """SELECT m.event_id, p.entry_id FROM lending.movements AS m
        INNER JOIN ledger.posted_events AS p ON p.event_id = m.event_id
        WHERE m.kind = 'allowance'"""
    ).fetchone()  # type: ignore[misc]
    db.execute("SELECT ledger.reverse_journal_entry(%s, 'Not posted', '2026-03-05')", rest)
    assert problems(db) == ["the books of loan_loss_allowance differ"]
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute(
        """INSERT INTO events.pending (
            tenant_id, handler, event_id, aggregate_type, aggregate_id, aggregate_version,
            position, due_at, arrived_at
        )
        SELECT e.tenant_id, 'ledger.post_event', e.id, e.aggregate_type, e.aggregate_id,
            e.aggregate_version, e.position, now(), now()
        FROM events.event_store AS e WHERE e.id = %s""",
        [event],
    )
    assert problems(db) == []
