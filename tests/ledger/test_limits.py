"""Minimum balances and credit limits, and which accounts are watched."""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance, offenders, post
from tests.ledger.limits import head, limit
from tests.pgtap import lives, results_eq, throws, value

CREATE = "SELECT ledger.create_journal_entry(%s, '2026-03-04', 'x', %s)"


def refused(
    db: psycopg.Connection, sqlstate: str, debit: str, credit: str, amount: str = "0.0001"
) -> psycopg.Error:
    lines = as_json((debit, amount), (credit, "-" + amount))
    return throws(db, sqlstate, CREATE, ["MAIN", lines])


def test_an_account_never_falls_below_its_minimum(db: psycopg.Connection, books: Books) -> None:
    limit(db, "1110", minimum_balance=0)
    refused(db, "ZL030", "5100", "1110")
    post(db, ("1110", "100"), ("4100", "-100"))
    post(db, ("5100", "100"), ("1110", "-100"))
    refused(db, "ZL030", "5100", "1110")
    assert head(db, "1110") == ("0.0000", "0.0000", "0.0000", 2)


def test_a_negative_minimum_lets_an_account_be_overdrawn_so_far(
    db: psycopg.Connection, books: Books
) -> None:
    limit(db, "1110", minimum_balance=-50)
    post(db, ("5100", "50"), ("1110", "-50"))
    error = refused(db, "ZL030", "5100", "1110", "0.01")
    assert error.diag.message_detail is not None
    for part in ("Balance -50.0000", "held 0.0000", "available -50.0000", "minimum -50.0000"):
        assert part in error.diag.message_detail


def test_an_account_never_exceeds_its_credit_limit(db: psycopg.Connection, books: Books) -> None:
    limit(db, "1110", credit_limit="10.5")
    post(db, ("1110", "10.5"), ("4100", "-10.5"))
    refused(db, "ZL031", "1110", "4100")
    post(db, ("5100", "5"), ("1110", "-5"))
    refused(db, "ZL031", "1110", "4100", "5.0001")


def test_limits_go_by_the_normal_side_of_the_account(db: psycopg.Connection, books: Books) -> None:
    limit(db, "2110", minimum_balance=0, credit_limit=100)
    refused(db, "ZL030", "2110", "1110")
    post(db, ("1110", "100"), ("2110", "-100"))
    refused(db, "ZL031", "1110", "2110")


def test_each_business_has_the_limit_by_itself(db: psycopg.Connection, books: Books) -> None:
    limit(db, "1110", minimum_balance=0)
    post(db, ("1110", "100"), ("4100", "-100"), business="SIDE")
    refused(db, "ZL030", "5100", "1110")
    post(db, ("5100", "100"), ("1110", "-100"), business="SIDE")


def test_the_lines_of_an_entry_count_together(db: psycopg.Connection, books: Books) -> None:
    limit(db, "1110", minimum_balance=0, credit_limit=1)
    post(db, ("1110", "-100"), ("1110", "100.5"), ("4100", "-0.5"))
    assert head(db, "1110")[0] == "0.5000"


def test_a_batch_counts_together(db: psycopg.Connection, books: Books) -> None:
    limit(db, "1110", minimum_balance=0)
    batch = "SELECT count(*) FROM ledger.create_journal_entries(%s)"
    out = '{"business": "MAIN", "date": "2026-03-04", "description": "x", "lines": %s}'
    entries = [
        out % as_json(("5100", "7"), ("1110", "-7")),
        out % as_json(("1110", "7"), ("4100", "-7")),
    ]
    throws(db, "ZL030", batch, [f"[{entries[0]}]"])
    assert value(db, batch, [f"[{','.join(entries)}]"]) == 2
    assert head(db, "1110") == ("0.0000", "0.0000", "0.0000", 2)


