"""Loan products of a business, for the tests of who sees and changes what."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.lending.products import save_product


def offer_loans(conn: psycopg.Connection, business: str) -> None:
    """Have a row in every table of lending."""
    save_product(conn, business, "LOAN", name=f"Loan of {business}")


LOANS: dict[str, dict[str, Any]] = {
    "lending.preview_product_schedule": {
        "p_product_code": "LOAN",
        "p_principal": "1000",
        "p_instalments": 6,
        "p_disbursed_on": "2026-03-04",
    },
    "lending.save_product": {"p_code": "LOAN", "p_product": '{"name": "New"}'},
}
"""Arguments with which functions of lending are asked about SIDE, as offer_loans left it."""

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
        "p_instalments": 6,
        "p_disbursed_on": "2026-03-04",
        "p_first_due_on": None,
        "p_every": 1,
        "p_frequency": "month",
        "p_interest_calculation": "period",
        "p_day_count": "30/360",
    },
}
"""Arguments of functions that know no row."""
