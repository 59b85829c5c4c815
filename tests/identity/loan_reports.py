"""Reports of loans, for the tests of who sees what."""

from __future__ import annotations

from typing import Any

from tests.identity.two_businesses import SIDE

DAY = "2026-12-31"

LOAN_REPORTS: dict[str, dict[str, Any]] = {
    "lending.arrears": {"p_as_of": DAY},
    "lending.arrears_as_of": {"p_business_ids": [SIDE], "p_as_of": DAY},
    "lending.calculate_par": {"p_as_of": DAY},
    "lending.collection_report": {},
    "lending.par_by_days": {"p_business_ids": [SIDE], "p_as_of": DAY, "p_days": [30]},
    "lending.portfolio": {"p_as_of": DAY},
    "lending.portfolio_by": {"p_business_ids": [SIDE], "p_as_of": DAY, "p_by": "officer"},
    "lending.vintage_report": {"p_as_of": DAY},
}
"""Arguments with which they are asked about SIDE, as make_loans left it."""
