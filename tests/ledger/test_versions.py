"""Versions that a caller may demand, and the balances that an entry results in."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, as_json, offenders, post
from tests.ledger.limits import limit
from tests.pgtap import as_role, is_empty, lives, results_eq, throws, value


def test_a_version_rises_with_each_line_and_is_what_a_caller_may_demand(
    db: psycopg.Connection, books: Books
) -> None:
    limit(db, "1110", keeps_version=True)
    version = "SELECT ledger.account_version('MAIN', '1110')"
    create = "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s,"
    lines = as_json(("1110", "5"), ("1110", "5"), ("4100", "-10"))
    assert value(db, version) == 0
    lives(db, create + " p_expected_versions => '{\"1110\": 0}')", [lines])
    assert value(db, version) == 2
    error = throws(db, "ZL032", create + " p_expected_versions => '{\"1110\": 0}')", [lines])
    assert error.diag.message_detail == "Expected 0, actual 2."
    lives(db, create + " p_expected_versions => '{\"1110\": 2}')", [lines])
    draft = value(db, create + " 'DRAFT')", [lines])
    post_draft = "SELECT ledger.post_journal_entry(%s, %s)"
    throws(db, "ZL032", post_draft, [draft, '{"1110": 3}'])
    lives(db, post_draft, [draft, '{"1110": 4}'])
    assert value(db, version) == 6
    assert value(db, "SELECT ledger.account_version('SIDE', '1110')") == 0
    assert offenders(db) == {}


@pytest.mark.parametrize(
    ("sqlstate", "versions"),
    [
        ("ZL033", '{"1120": 0}'),
        ("ZL007", '{"9999": 0}'),
        ("ZL015", "[]"),
        ("ZL015", '"x"'),
        ("ZL015", '{"1110": "0"}'),
        ("ZL015", '{"1110": null}'),
        ("ZL015", '{"1110": -1}'),
        ("ZL015", '{"1110": 0.5}'),
        ("ZL015", '{"1110": 1e99}'),
        ("ZL032", '{"1110": 999999999999999999}'),
    ],
)
def test_versions_that_cannot_be_are_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, versions: str
) -> None:
    limit(db, "1110", keeps_version=True)
    throws(
        db,
        sqlstate,
        """SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s,
            p_expected_versions => %s)""",
        [as_json(("1110", "5"), ("4100", "-5")), versions],
    )


def test_versions_are_told_for_accounts_that_keep_one(db: psycopg.Connection, books: Books) -> None:
    for sqlstate, call in (
        ("ZL033", "'MAIN', '1110'"),
        ("ZL007", "'MAIN', '9999'"),
        ("ZI005", "'NONE', '1110'"),
        ("ZI005", "NULL, '1110'"),
    ):
        throws(db, sqlstate, f"SELECT ledger.account_version({call})")
    db.execute("SELECT set_config('pgerp.token', '', true)")
    throws(db, "ZI001", "SELECT ledger.account_version('MAIN', '1110')")


def test_one_statement_posts_and_tells_what_it_results_in(
    db: psycopg.Connection, books: Books
) -> None:
    limit(db, "2110", minimum_balance=0, keeps_version=True)
    post(db, ("1110", "100"), ("2110", "-100"))
    db.execute(
        "SELECT ledger.hold_journal_entry('MAIN', '2026-03-04', 'x', %s)",
        [as_json(("2110", "30"), ("1110", "-30"))],
    )
    with as_role(db, "pgerp_app"):
        results_eq(
            db,
            """SELECT account_code, balance::text, available::text, version
            FROM ledger.resulting_balances(
                ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s))""",
            [("2110", "-110.0000", "-80.0000", 2), ("1110", "110.0000", "80.0000", None)],
            [as_json(("2110", "-10"), ("1110", "10"))],
        )


def test_results_are_told_only_to_those_who_may_read_the_entry(
    db: psycopg.Connection, books: Books
) -> None:
    entry_id = post(db, ("1110", "1"), ("4100", "-1"))
    limit(db, "1110", minimum_balance=0)
    results = "SELECT * FROM ledger.resulting_balances(%s)"
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', '{2}'), true)"
    db.execute(token, [books.tenant_id])
    with as_role(db, "pgerp_app"):
        is_empty(db, results, [entry_id])
        is_empty(db, "SELECT FROM ledger.account_heads")
    other = value(db, "SELECT identity.create_tenant('Other')")
    db.execute("SELECT set_config('pgerp.token', identity.issue_token(%s), true)", [other])
    with as_role(db, "pgerp_app"):
        is_empty(db, results, [entry_id])
