"""The portfolio: loans paid out by the functions, their copies, and what borrowers pay."""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta

import psycopg

from bench.ledger.books import Books, value

_STARTS = 28
"""Loans are paid out on so many days, one after the other."""

_ROLES = """
SELECT DISTINCT l.line ->> 'role'
FROM ledger.reference_posting_rules AS r
CROSS JOIN LATERAL jsonb_array_elements(r.rule -> 'lines') AS l (line)
WHERE starts_with(r.event_type, 'lending.') AND l.line ->> 'role' IS NOT NULL
ORDER BY 1
"""
_PRODUCT = """
SELECT lending.save_product('B1', 'LOAN', '{"name": "Loan", "min_principal": 1,
    "max_principal": 9999, "min_instalments": 1, "max_instalments": 60, "min_rate_percent": 0,
    "default_rate_percent": 18, "max_rate_percent": 60, "penalty_rate_percent": 24,
    "penalty_grace_days": 3, "penalty_cap_percent": 50, "effective_from": "2000-01-01",
    "fees": [{"code": "visit", "name": "Visit", "occasion": "instalment",
    "basis": "flat", "amount": 1}]}')
"""
_TEMPLATE = """
SELECT messaging.save_template('{"code": "loan_overdue", "language": "en",
    "purpose": "sms_reminders", "body": "{{name}}: {{amount}} was due on {{day}}."}')
"""

# Copies of loans that were paid out by the functions, one for each day of the first month: what
# they wrote, under new ids.
_COPY = """
CREATE TEMPORARY TABLE copies AS
SELECT
    l.id AS of_id,
    n.i AS no,
    core.uuid_v7() AS loan_id,
    core.uuid_v7() AS schedule_id,
    core.uuid_v7() AS transaction_id
FROM generate_series(1, %(loans)s) AS n (i)
INNER JOIN (
    SELECT
        l.id,
        row_number() OVER (ORDER BY l.loan_no) - 1 AS place
    FROM lending.loans AS l
) AS l ON l.place = n.i %% %(starts)s;
INSERT INTO lending.loans
SELECT (jsonb_populate_record(l, jsonb_build_object('id', c.loan_id, 'loan_no', 'C' || c.no))).*
FROM copies AS c INNER JOIN lending.loans AS l ON l.id = c.of_id;
INSERT INTO lending.loan_fees
SELECT (jsonb_populate_record(f, jsonb_build_object('loan_id', c.loan_id))).*
FROM copies AS c INNER JOIN lending.loan_fees AS f ON f.loan_id = c.of_id;
INSERT INTO lending.transactions
SELECT (jsonb_populate_record(
    t, jsonb_build_object('id', c.transaction_id, 'loan_id', c.loan_id)
)).*
FROM copies AS c INNER JOIN lending.transactions AS t ON t.loan_id = c.of_id;
INSERT INTO lending.movements
SELECT (jsonb_populate_record(m, jsonb_build_object(
    'id', core.uuid_v7(), 'loan_id', c.loan_id, 'transaction_id', c.transaction_id
))).*
FROM copies AS c INNER JOIN lending.movements AS m ON m.loan_id = c.of_id;
INSERT INTO lending.schedules
SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', c.schedule_id, 'loan_id', c.loan_id, 'transaction_id', c.transaction_id
))).*
FROM copies AS c
INNER JOIN lending.loan_balances AS b ON b.loan_id = c.of_id
INNER JOIN lending.schedules AS s ON s.id = b.schedule_id;
INSERT INTO lending.instalments (
    tenant_id, schedule_id, instalment_no, business_id, loan_id, starts_on, due_date, days,
    principal, interest, fees, balance, interest_before, principal_to_date, interest_to_date,
    fees_to_date
)
SELECT
    i.tenant_id, c.schedule_id, i.instalment_no, i.business_id, c.loan_id, i.starts_on, i.due_date,
    i.days, i.principal, i.interest, i.fees, i.balance, i.interest_before, i.principal_to_date,
    i.interest_to_date, i.fees_to_date
FROM copies AS c
INNER JOIN lending.loan_balances AS b ON b.loan_id = c.of_id
INNER JOIN lending.instalments AS i ON i.schedule_id = b.schedule_id;
INSERT INTO lending.loan_balances (
    tenant_id, loan_id, business_id, schedule_id, processed_through, disbursed, principal_settled,
    interest_accrued, interest_settled, fees_scheduled, fees_charged, fees_settled, penalty_days,
    penalties_charged, penalties_settled, advance, oldest_unpaid_due_on
)
SELECT
    b.tenant_id, c.loan_id, b.business_id, c.schedule_id, b.processed_through, b.disbursed, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, b.oldest_unpaid_due_on
FROM copies AS c INNER JOIN lending.loan_balances AS b ON b.loan_id = c.of_id;
DROP TABLE copies
"""

