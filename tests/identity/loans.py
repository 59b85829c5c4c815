"""Loan products of a business, for the tests of who sees and changes what."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.lending.loans import acting_as, call
from tests.lending.products import save_product
from tests.party.customers import create

DAY = "2026-03-04"


def offer_loans(conn: psycopg.Connection, business: str) -> None:
    """Have loans on offer."""
    save_product(conn, business, "LOAN", name=f"Loan of {business}")


def lend(conn: psycopg.Connection, business: str, amount: str = "1000") -> dict[str, Any]:
    """Have a row in every table of lending, and nothing in the books; ursula is the officer.

    Args:
        conn: The session, which holds a token of alice.
        business: Whose.
        amount: What is lent.

    Returns:
        The keys of what was made: loan, guarantor, collateral and payment.
    """
    conn.execute(
        "DELETE FROM events.subscriptions"
        " WHERE handler = 'ledger.post_event' AND event_type LIKE 'lending.%%'"
    )
    call(conn, "save_settings", p_business_code=business, p_books_open_from=None)
    call(conn, "save_branch", p_business_code=business, p_code="B", p_name="Branch")
    in_group = {"p_business_code": business, "p_group_code": "G"}
    call(conn, "save_group", p_business_code=business, p_code="G", p_name="G", p_branch_code="B")
    borrower, guarantor = (borrower_named(conn, f"{name} of {business}") for name in "BG")
    call(conn, "add_group_member", **in_group, p_customer_id=borrower, p_joined_on=DAY)
    keys = {"loan": apply(conn, business, borrower, amount, p_group_code="G"), "borrower": borrower}
    keys["guarantor"] = guarantor
    call(conn, "add_guarantor", p_loan_id=keys["loan"], p_customer_id=guarantor, p_amount=amount)
    keys["collateral"] = call(
        conn,
        "add_collateral",
        p_loan_id=keys["loan"],
        p_kind="land",
        p_description=f"Plot of {business}",
        p_estimated_value=amount,
    )
    pay_out(conn, keys["loan"], p_idempotency_key=f"loan of {business} {keys['loan']}")
    for payment in ("mistaken", "payment"):
        keys[payment] = pay(conn, keys["loan"], "10")
    call(conn, "reverse_transaction", p_transaction_id=keys["mistaken"], p_reason="Twice")
    conn.execute(
        "INSERT INTO lending.provision_rates (tenant_id, business_id, min_days_past_due,"
        " rate_percent) SELECT tenant_id, business_id, 30, 5 FROM lending.loans WHERE id = %s"
        " ON CONFLICT DO NOTHING",
        [keys["loan"]],
    )
    return keys


def borrower_named(conn: psycopg.Connection, name: str) -> Any:
    """Return a new customer."""
    return create(conn, kind="person", display_name=name)


def apply(conn: psycopg.Connection, business: str, borrower: Any, amount: str, **more: Any) -> Any:
    """Return a loan that is applied for."""
    return call(
        conn,
        "apply_for_loan",
        p_business_code=business,
        p_customer_id=borrower,
        p_product_code="LOAN",
        p_principal=amount,
        p_instalments=6,
        p_applied_on=DAY,
        p_officer="ursula",
        **more,
    )


def approve(conn: psycopg.Connection, loan: Any) -> Any:
    """Approve it, as bob; return it."""
    with acting_as(conn, "bob"):
        call(conn, "approve_loan", p_loan_id=loan, p_approved_on=DAY)
    return loan


def pay_out(conn: psycopg.Connection, loan: Any, **more: Any) -> Any:
    """Approve a loan and pay it out; return it."""
    call(conn, "disburse_loan", p_loan_id=approve(conn, loan), p_disbursed_on=DAY, **more)
    return loan


def pay(conn: psycopg.Connection, loan: Any, amount: Any) -> Any:
    """Record a payment; return it."""
    named = {"p_loan_id": loan, "p_amount": amount, "p_paid_on": DAY, "p_method": "cash"}
    return call(conn, "record_loan_payment", **named)


def make_loans(conn: psycopg.Connection, amount: str) -> dict[str, Any]:
    """Give SIDE loans in each state, and return their keys by what functions do with them."""
    save_product(conn, "SIDE", "LOAN", version=1, max_principal="9999999")
    keys = {f"lent_{name}": key for name, key in lend(conn, "SIDE", amount).items()}
    borrower = keys["lent_borrower"]

    def another() -> Any:
        return apply(conn, "SIDE", borrower, amount)

    # For alice to approve.
    with acting_as(conn, "carol"):
        keys["lent_applied"] = another()
    keys["lent_approved"] = approve(conn, another())
    keys["lent_given_up"], keys["lent_overpaid"] = (pay_out(conn, another()) for _ in range(2))
    call(conn, "write_off_loan", p_loan_id=keys["lent_given_up"], p_written_off_on=DAY)
    pay(conn, keys["lent_overpaid"], "9000000")
    return keys


def loans(keys: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return arguments about SIDE, as make_loans left it."""
    loan = {"p_loan_id": keys["lent_loan"]}
    guarantor = loan | {"p_customer_id": keys["lent_guarantor"]}
    group = {"p_group_code": "G", "p_customer_id": keys["lent_borrower"]}
    paid = {"p_amount": "1", "p_paid_on": DAY, "p_method": "cash"}
    application = {"p_product_code": "LOAN", "p_principal": "1000", "p_instalments": 6}
    return {
        **LOANS,
        "lending.add_collateral": loan | {"p_kind": "land", "p_estimated_value": "1"},
        "lending.add_group_member": group | {"p_customer_id": keys["lent_guarantor"]},
        "lending.add_guarantor": loan | {"p_customer_id": keys["written"], "p_amount": "1"},
        "lending.apply_for_loan": application
        | {"p_customer_id": keys["lent_borrower"], "p_officer": "ursula", "p_applied_on": DAY},
        "lending.approve_loan": {"p_loan_id": keys["lent_applied"]},
        "lending.change_loan_rate": loan | {"p_rate": "20", "p_changed_on": DAY},
        "lending.charge_loan_fee": loan | {"p_amount": "1"},
        "lending.disburse_loan": {"p_loan_id": keys["lent_approved"]},
        "lending.end_group_membership": group,
        "lending.extend_loan": loan | {"p_instalments": 1, "p_extended_on": DAY},
        "lending.generate_payment_schedule": {"p_loan_id": keys["lent_applied"]},
        "lending.balances_as_of": loan | {"p_as_of": DAY},
        "lending.import_transactions": {
            "p_loan_id": keys["lent_approved"],
            "p_transactions": json.dumps(
                [
                    {
                        "key": "k",
                        "kind": "disbursement",
                        "effective_on": DAY,
                        "amount": 1000,
                        "method": "cash",
                    }
                ]
            ),
        },
        "lending.loan_balance": loan,
        "lending.payoff_amount": loan | {"p_as_of": DAY},
        "lending.record_loan_payment": loan | paid,
        "lending.record_loan_recovery": {"p_loan_id": keys["lent_given_up"], "p_amount": "1"},
        "lending.refund_overpayment": {"p_loan_id": keys["lent_overpaid"]},
        "lending.reject_loan": {"p_loan_id": keys["lent_applied"]},
        "lending.release_collateral": {"p_collateral_id": keys["lent_collateral"]},
        "lending.release_guarantor": guarantor,
        "lending.reschedule_loan": loan | {"p_instalments": 9},
        "lending.reverse_transaction": {"p_transaction_id": keys["lent_payment"]},
        "lending.save_branch": {},
        "lending.save_group": {},
        "lending.save_settings": {"p_books_open_from": DAY},
        "lending.waive_loan_balance": {
            "p_loan_id": keys["lent_loan"],
            "p_due_kind": "interest",
            "p_amount": "1",
            "p_waived_on": "2026-06-04",
        },
        "lending.write_off_loan": loan,
    }


