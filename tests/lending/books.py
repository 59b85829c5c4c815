"""The books of lending for tests: accounts with their roles, and events as engine and jobs emit."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.pgtap import value

ROLES = {
    "loans_receivable": ("1310", "ASSET"),
    "loan_interest_receivable": ("1320", "ASSET"),
    "loan_fees_receivable": ("1330", "ASSET"),
    "loan_penalties_receivable": ("1340", "ASSET"),
    "loan_loss_allowance": ("1390", "ASSET"),
    "loan_advances": ("2310", "LIABILITY"),
    "loan_payment_clearing": ("2320", "LIABILITY"),
    "loan_interest_income": ("4310", "REVENUE"),
    "loan_fee_income": ("4320", "REVENUE"),
    "loan_penalty_income": ("4330", "REVENUE"),
    "loan_recovery_income": ("4340", "REVENUE"),
    "loan_waivers": ("5310", "EXPENSE"),
    "loan_loss_expense": ("5320", "EXPENSE"),
    "loan_cash": ("1350", "ASSET"),
    "loan_bank": ("1360", "ASSET"),
    "loan_mobile_money": ("1370", "ASSET"),
    "loan_opening_balance": ("3310", "EQUITY"),
}
"""The account roles of the reference rules, with the accounts that the tests give them."""

CONTROLLED = tuple(list(ROLES)[:7])
"""The roles whose accounts lending reserves for itself."""


def open_accounts(conn: psycopg.Connection) -> None:
    """Have the ledger post lending by the rules that pgerp ships, to accounts of lending alone."""
    for role, (code, account_type) in ROLES.items():
        conn.execute("SELECT ledger.create_account(%s, %s, %s)", [code, role, account_type])
        conn.execute("SELECT ledger.set_account_role(%s, %s)", [role, code])
    conn.execute(
        "SELECT ledger.create_reference_rules(ARRAY("
        "SELECT code FROM events.event_types WHERE starts_with(code, 'lending.')))"
    )
    for role in CONTROLLED:
        conn.execute("SELECT ledger.set_control_module(%s, 'lending')", [ROLES[role][0]])


def say(conn: psycopg.Connection, books: Books, event_type: str, **payload: Any) -> uuid.UUID:
    """Emit an event of lending of loan L-1, or of the product season; amounts not given are 0.

    Args:
        conn: The session.
        books: Whose loan; it is of the business MAIN.
        event_type: The type without "lending.".
        payload: What is not 0, the day of the loan, or the product.

    Returns:
        The event.
    """
    aggregate_type, schema = conn.execute(
        "SELECT aggregate_type, payload_schema FROM events.event_types WHERE code = %s",
        [f"lending.{event_type}"],
    ).fetchone()  # type: ignore[misc]
    aggregate_id = str(uuid.uuid4())
    told: dict[str, Any] = {
        name: 0 for name in schema["properties"] if schema["properties"][name]["type"] == "number"
    }
    told |= {"on": "2026-03-04", "product_code": "season", "currency_code": "USD"}
    told |= {"branch_code": None, "loan_id": None, "loan_no": None}
    if aggregate_type == "loan":
        told |= {"loan_id": aggregate_id, "loan_no": "L-1"}
    if "reference" in schema["properties"]:
        told["reference"] = None
    event_id: uuid.UUID = value(
        conn,
        "SELECT events.emit(%s, %s, %s, %s, %s)",
        [
            books.tenant_id,
            f"lending.{event_type}",
            aggregate_id,
            json.dumps(told | payload),
            books.business_id,
        ],
    )
    return event_id


def entry(conn: psycopg.Connection, event_id: uuid.UUID) -> list[tuple[str, str]]:
    """Return the lines of the entry that an event came to: role and amount, debit positive."""
    codes = {code: role for role, (code, _) in ROLES.items()}
    rows = conn.execute(
        """SELECT a.code, trim_scale(l.amount)::text
        FROM ledger.posted_events AS p
        INNER JOIN ledger.journal_lines AS l
            ON l.tenant_id = p.tenant_id AND l.entry_id = p.entry_id
        INNER JOIN ledger.accounts AS a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
        WHERE p.event_id = %s
        ORDER BY l.line_no""",
        [event_id],
    ).fetchall()
    return [(codes[code], amount) for code, amount in rows]


STAND_IN = """
INSERT INTO lending.loans (
    tenant_id, id, business_id, loan_no, customer_id, product_id, officer, status, applied_on,
    requested_principal, principal, currency_code, minor_units, annual_rate_percent, instalments,
    every, frequency, method, interest_calculation, day_count, grace_principal, grace_interest,
    interest_free, rounding, penalty_rate_percent, penalty_grace_days, allocation_order,
    allocate_by, prepayment, expected_disbursement_on, decided_on, decided_by, disbursed_on,
    created_at, created_by, last_modified_at, last_modified_by
)
SELECT %(tenant)s, %(loan)s, %(business)s, 'L-1', core.uuid_v7(), core.uuid_v7(), 'olive',
    'active', '2026-03-04', 1000, 1000, 'USD', 2, 12, 12, 1, 'month', 'flat', 'period', '30/360',
    0, 0, 0, 'half_even', 0, 0, '{penalty, fee, interest, principal}', 'kind', 'advance',
    '2026-03-04', '2026-03-04', 'bob', '2026-03-04', now(), 'x', now(), 'x';