# Nine of ten pay each instalment on its day, one of them for a year only: what a payment writes,
# without what it says to the books.
PAY = """
WITH paying AS (
    SELECT
        b.tenant_id, b.business_id, b.loan_id, i.instalment_no, i.amount, i.principal_to_date,
        i.interest_to_date, i.fees_to_date,
        b.interest_accrued, core.uuid_v7() AS transaction_id,
        i.principal_to_date - b.principal_settled AS principal,
        i.interest_to_date - b.interest_settled AS interest,
        i.fees_to_date - b.fees_settled AS fees,
        (
            SELECT min(o.due_date) FROM lending.instalments AS o
            WHERE o.tenant_id = b.tenant_id AND o.schedule_id = b.schedule_id
                AND o.due_date > i.due_date
        ) AS next_due_on
    FROM lending.loan_balances AS b
    INNER JOIN lending.loans AS l ON l.tenant_id = b.tenant_id AND l.id = b.loan_id
    INNER JOIN lending.instalments AS i
        ON i.tenant_id = b.tenant_id AND i.schedule_id = b.schedule_id
        AND i.business_id = b.business_id AND i.due_date = %(day)s
    WHERE b.oldest_unpaid_due_on = %(day)s
        AND substr(l.loan_no, 2)::integer %% 10 > 0
        AND (substr(l.loan_no, 2)::integer %% 10 > 1 OR i.instalment_no <= 12)
),
facts AS (
    INSERT INTO lending.transactions (
        tenant_id, id, business_id, loan_id, place, kind, effective_on, amount, method, prepayment,
        created_at, created_by, last_modified_at, last_modified_by
    )
    SELECT
        p.tenant_id, p.transaction_id, p.business_id, p.loan_id, 1 + p.instalment_no, 'payment',
        %(day)s, p.principal + p.interest + p.fees, 'cash', 'advance', now(), 'bench', now(),
        'bench'
    FROM paying AS p
),
moved AS (
    INSERT INTO lending.movements (
        tenant_id, id, business_id, loan_id, kind, transaction_id, effective_on, booked_on, cash,
        principal, interest, fees, event_id
    )
    SELECT
        p.tenant_id, core.uuid_v7(), p.business_id, p.loan_id, 'payment', p.transaction_id,
        %(day)s, %(day)s, p.principal + p.interest + p.fees, -p.principal, -p.interest, -p.fees,
        p.transaction_id
    FROM paying AS p
),
closed AS (
    UPDATE lending.loans AS l
    SET status = 'closed', closed_on = %(day)s
    FROM paying AS p
    WHERE l.tenant_id = p.tenant_id AND l.id = p.loan_id AND p.next_due_on IS NULL
)
UPDATE lending.loan_balances AS b
SET principal_settled = p.principal_to_date,
    interest_settled = p.interest_to_date,
    fees_settled = p.fees_to_date,
    oldest_unpaid_due_on = p.next_due_on
FROM paying AS p
WHERE b.tenant_id = p.tenant_id AND b.loan_id = p.loan_id
"""


def open_lending(admin: psycopg.Connection, books: Books, first: date) -> None:
    """Have years, accounts, rules, a product, rates and a template."""
    for name, setting in books.options.items():
        admin.execute("SELECT set_config(%s, %s, false)", [name, setting])
    for year in range(first.year, date.today().year - 1):
        admin.execute("SELECT ledger.create_fiscal_year('B1', %s)", [date(year, 1, 1)])
    for number, (role,) in enumerate(admin.execute(_ROLES).fetchall()):
        kind = "REVENUE" if role.endswith("income") else "ASSET"
        code = str(8000 + number)
        admin.execute("SELECT ledger.create_account(%s, %s, %s)", [code, role, kind])
        admin.execute("SELECT ledger.set_account_role(%s, %s)", [role, code])
    admin.execute(
        "SELECT ledger.create_reference_rules(ARRAY("
        "SELECT code FROM events.event_types WHERE starts_with(code, 'lending.')))"
    )
    admin.execute(_PRODUCT.encode())
    admin.execute(_TEMPLATE.encode())
    admin.execute(
        'SELECT lending.set_provision_rates(\'B1\', \'[{"min_days_past_due": 0, "rate_percent": 1},'
        ' {"min_days_past_due": 31, "rate_percent": 25},'
        ' {"min_days_past_due": 91, "rate_percent": 100}]\')'
    )


def fill(admin: psycopg.Connection, loans: int, first: date) -> None:
    """Pay out a loan on each of the first days, by the functions; copy them past the triggers."""
    started = time.perf_counter()
    tenant = value(admin, "SELECT identity.current_tenant()")
    officer = "SELECT identity.create_user('officer', 'Officer', NULL, true)"
    admin.execute(officer)
    customer = value(
        admin,
        "SELECT party.create_customer("
        '\'{"given_name": "Mary", "family_name": "Wanjiku", "email": "mary@example.com"}\')',
    )
    approver = value(admin, "SELECT identity.issue_token(%s, 'boss')", [tenant])
    held = value(admin, "SELECT current_setting('pgerp.token')")
    for place in range(min(_STARTS, loans)):
        day = first + timedelta(days=place)
        loan = value(
            admin,
            "SELECT lending.apply_for_loan('B1', %s, 'LOAN', 1200, 36, %s,"
            " p_officer => 'officer', p_loan_no => %s)",
            [customer, day, f"A{place:02}"],
        )
        admin.execute("SELECT set_config('pgerp.token', %s, false)", [approver])
        admin.execute("SELECT lending.approve_loan(%s, p_approved_on => %s)", [loan, day])
        admin.execute("SELECT set_config('pgerp.token', %s, false)", [held])
        admin.execute("SELECT lending.disburse_loan(%s, 'cash', %s)", [loan, day])
    admin.execute("SET session_replication_role = replica")
    for statement in _COPY.split(";\n"):
        admin.execute(statement.encode(), {"loans": loans - _STARTS, "starts": _STARTS})
    admin.execute("RESET session_replication_role")
    admin.execute("VACUUM ANALYZE")
    print(f"filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
