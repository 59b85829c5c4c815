"""Loan products for tests."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from tests.pgtap import throws, value

SEASON: dict[str, Any] = {
    "name": "Season",
    "min_principal": "100.00",
    "max_principal": "5000.00",
    "min_instalments": 3,
    "max_instalments": 12,
    "min_rate_percent": 12,
    "default_rate_percent": 18,
    "max_rate_percent": 24,
    "effective_from": "2026-01-01",
    "fees": [
        {
            "code": "file",
            "name": "File fee",
            "occasion": "disbursement",
            "basis": "percent",
            "amount": "1.5",
        },
        {
            "code": "visit",
            "name": "Visit",
            "occasion": "instalment",
            "basis": "flat",
            "amount": "0.25",
        },
    ],
}
"""What a product needs, and fees of both kinds."""

SAVE = "SELECT lending.save_product(%s, %s, %s, %s)"
PREVIEW = "SELECT * FROM lending.preview_product_schedule(%s, %s, %s, %s, %s, %s, %s)"


def save_product(
    conn: psycopg.Connection,
    business: str | None = "MAIN",
    code: str = "season",
    version: int | None = None,
    **changes: Any,
) -> Any:
    """Save SEASON with these changes, or of a product that is there, these changes alone."""
    product = changes if version else SEASON | changes
    return value(conn, SAVE, [business, code, json.dumps(product), version])


def refused(
    conn: psycopg.Connection,
    sqlstate: str,
    business: str | None = "MAIN",
    code: str = "season",
    version: int | None = None,
    **changes: Any,
) -> psycopg.Error:
    """Such a product is refused with this SQLSTATE."""
    return throws(conn, sqlstate, SAVE, [business, code, json.dumps(SEASON | changes), version])
