"""Loans written straight into the tables, as lending.restate leaves them: for reports."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from tests.ledger.books import Books
from tests.lending.products import save_product
from tests.pgtap import value

Dues = list[tuple[str, int]]
"""Day and principal of each instalment; interest is a tenth of that, fees a hundredth."""

LOAN = """
INSERT INTO lending.loans
SELECT (jsonb_populate_record(NULL::lending.loans, to_jsonb(p) || %(loan)s)).*
FROM lending.products AS p
WHERE p.tenant_id = %(tenant)s AND p.business_id = %(business)s AND p.code = 'season'
RETURNING id"""


@dataclass(frozen=True)
class Lender:
    """A business with a product, by the keys that rows need."""

    conn: psycopg.Connection
    tenant_id: int
    business_id: int
    customer_id: Any

    def lend(
        self,
        no: str,
        dues: Dues,
        on: str = "2026-01-01",
        through: str = "2027-01-01",
        **loan: Any,
    ) -> Any:
        """Write a loan that was paid out, and return its id.

        Args:
            no: Its number.
            dues: Its instalments.
            on: When it was paid out.
            through: What day the jobs have counted.
            **loan: Columns that are other than usual.
        """
        principal = sum(amount for _, amount in dues)
        row = {
            "id": str(value(self.conn, "SELECT core.uuid_v7()")),
            "business_id": self.business_id,
            "loan_no": no,
            "customer_id": str(self.customer_id),
            "officer": "olivia",
            "status": "active",
            "applied_on": on,
            "requested_principal": principal,
            "principal": principal,
            "annual_rate_percent": 10,
            "instalments": len(dues),
            "expected_disbursement_on": on,
            "decided_on": on,
            "decided_by": "bob",
            "disbursed_on": on,
            "created_by": "carol",
            **loan,
        }
        product = (
            "SELECT id FROM lending.products"
            " WHERE tenant_id = %s AND business_id = %s AND code = 'season'"
        )
        row.setdefault(
            "product_id", str(value(self.conn, product, [self.tenant_id, self.business_id]))
        )
        with unguarded(self.conn):
            loan_id = value(
                self.conn,
                LOAN,
                {
                    "loan": json.dumps(row),
                    "tenant": self.tenant_id,
                    "business": self.business_id,
                },
            )
            self._add("disbursement", loan_id, on, cash=-principal, principal=principal)
            self.conn.execute(
                """INSERT INTO lending.loan_balances (tenant_id, loan_id, business_id, schedule_id,
                    processed_through, disbursed, principal_settled, interest_accrued,
                    interest_settled, fees_scheduled, fees_charged, fees_settled, penalty_days,
                    penalties_charged, penalties_settled, advance)
                VALUES (%s, %s, %s, %s, %s, %s, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)""",
                [self.tenant_id, loan_id, self.business_id, loan_id, through, principal],
            )
        self.plan(loan_id, dues, on)
        return loan_id

    def plan(
        self, loan_id: Any, dues: Dues, on: str, reason: str = "disbursement", is_live: bool = True
    ) -> None:
        """Write a further version of its schedule, in force from a day on."""
        with unguarded(self.conn):
            schedule = value(
                self.conn,
                """INSERT INTO lending.schedules (tenant_id, business_id, loan_id, version_no,
                    reason, effective_on, transaction_id, annual_rate_percent, is_live,
                    created_at, created_by, last_modified_at, last_modified_by)
                SELECT %(tenant)s, %(business)s, %(loan)s, count(*) + 1, %(reason)s, %(on)s,
                    core.uuid_v7(), 10, %(live)s, now(), 'x', now(), 'x'
                FROM lending.schedules WHERE tenant_id = %(tenant)s AND loan_id = %(loan)s
                RETURNING id""",
                {**self._keys(loan_id), "reason": reason, "on": on, "live": is_live},
            )
            self.conn.cursor().executemany(
                """INSERT INTO lending.instalments (tenant_id, schedule_id, instalment_no,
                    business_id, loan_id, starts_on, due_date, days, principal, interest, fees,
                    balance, interest_before, principal_to_date, interest_to_date, fees_to_date)
                VALUES (%(tenant)s, %(schedule)s, %(no)s, %(business)s, %(loan)s,
                    least(%(on)s::date, %(due)s::date), %(due)s::date, 1,
                    %(amount)s, %(amount)s / 10.0, %(amount)s / 100.0, 0, 0, %(to_date)s,
                    %(to_date)s / 10.0, %(to_date)s / 100.0)""",
                [
                    {
                        **self._keys(loan_id),
                        "schedule": schedule,
                        "no": number,
                        "on": on,
                        "due": due,
                        "amount": amount,
                        "to_date": sum(earlier for _, earlier in dues[:number]),
                    }
                    for number, (due, amount) in enumerate(dues, 1)
                ],
            )
            self.conn.execute(
                "UPDATE lending.loan_balances SET schedule_id = %s"
                " WHERE tenant_id = %s AND loan_id = %s",
                [schedule, self.tenant_id, loan_id],
            )

    def settle(
        self,
        loan_id: Any,
        on: str,
        principal: float,
        kind: str = "payment",
        interest: float = 1,
        fees: float = 1,
    ) -> None:
        """Have principal paid or written off on a day, with parts of its interest and fees."""
        interest, fees = principal / 10 * interest, principal / 100 * fees
        cash = principal + interest + fees if kind == "payment" else 0
        with unguarded(self.conn):
            self._add(kind, loan_id, on, cash, -principal, -interest, -fees)
            self.conn.execute(
                """UPDATE lending.loan_balances
                SET principal_settled = principal_settled + %s,
                    interest_accrued = interest_accrued + %s,
                    interest_settled = interest_settled + %s, fees_charged = fees_charged + %s,
                    fees_settled = fees_settled + %s
                WHERE tenant_id = %s AND loan_id = %s""",
                [principal, interest, interest, fees, fees, self.tenant_id, loan_id],
            )
            if kind == "write_off":
                self.conn.execute(
                    "UPDATE lending.loans SET status = 'written_off', written_off_on = %s"
                    " WHERE tenant_id = %s AND id = %s",
                    [on, self.tenant_id, loan_id],
                )

    def _keys(self, loan_id: Any) -> dict[str, Any]:
        return {"tenant": self.tenant_id, "business": self.business_id, "loan": loan_id}

    def _add(
        self,
        kind: str,
        loan_id: Any,
        on: str,
        cash: float = 0,
        principal: float = 0,
        interest: float = 0,
        fees: float = 0,
    ) -> None:
        """Write a transaction and its movement."""
        self.conn.execute(
            """WITH made AS (
                INSERT INTO lending.transactions (tenant_id, id, business_id, loan_id, place, kind,
                    effective_on, amount, fees_withheld, method, prepayment,
                    created_at, created_by, last_modified_at, last_modified_by)
                SELECT %(tenant)s, core.uuid_v7(), %(business)s, %(loan)s, count(*) + 1,
                    %(kind)s::text::lending.transaction_kind, %(on)s,
                    CASE WHEN %(kind)s <> 'write_off' THEN abs(%(cash)s::numeric) END,
                    CASE WHEN %(kind)s = 'disbursement' THEN 0 END,
                    CASE WHEN %(kind)s <> 'write_off' THEN 'cash' END,
                    CASE WHEN %(kind)s = 'payment' THEN 'advance'::lending.prepayment END,
                    now(), 'x', now(), 'x'
                FROM lending.transactions WHERE tenant_id = %(tenant)s AND loan_id = %(loan)s
                RETURNING id
            )
            INSERT INTO lending.movements (tenant_id, id, business_id, loan_id, kind,
                transaction_id, effective_on, booked_on, cash, principal, interest, fees, event_id)
            SELECT %(tenant)s, core.uuid_v7(), %(business)s, %(loan)s,
                %(kind)s::text::lending.movement_kind, made.id, %(on)s, %(on)s, %(cash)s,
                %(principal)s, %(interest)s, %(fees)s, core.uuid_v7()
            FROM made""",
            {
                **self._keys(loan_id),
                "kind": kind,
                "on": on,
                "cash": cash,
                "principal": principal,
                "interest": interest,
                "fees": fees,
            },
        )


@contextlib.contextmanager
def unguarded(conn: psycopg.Connection) -> Iterator[None]:
    """Write rows as they would come from elsewhere, past triggers and foreign keys."""
    conn.execute("SET LOCAL session_replication_role = replica")
    yield
    conn.execute("SET LOCAL session_replication_role = origin")


def open_lender(conn: psycopg.Connection, books: Books, business: str = "MAIN") -> Lender:
    """Give a business a product, and the tenant a customer to lend to."""
    save_product(conn, business)
    if not conn.execute("SELECT FROM identity.users WHERE subject = 'olivia'").fetchall():
        conn.execute("SELECT identity.create_user('olivia', 'Olivia')")
    person = {"given_name": "Mary", "family_name": "Wanjiku", "email": f"{business}@example.com"}
    customer = value(conn, "SELECT party.create_customer(%s, true)", [json.dumps(person)])
    business_id = value(
        conn,
        "SELECT id FROM identity.businesses WHERE tenant_id = %s AND code = %s",
        [books.tenant_id, business],
    )
    return Lender(conn, books.tenant_id, business_id, customer)


def par(
    conn: psycopg.Connection, days: int, as_of: str | date, business: str | None = "MAIN"
) -> dict[str, Any]:
    """Return the one row of lending.calculate_par, by its columns."""
    cursor = conn.execute(
        "SELECT * FROM lending.calculate_par(%s, %s, %s)", [days, as_of, business]
    )
    assert cursor.description is not None
    (row,) = cursor.fetchall()
    return dict(zip([column.name for column in cursor.description], row, strict=True))