def test_a_posting_toward_the_allowed_side_is_never_refused(
    db: psycopg.Connection, books: Books
) -> None:
    limit(db, "1110", minimum_balance=100)
    post(db, ("1110", "60"), ("4100", "-60"))
    refused(db, "ZL030", "5100", "1110")
    post(db, ("1110", "-1"), ("1110", "1"))
    limit(db, "1120", credit_limit=-10)
    post(db, ("5100", "5"), ("1120", "-5"))
    refused(db, "ZL031", "1120", "4100")


def test_lines_by_dml_and_drafts_keep_to_limits_too(db: psycopg.Connection, books: Books) -> None:
    limit(db, "1110", minimum_balance=0)
    lines = as_json(("5100", "5"), ("1110", "-5"))
    draft = value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, 'DRAFT')",
        [lines],
    )
    throws(db, "ZL030", "SELECT ledger.post_journal_entry(%s)", [draft])
    update = "UPDATE ledger.journal_entries SET status = 'POSTED' WHERE id = %s"
    throws(db, "ZL030", update, [draft])
    insert = """WITH e AS (
            INSERT INTO ledger.journal_entries (tenant_id, business_id, entry_date, status,
                description)
            VALUES (%(tenant)s, 1, '2026-03-04', 'POSTED', 'x') RETURNING *)
        INSERT INTO ledger.journal_lines (tenant_id, entry_id, line_no, account_id, business_id,
            entry_date, amount)
        SELECT e.tenant_id, e.id, v.n, a.id, 1, e.entry_date, v.amount
        FROM e, (VALUES (1, '1110', %(sign)s * 5), (2, '5100', %(sign)s * -5))
            AS v (n, code, amount)
        JOIN ledger.accounts AS a ON a.code = v.code AND a.tenant_id = %(tenant)s"""
    throws(db, "ZL030", insert, {"tenant": books.tenant_id, "sign": -1})
    lives(db, insert, {"tenant": books.tenant_id, "sign": 1}, deferred=True)
    assert head(db, "1110") == ("5.0000", "0.0000", "0.0000", 1)
    db.execute("SELECT ledger.post_journal_entry(%s)", [draft])
    assert head(db, "1110") == ("0.0000", "0.0000", "0.0000", 2)
    assert offenders(db) == {}


def test_a_reversal_is_a_posting_like_any_other(db: psycopg.Connection, books: Books) -> None:
    entry_id = post(db, ("1110", "100"), ("4100", "-100"))
    post(db, ("5100", "30"), ("1110", "-30"))
    limit(db, "1110", minimum_balance=0)
    throws(db, "ZL030", "SELECT ledger.void_journal_entry(%s, 'wrong')", [entry_id])
    post(db, ("1110", "30"), ("4100", "-30"))
    db.execute("SELECT ledger.void_journal_entry(%s, 'wrong')", [entry_id])
    assert head(db, "1110")[0] == "0.0000"


def test_a_limit_that_a_business_breaks_now_cannot_be_set(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, ("1110", "100"), ("4100", "-100"))
    post(db, ("1110", "20"), ("4100", "-20"), business="SIDE")
    call = "SELECT ledger.set_account_limits('1110', %s, %s)"
    throws(db, "ZL030", call, [21, None])
    throws(db, "ZL031", call, [None, "99.9999"])
    throws(db, "ZL030", "UPDATE ledger.accounts SET minimum_balance = 20.0001 WHERE code = '1110'")
    lives(db, call, [20, 100])
    throws(db, "ZL030", call, [21, 100])
    assert value(db, "SELECT is_watched FROM ledger.accounts WHERE code = '1110'")
    lives(db, call, [None, None])
    assert not value(db, "SELECT is_watched FROM ledger.accounts WHERE code = '1110'")


