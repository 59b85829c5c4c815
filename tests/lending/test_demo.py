"""The portfolio of the demonstration: each way in which a loan turns out, and in the books."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from pgerp.db import connect
from tests.ledger.books import offenders
from tests.runner.journals import run

UMOJA = ["--tenant", "Umoja", "--as-of", "2025-09-30"]


@pytest.fixture(scope="module")
def demo(new_database: Any, template: str) -> Any:
    """A database after `pgerp seed demo`, twice."""
    with new_database(template) as url:
        for _ in range(2):
            result = run(url, "seed", "demo")
            assert result.exit_code == 0, result.output
        assert "seeds/demo/lending/portfolio.sql: already there" in result.output
        yield url


def ask(url: str, query: str) -> list[Any]:
    """Return rows of a query, of tenant Umoja."""
    with connect(url, autocommit=False) as conn:
        conn.execute(
            "SELECT set_config('pgerp.token', identity.issue_token(t.id), true)"
            " FROM identity.tenants AS t WHERE t.name = 'Umoja'"
        )
        return conn.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


def test_loans_are_of_every_kind(demo: str) -> None:
    found = ask(demo, "SELECT loan_no, status::text, days_past_due FROM lending.vw_loan_summary")
    assert {no: (status, days) for no, status, days in found} == {
        "U-1": ("active", 0),
        "U-2": ("overpaid", 0),
        "U-3": ("active", 89),
        "U-4": ("defaulted", 105),
        "U-5": ("restructured", 0),
        "U-6": ("closed", 0),
        "U-7": ("active", 90),
        "U-8": ("active", 0),
        "U-9": ("written_off", 0),
        "U-10": ("active", 0),
    }


def test_the_portfolio_at_risk_is_that_of_the_loans_that_are_late(demo: str) -> None:
    result = run(demo, "report", "par", *UMOJA, "--format", "json")
    late = {0: ("U-3", "U-4", "U-7"), 90: ("U-4",), 180: ()}
    owed = dict(ask(demo, "SELECT loan_no, outstanding_principal FROM lending.vw_loan_summary"))
    found = {row["days"]: Decimal(row["at_risk"]) for row in json.loads(result.stdout)}
    assert found == {
        days: sum(owed[no] for no in late[90 if days == 90 else 180 if days == 180 else 0])
        for days in (1, 30, 60, 90, 180)
    }


def test_the_books_have_what_is_owed(demo: str) -> None:
    ((owed, booked),) = ask(
        demo,
        "SELECT sum(outstanding_principal), ledger.account_balance('UMOJA', '1310')"
        " FROM lending.vw_loan_summary",
    )
    assert owed == booked > 0
    with connect(demo) as conn:
        assert offenders(conn) == {}