INSERT INTO lending.movements (
    tenant_id, id, business_id, loan_id, kind, transaction_id, effective_on, booked_on, cash,
    principal, interest, fees, penalties, advance, allowance, event_id
)
SELECT %(tenant)s, core.uuid_v7(), %(business)s, %(loan)s, m.kind::lending.movement_kind, m.of,
    '2026-03-04', '2026-03-04', m.cash, m.principal, m.interest, m.fees, m.penalties, m.advance,
    m.allowance, m.event::uuid
FROM (VALUES
    ('disbursement', core.uuid_v7(), -985, 1000, 0, 0, 0, 0, 0, %(disbursed)s),
    ('charge', NULL, 0, 0, 20, 3, 0.4, 0, 0, %(charged)s),
    ('payment', core.uuid_v7(), 129.4, -100, -20, -3, -0.4, 6, 0, %(paid)s),
    ('advance', NULL, 0, -2, 0, 0, 0, -2, 0, %(moved)s),
    ('allowance', NULL, 0, 0, 0, 0, 0, 0, 7, %(allowed)s)
) AS m (kind, of, cash, principal, interest, fees, penalties, advance, allowance, event);
INSERT INTO lending.loan_balances (
    tenant_id, loan_id, business_id, schedule_id, processed_through, disbursed, principal_settled,
    interest_accrued, interest_settled, fees_scheduled, fees_charged, fees_settled, penalty_days,
    penalties_charged, penalties_settled, advance, allowance
)
SELECT %(tenant)s, %(loan)s, %(business)s, core.uuid_v7(), '2026-03-04', 1000, 102, 20, 20, 3, 3, 3,
    5, 0.4, 0.4, 4, 7
"""
"""A loan with a movement of most kinds, and its balances."""


def stand_in(conn: psycopg.Connection, books: Books) -> None:
    """Put a loan with its movements, events and entries past the functions of lending.

    So that what checks find does not rest on what those functions do. Afterwards 898 of principal
    are owed, 4 are kept in advance, and 7 set aside.
    """
    loan = str(uuid.uuid4())
    events = {
        "disbursed": say(
            conn, books, "loan_disbursed", method="cash", amount=1000, paid_out=985,
            fees_withheld=15, loan_id=loan,
        ),
        "charged": say(
            conn, books, "product_charged", interest_charged=20, fees_charged=3,
            penalties_charged=0.4,
        ),
        "paid": say(
            conn, books, "payment_received", method="mpesa", amount=129.4, principal=100,
            interest=20, fees=3, penalties=0.4, advance=6, loan_id=loan,
        ),
        "moved": say(
            conn, books, "payment_reallocated", amount=2, from_advance=2, moved=2, to_principal=2,
            loan_id=loan,
        ),
        "allowed": say(conn, books, "product_allowance_changed", raised=7),
    }  # fmt: skip
    conn.execute("SET LOCAL session_replication_role = 'replica'")
    conn.execute(
        psycopg.ClientCursor(conn).mogrify(
            STAND_IN,
            {
                "tenant": books.tenant_id,
                "business": books.business_id,
                "loan": loan,
                **{name: str(event) for name, event in events.items()},
            },
        )
    )
    conn.execute(
        "INSERT INTO lending.status_changes SELECT tenant_id, id, 1, business_id, NULL, status,"
        " now(), 'x' FROM lending.loans WHERE id = %s",
        [loan],
    )
    conn.execute("SET LOCAL session_replication_role = 'origin'")
