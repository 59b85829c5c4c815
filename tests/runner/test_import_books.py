"""`pgerp import`: a file that is in order, but not for these books."""

from __future__ import annotations

import pytest

from pgerp.errors import PgerpError
from tests.runner.journals import RENT, SALE, ask, counts, load, write

GOOD = [*SALE, *RENT]
"""Four records, lines 2 to 5."""


@pytest.fixture
def books(clone, tmp_path):
    """A database with tenant T, business B in USD, the year 2026 and the chart of GOOD."""
    load(clone, write(tmp_path / "before.csv", GOOD))
    return clone


OTHER_BUSINESS = """
    INSERT INTO identity.businesses (tenant_id, id, code, name, currency_code)
    SELECT id, 9, 'OTHER', 'Other', 'USD' FROM identity.tenants
"""
STATES = {
    "closed period": ["UPDATE ledger.fiscal_periods SET status = 'closed' WHERE code = '2026-04'"],
    "soft-closed period": [
        "UPDATE ledger.fiscal_periods SET status = 'soft_closed' WHERE code = '2026-04'"
    ],
    "inactive account": ["UPDATE ledger.accounts SET is_active = false WHERE code = 'New'"],
    "header account": ["UPDATE ledger.accounts SET is_postable = false WHERE code = 'New'"],
    "account in another currency": [
        "UPDATE ledger.accounts SET currency_code = 'KES' WHERE code = 'New'"
    ],
    "account of another business": [
        OTHER_BUSINESS,
        "UPDATE ledger.accounts SET business_id = 9 WHERE code = 'New'",
    ],
}


@pytest.mark.parametrize("state", STATES)
def test_what_the_books_do_not_take_is_told_by_line(state, books, tmp_path):
    ask(
        books,
        "INSERT INTO ledger.accounts (tenant_id, type_code, code, name)"
        " SELECT id, 'EXPENSE', 'New', 'New' FROM identity.tenants",
    )
    for statement in STATES[state]:
        ask(books, statement)
    lines = [line.replace("Expenses:Rent", "New") for line in GOOD]
    result = load(books, write(tmp_path / "j.csv", lines), batch=1)
    assert [problem.line for problem in result.problems] == [4]
    assert ask(books, "SELECT count(*) FROM ledger.journal_entries") == [(2,)]


def test_a_business_that_is_not_active_is_an_error(books, tmp_path):
    ask(books, "UPDATE identity.businesses SET is_active = false")
    with pytest.raises(PgerpError):
        load(books, write(tmp_path / "j.csv", [RENT[0].replace("2,", "7,"), RENT[1]]))


def test_an_account_of_another_type_than_in_the_chart_is_told_by_line(books, tmp_path):
    lines = [line.replace("EXPENSE", "ASSET") for line in GOOD]
    result = load(books, write(tmp_path / "j.csv", lines), batch=1)
    assert [problem.line for problem in result.problems] == [4]


def test_without_create_an_unknown_account_is_told_on_every_line_that_names_it(books, tmp_path):
    lines = [line.replace("Assets:Cash", "Assets:Till") for line in GOOD]
    result = load(books, write(tmp_path / "j.csv", lines), create=False)
    assert [problem.line for problem in result.problems] == [2, 5]
    assert all("Assets:Till" in problem.reason for problem in result.problems)


def test_without_create_a_date_in_no_period_is_told_by_line(books, tmp_path):
    lines = [*SALE, *(line.replace("2026", "2027") for line in RENT)]
    result = load(books, write(tmp_path / "j.csv", lines), create=False)
    assert [problem.line for problem in result.problems] == [4]


def test_a_currency_that_is_not_the_books_own_is_told_by_line(books, tmp_path):
    lines = [line.replace("USD", "KES") for line in GOOD]
    result = load(books, write(tmp_path / "j.csv", lines), batch=1)
    assert [problem.line for problem in result.problems] == [2, 3, 4, 5]


def test_a_calendar_year_that_would_overlap_another_fiscal_year_is_told_by_line(books, tmp_path):
    ask(
        books,
        "INSERT INTO ledger.fiscal_years (tenant_id, business_id, code, starts_on, ends_on)"
        " SELECT tenant_id, business_id, '2028/29', '2028-07-01', '2029-06-30'"
        " FROM ledger.fiscal_years",
    )
    ask(
        books,
        "INSERT INTO ledger.fiscal_periods (tenant_id, business_id, fiscal_year_id, code,"
        " starts_on, ends_on) SELECT tenant_id, business_id, id, code, starts_on, ends_on"
        " FROM ledger.fiscal_years WHERE code = '2028/29'",
    )
    lines = [*SALE, *(line.replace("2026-04", "2029-12") for line in RENT)]
    result = load(books, write(tmp_path / "j.csv", lines))
    assert [problem.line for problem in result.problems] == [4]
    assert (result.new, counts(books)[2]) == (0, 2)


@pytest.mark.parametrize("missing", ["tenant", "business"])
def test_without_create_a_missing_tenant_or_business_is_an_error_that_names_it(
    books, tmp_path, missing
):
    with pytest.raises(PgerpError) as caught:
        load(books, write(tmp_path / "j.csv", GOOD), create=False, **{missing: "Nobody"})
    assert "'Nobody'" in caught.value.message
    assert "'B'" not in caught.value.message
    assert "--create" in str(caught.value)
