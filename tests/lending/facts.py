"""Facts of loans put on record, and what the database makes of them."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import psycopg

from tests.lending.engine import Model
from tests.lending.loans import PAID, apply, approve, borrower, call
from tests.lending.products import save_product
from tests.lending.standing import KINDS, Agreement, Fact
from tests.pgtap import value

START = datetime.date.fromisoformat(PAID)
"""The day on which loans are paid out."""
COLUMNS = {"principal": "principal", "interest": "interest", "fee": "fees", "penalty": "penalties"}


def day(offset: int) -> datetime.date:
    """Return the day so many days after START."""
    return START + datetime.timedelta(days=offset)


def lend(conn: psycopg.Connection, agreed: Agreement, **disburse: Any) -> Any:
    """Pay out a loan of these terms on START; return its id."""
    terms = agreed.terms
    fees = [
        {"code": f"flat{n}", "name": "Flat", "occasion": "instalment", "basis": "flat", "amount": a}
        for n, a in enumerate(agreed.flat_fees)
    ] + [
        {"code": f"part{n}", "name": "P", "occasion": "instalment", "basis": "percent", "amount": a}
        for n, a in enumerate(agreed.percent_fees)
    ]
    product = {
        **{
            name: getattr(terms, name)
            for name in ("method", "interest_calculation", "day_count", "every", "frequency")
        },
        **{
            name: getattr(terms, name)
            for name in ("grace_principal", "grace_interest", "interest_free", "rounding")
        },
        "round_to": terms.round_to and str(terms.round_to),
        "minor_units": terms.scale,
        "min_principal": str(terms.principal),
        "max_principal": str(terms.principal * 2),
        "min_instalments": terms.instalments,
        "max_instalments": terms.instalments,
        "min_rate_percent": 0,
        "max_rate_percent": 10000,
        "penalty_rate_percent": str(agreed.penalty_rate),
        "penalty_grace_days": agreed.penalty_grace_days,
        "penalty_cap_percent": agreed.penalty_cap and str(agreed.penalty_cap),
        "allocation_order": agreed.order,
        "allocate_by": agreed.allocate_by,
        "fees": [fee | {"amount": str(fee["amount"])} for fee in fees],
    }
    save_product(conn, code="terms", **product)
    loan = approve(
        conn,
        apply(
            conn,
            borrower(conn),
            p_product_code="terms",
            p_principal=terms.principal,
            p_instalments=terms.instalments,
            p_rate=terms.annual_rate_percent,
            p_first_due_on=terms.first_due_on,
        ),
    )
    call(conn, "disburse_loan", p_loan_id=loan, p_disbursed_on=PAID, **disburse)
    return loan


def pay(conn: psycopg.Connection, loan: Any, amount: Any, on: Any, **more: Any) -> Any:
    """Record a payment in cash; return its id."""
    named = {"p_loan_id": loan, "p_amount": amount, "p_paid_on": on, "p_method": "cash", **more}
    return call(conn, "record_loan_payment", **named)


def record(conn: psycopg.Connection, loan: Any, fact: Fact) -> Any:
    """Record any fact the way every function of lending does; return its id."""
    row: dict[str, Any] = {"kind": fact.kind, "effective_on": fact.on.isoformat()}
    if fact.kind not in ("reschedule", "rate_change", "extension", "write_off"):
        row["amount"] = str(money(fact.amount))
    if fact.kind == "payment":
        row["prepayment"] = fact.prepayment
    if fact.kind == "disbursement":
        row["fees_withheld"] = 0
    if fact.kind in ("disbursement", "payment", "recovery", "refund"):
        row["method"] = "cash"
    if fact.kind in ("reschedule", "extension"):
        row["instalments"] = fact.instalments
    if fact.kind == "waiver":
        row["due_kind"] = fact.due_kind
    if fact.rate is not None:
        row["annual_rate_percent"] = str(fact.rate)
    if fact.first_due_on:
        row["first_due_on"] = fact.first_due_on.isoformat()
    with conn.transaction():
        made = value(
            conn,
            "SELECT lending.add_transaction(l,"
            " jsonb_populate_record(NULL::lending.transactions, %s))"
            " FROM lending.loans AS l WHERE l.id = %s",
            [json.dumps(row), loan],
        )
        restate(conn, loan)
    return made


def restate(conn: psycopg.Connection, loan: Any, through: datetime.date | None = None) -> None:
    """Bring the loan in line with its facts, through a day."""
    tenant = value(conn, "SELECT identity.current_tenant()")
    conn.execute("SELECT lending.restate(%s, %s, %s)", [tenant, loan, through])


def reverse(conn: psycopg.Connection, fact: Any, on: datetime.date) -> None:
    """Take a transaction back."""
    with conn.transaction():
        call(conn, "reverse_transaction", p_transaction_id=fact, p_reason="r", p_reversed_on=on)


def money(amount: Fraction | int) -> Decimal:
    """Write an amount of a model as the database does."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def history(conn: psycopg.Connection, loan: Any, on: datetime.date) -> dict[str, Fraction]:
    """Return what lending.loan_balance says, by the names of Model.history."""
    row = conn.execute("SELECT * FROM lending.loan_balance(%s, %s)", [loan, on]).fetchone()
    assert row is not None
    principal, interest, fees, penalties, total, overdue, days = map(Fraction, row)
    assert total == principal + interest + fees + penalties
    return {
        "principal": principal,
        "interest": interest,
        "fee": fees,
        "penalty": penalties,
        "overdue": overdue,
        "days": days,
    }