LOANS: dict[str, dict[str, Any]] = {
    "lending.preview_product_schedule": {
        "p_product_code": "LOAN",
        "p_principal": "1000",
        "p_instalments": 6,
        "p_disbursed_on": "2026-03-04",
    },
    "lending.save_product": {"p_code": "LOAN", "p_product": '{"name": "New"}'},
    "lending.set_provision_rates": {"p_rates": "[]"},
    **{
        f"lending.{job}": {"p_through": "2026-03-06"}
        for job in (
            "accrue_interest",
            "age_arrears",
            "charge_penalties",
            "mark_defaulted_loans",
            "provision_loans",
            "run_daily_jobs",
            "send_overdue_loan_notifications",
        )
    },
}
"""Arguments with which functions of lending are asked about SIDE, by its codes alone."""

SCHEDULES: dict[str, dict[str, Any]] = {
    "lending.preview_payment_schedule": {
        "p_principal": "1000",
        "p_annual_rate_percent": "12",
        "p_instalments": 6,
        "p_disbursed_on": "2026-03-04",
    },
    "lending.require_schedule_terms": {
        "p_principal": "1000",
        "p_annual_rate_percent": "12",
        "p_instalments": 6,
        "p_disbursed_on": "2026-03-04",
        "p_first_due_on": None,
        "p_every": 1,
        "p_frequency": "month",
        "p_method": "flat",
        "p_interest_calculation": "period",
        "p_day_count": "30/360",
        "p_grace_principal": 0,
        "p_grace_interest": 0,
        "p_interest_free": 0,
        "p_round_to": None,
        "p_scale": 2,
        "p_rounding": "half_up",
    },
    "lending.round_quotient": {
        "p_dividend": 1,
        "p_divisor": 3,
        "p_unit": "0.01",
        "p_rounding": "half_up",
    },
    "lending.schedule_periods": {
        "p_starts_on": "2026-03-04",
        "p_due_dates": "{2026-04-04}",
        "p_every": 1,
        "p_frequency": "month",
        "p_interest_calculation": "period",
        "p_day_count": "30/360",
    },
    "lending.due_dates": {
        "p_anchor": "2026-03-04",
        "p_every": 1,
        "p_frequency": "month",
        "p_first_step": 1,
        "p_last_step": 2,
    },
    "lending.amortise": {
        "p_principal": "1000",
        "p_annual_rate_percent": "12",
        "p_parts": "{1,1}",
        "p_run": "1200",
        "p_method": "flat",
        "p_grace_principal": 0,
        "p_grace_interest": 0,
        "p_round_to": None,
        "p_scale": 2,
        "p_rounding": "half_up",
    },
}
"""Arguments of functions that know no row."""
