"""The steps inside the posting functions: what each does alone, and that no client may call it."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.ledger.books import Books, as_json, balance
from tests.pgtap import is_empty, results_eq, set_eq, throws, value

ENTRY = (
    "ROW(%s, '{id}', %s, 'USD', '2026-03-04', 'POSTED', 'x', NULL, NULL, NULL, true, NULL, NULL,"
    " NULL, NULL, 'regular', NULL)"
)
"""A ledger.parsed_entry: ordinal, id, business, …"""

FIRST, SECOND = "01a1f8bc-0000-7000-8000-000000000001", "01a1f8bc-0000-7000-8000-000000000002"


def entries(*ids: str) -> str:
    rows = ", ".join(ENTRY.replace("{id}", id) for id in ids)
    return f"ARRAY[{rows}]::ledger.parsed_entry[]"


def test_internal_functions_and_triggers_are_for_no_client(db: psycopg.Connection) -> None:
    is_empty(
        db,
        """SELECT r.role, p.oid::regprocedure
        FROM pg_proc AS p
        CROSS JOIN unnest(ARRAY['pgerp_app', 'pgerp_readonly', 'pgerp_auditor']) AS r (role)
        WHERE p.pronamespace::regnamespace::text IN ('core', 'identity', 'ledger', 'finance')
            AND (p.prorettype = 'trigger'::regtype OR obj_description(p.oid) LIKE '%Internal%')
            AND has_function_privilege(r.role, p.oid, 'EXECUTE')""",
    )


def test_every_step_of_posting_says_that_it_is_internal(db: psycopg.Connection) -> None:
    set_eq(
        db,
        """SELECT p.proname::text FROM pg_proc AS p
        WHERE p.pronamespace = 'ledger'::regnamespace
            AND p.prorettype <> 'trigger'::regtype
            AND NOT has_function_privilege('pgerp_app', p.oid, 'EXECUTE')""",
        [
            (name,)
            for name in (
                "account_for_role",
                "account_problem",
                "accounts_above",
                "add_budget_revision",
                "add_rounding_lines",
                "account_to_change",
                "add_to_balances",
                "apply_to_balances",
                "apply_to_heads",
                "archive_before",
                "archive_plan",
                "attach_partition",
                "budget_effects",
                "businesses_of_token",
                "change_heads",
                "check_budgets",
                "check_watched",
                "claim_batch",
                "claim_idempotency_key",
                "closing_lines",
                "conversion_problem",
                "create_partitions",
                "detach_partition",
                "daily_cash_movements",
                "end_hold",
                "fits_currency",
                "fold_period",
                "foreign_balances",
                "guard_against_truncate",
                "head_changes",
                "held_changes",
                "hold_entry",
                "insert_entries",
                "insert_entry",
                "insert_good_entries",
                "leave_out_entry",
                "insert_match",
                "is_budgeted",
                "keep_accounts",
                "keep_periods",
                "insert_lines",
                "judge_entries",
                "lines_of_new_entries",
                "lock_accounts",
                "lock_batch",
                "lock_budget",
                "lock_budgeted_accounts",
                "lock_draft",
                "lock_entries",
                "lock_entry",
                "lock_item",
                "lock_fiscal_calendar",
                "lock_heads",
                "lock_held_entry",
                "lock_period",
                "lock_periods",
                "lock_year",
                "log_soft_posting",
                "make_partition_tables",
                "matched_value",
                "move_partition",
                "monthly_movements",
                "needs_watching",
                "number_entries",
                "open_line",
                "parse_budget_lines",
                "business_of_rule",
                "condition_problem",
                "fill_template",
                "lines_of_event",
                "parse_posting_rule_lines",
                "payload_property",
                "post_event",
                "posting_line_problem",
                "posting_rule_problem",
                "posting_rule_remainder",
                "substitute_sums",
                "template_problem",
                "prove_entries",
                "parse_entries",
                "parse_exchange_rates",
                "parse_lines_of_entry",
                "parse_lines",
                "refresh_dashboards",
                "refresh_watched",
                "request_hash",
                "require_module",
                "require_open_period",
                "require_reason",
                "write_lines",
                "require_sound_entry",
                "require_sound_revision",
                "require_versions",
                "reserved_modules",
                "restore_archive",
                "seal_entries",
                "reversal_date",
                "reverse_entry",
                "note_closing",
                "round_draft",
                "settle_hold",
                "year_result",
            )
        ],
    )


def test_a_request_has_one_hash_however_its_json_is_written(db: psycopg.Connection) -> None:
    hashed = (
        "SELECT ledger.request_hash('A', '2026-01-01', 'x', %s, 'POSTED', NULL, NULL, NULL,"
        " 'regular')"
    )
    one = value(db, hashed, ['[{"account": "1", "debit": "5"}]'])
    assert value(db, hashed, ['[{"debit":"5","account":"1"}]']) == one
    assert value(db, hashed, ['[{"debit":"6","account":"1"}]']) != one
    assert value(db, hashed.replace("NULL", "''"), ['[{"account": "1", "debit": "5"}]']) != one


def test_lines_are_resolved_with_what_their_entry_says(
    db: psycopg.Connection, books: Books
) -> None:
    lines = [json.dumps([{"account": "1110", "debit": "5"}]), as_json(("4100", "-7"), ("x", "1"))]
    results_eq(
        db,
        f"""SELECT l.ordinal, l.entry_id::text, l.business_id, l.entry_date::text, l.line_no,
            l.amount::text, l.problem_sqlstate
        FROM unnest(ledger.parse_lines(%s, {entries(FIRST, SECOND)}, %s::jsonb[])) AS l""",
        [
            (1, FIRST, 1, "2026-03-04", 1, "5.0000", None),
            (2, SECOND, 2, "2026-03-04", 1, "-7.0000", None),
            (2, SECOND, 2, "2026-03-04", 2, "1.0000", "ZL007"),
        ],
        [books.tenant_id, 1, 1, 2, 2, lines],
    )


@pytest.mark.parametrize(
    ("lines", "sqlstate"),
    [
        ([(1, "5"), (1, "-5")], None),
        ([(1, "5"), (1, "-4")], "ZL001"),
        ([(1, "5")], "ZL005"),
        ([], "ZL005"),
    ],
)
def test_an_entry_is_judged_by_all_its_lines(
    db: psycopg.Connection, lines: list[tuple[int, str]], sqlstate: str | None
) -> None:
    rows = ", ".join(
        f"ROW({ordinal}, NULL, 1, NULL, {n}, NULL, {amount}, NULL, NULL, NULL, NULL,"
        " NULL, NULL, NULL, NULL, NULL)"
        for n, (ordinal, amount) in enumerate(lines, start=1)
    )
    judged: Any = value(
        db,
        f"""SELECT e.problem_sqlstate FROM unnest(ledger.judge_entries(
            {entries(FIRST)}, ARRAY[{rows}]::ledger.parsed_line[])) AS e""",
        [1, 1],
    )
    assert judged == sqlstate


def test_entries_without_their_lines_are_never_written(
    db: psycopg.Connection, books: Books
) -> None:
    insert = f"SELECT ledger.insert_entries(%s, {entries(FIRST)}, '{{}}')"
    throws(db, "ZL005", insert, [books.tenant_id, 1, 1])


def test_one_line_enters_the_balances_alone_and_a_draft_not_at_all(
    db: psycopg.Connection, books: Books
) -> None:
    for status in ("DRAFT", "POSTED"):
        entry_id = value(
            db,
            "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, %s)",
            [as_json(("1110", "5"), ("4100", "-5")), status],
        )
        apply = "SELECT ledger.apply_to_balances(%s, ARRAY[%s]::uuid[], 1)"
        db.execute(apply, [books.tenant_id, entry_id])
    assert [balance(db, "1110"), balance(db, "4100")] == ["10.0000", "-5.0000"]