def stored(conn: psycopg.Connection, loan: Any) -> dict[str, Any]:
    """Return how the database has the loan: what two ways to the same facts have in common."""
    balances = conn.execute(
        """SELECT processed_through, disbursed, principal_settled, interest_accrued,
            interest_settled, fees_scheduled, fees_charged, fees_settled, penalty_days,
            penalties_charged, penalties_settled, advance, oldest_unpaid_due_on, overdue,
            days_past_due, l.status::text, l.closed_on, l.written_off_on, l.restructured_on
        FROM lending.loan_balances AS b INNER JOIN lending.loans AS l ON l.id = b.loan_id
        WHERE l.id = %s""",
        [loan],
    ).fetchone()
    return {"balances": balances, "moves": moves(conn, loan), "versions": versions(conn, loan)}


def moves(conn: psycopg.Connection, loan: Any) -> dict[Any, dict[str, Fraction]]:
    """Return what the movements but charges come to, by kind, place of the fact, and day."""
    rows = conn.execute(
        """SELECT m.kind::text, t.place, m.effective_on, sum(m.cash), sum(m.principal),
            sum(m.interest), sum(m.fees), sum(m.penalties), sum(m.advance)
        FROM lending.movements AS m
        LEFT JOIN lending.transactions AS t ON t.tenant_id = m.tenant_id AND t.id = m.transaction_id
        WHERE m.loan_id = %s AND m.kind NOT IN ('charge', 'allowance')
        GROUP BY 1, 2, 3""",
        [loan],
    )
    names = ("cash", "principal", "interest", "fee", "penalty", "advance")
    found = {
        (kind, place, on): {n: Fraction(a) for n, a in zip(names, sums, strict=True) if a}
        for kind, place, on, *sums in rows
    }
    return {key: sums for key, sums in found.items() if sums}


def versions(conn: psycopg.Connection, loan: Any) -> list[tuple[str, list[Any]]]:
    """Return the live versions with their instalments, in the order in which they are in force."""
    rows = conn.execute(
        """SELECT s.id, s.reason::text, i.starts_on, i.due_date, i.principal, i.interest, i.fees,
            i.interest_before
        FROM lending.schedules AS s
        INNER JOIN lending.instalments AS i ON i.schedule_id = s.id
        WHERE s.loan_id = %s AND s.is_live
        ORDER BY s.effective_on, s.version_no, i.instalment_no""",
        [loan],
    )
    found: dict[Any, tuple[str, list[Any]]] = {}
    for schedule, reason, starts_on, due, *amounts in rows:
        found.setdefault(schedule, (reason, []))[1].append(
            (starts_on, due, *map(Fraction, amounts))
        )
    return list(found.values())


def agree(conn: psycopg.Connection, loan: Any, model: Model) -> None:
    """The database has the loan as the model has it: balances, movements, versions, status."""
    assert versions(conn, loan) == [
        (reason, [(i.starts_on, i.due, i.principal, i.interest, i.fees, i.before) for i in made])
        for reason, made in model.versions
    ]
    told = {
        key: {name: amount for name, amount in sums.items() if amount}
        for key, sums in model.moves.items()
    }
    found = moves(conn, loan)
    for key in list(found):
        if key[0] == "disbursement":
            # What was withheld is of no account to the model.
            found[key].pop("cash", None)
    assert found == {key: sums for key, sums in told.items() if sums}
    row = conn.execute(
        """SELECT l.status::text, l.closed_on, l.written_off_on, l.restructured_on, b.principal,
            b.interest, b.fees, b.penalties, b.advance, b.overdue, b.days_past_due, b.penalty_days,
            b.processed_through
        FROM lending.loan_balances AS b INNER JOIN lending.loans AS l ON l.id = b.loan_id
        WHERE l.id = %s""",
        [loan],
    ).fetchone()
    last = model.history[model.day]
    assert row == (
        model.status,
        None if model.written_off_on else model.closed_on,
        model.written_off_on,
        model.restructured_on,
        *(money(last[kind]) for kind in reversed(KINDS)),
        money(model.advance),
        money(last["overdue"]),
        last["days"],
        money(model.penalty_days),
        model.day,
    )