@pytest.mark.parametrize(
    ("sqlstate", "call"),
    [
        ("ZL007", "ledger.set_account_limits('9999', 0)"),
        ("ZL009", "ledger.set_account_limits('1000', 0)"),
        ("ZL011", "ledger.set_account_limits('1110', 0.00001)"),
        ("ZL011", "ledger.set_account_limits('1110', NULL, 0.00001)"),
        ("23514", "ledger.set_account_limits('1110', 2, 1)"),
        ("23514", "ledger.set_account_limits('1110', 'NaN')"),
        ("22003", "ledger.set_account_limits('1110', 1e17)"),
        ("22003", "ledger.set_account_limits('1110', NULL, 'Infinity')"),
    ],
)
def test_what_is_no_limit_is_refused(
    db: psycopg.Connection, books: Books, sqlstate: str, call: str
) -> None:
    throws(db, sqlstate, f"SELECT {call}")


def test_an_account_of_one_business_is_limited_by_who_may_post_to_it(
    db: psycopg.Connection, books: Books
) -> None:
    token = "SELECT set_config('pgerp.token', identity.issue_token(%s, 'bob', '{%s}'), true)"
    db.execute(token.replace("{%s}", "{1}"), [books.tenant_id])  # type: ignore[arg-type]
    throws(db, "ZL007", "SELECT ledger.set_account_limits('1130', 0)")
    db.execute(token.replace("{%s}", "{2}"), [books.tenant_id])  # type: ignore[arg-type]
    lives(db, "SELECT ledger.set_account_limits('1130', 0)")


def test_heads_are_made_anew_when_an_account_gets_a_limit_again(
    db: psycopg.Connection, books: Books
) -> None:
    post(db, ("1110", "100"), ("4100", "-100"))
    limit(db, "1110", minimum_balance=0)
    post(db, ("1110", "1"), ("4100", "-1"))
    version = head(db, "1110")[3]
    limit(db, "1110")
    post(db, ("1110", "10"), ("4100", "-10"))
    assert head(db, "1110")[0] == "101.0000"
    limit(db, "1110", minimum_balance=111)
    assert head(db, "1110")[0] == "111.0000"
    assert head(db, "1110")[3] > version
    assert offenders(db) == {}


def test_is_watched_is_nobodys_to_set(db: psycopg.Connection, books: Books) -> None:
    db.execute("UPDATE ledger.accounts SET is_watched = true WHERE code = '1110'")
    assert not value(db, "SELECT is_watched FROM ledger.accounts WHERE code = '1110'")
    limit(db, "1110", keeps_version=True)
    db.execute("UPDATE ledger.accounts SET is_watched = false WHERE code = '1110'")
    assert value(db, "SELECT is_watched FROM ledger.accounts WHERE code = '1110'")


def test_accounts_say_anew_whether_they_are_watched_when_asked(
    db: psycopg.Connection, books: Books
) -> None:
    limit(db, "1110", minimum_balance=0)
    db.execute("SET LOCAL session_replication_role = 'replica'")
    db.execute("UPDATE ledger.accounts SET is_watched = code = '1120'")
    db.execute("SET LOCAL session_replication_role = 'origin'")
    db.execute(
        "SELECT ledger.refresh_watched(%s, ARRAY(SELECT id FROM ledger.accounts))",
        [books.tenant_id],
    )
    results_eq(db, "SELECT code::text FROM ledger.accounts WHERE is_watched", [("1110",)])


def test_balances_are_the_same_with_and_without_heads(db: psycopg.Connection, books: Books) -> None:
    post(db, ("1110", "100"), ("4100", "-100"))
    limit(db, "1110", minimum_balance=0)
    post(db, ("5100", "40"), ("1110", "-40"))
    assert head(db, "1110")[0] == balance(db, "1110") == "60.0000"


@pytest.mark.parametrize(
    "table",
    [
        "core.document_counters",
        "ledger.account_heads",
        "ledger.budget_heads",
        "ledger.held_amounts",
        "ledger.holds",
    ],
)
def test_what_postings_count_and_wait_on_is_never_emptied(
    db: psycopg.Connection, table: str
) -> None:
    throws(db, "ZL006", f"TRUNCATE {table} CASCADE")
