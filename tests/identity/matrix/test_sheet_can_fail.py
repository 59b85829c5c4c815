"""A sheet that breaks a rule is refused by that rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.identity.matrix import test_sheet
from tests.identity.matrix.comparing import Sheet
from tests.identity.matrix.sheet import ROLES, SITUATIONS, read

Rule = Callable[[Sheet], None]
OWNER_LIKE = test_sheet.test_who_may_become_the_owner_may_what_the_owner_may
VAIN = test_sheet.test_nothing_is_granted_in_part_or_in_vain_or_not_understood
COVERED = test_sheet.test_whoever_reads_sees_what_the_token_covers
HELD_TO_TENANT = test_sheet.test_the_owner_without_a_tenant_sees_and_writes_no_row_of_one
QUIET = test_sheet.test_functions_tell_nothing_of_another_business_or_tenant_or_without_a_token

# A rule, and what breaks it: kind and name of a line, the word of a role or situation, and another.
BROKEN: list[tuple[Rule, str, str, str]] = [
    (
        test_sheet.test_only_the_owner_and_who_may_become_it_write_directly,
        "table ledger.holds",
        "app",
        "Si",
    ),
    (
        test_sheet.test_only_the_owner_and_who_may_become_it_write_directly,
        "table ledger.holds",
        "app",
        "S(U)",
    ),
    (OWNER_LIKE, "table ledger.holds", "migrator", "siud"),
    *(
        (test_sheet.test_a_service_may_nothing_that_an_application_may_not, name, "services", word)
        for name, word in (
            ("table ledger.holds", "acc,app,fin:s"),
            ("table ledger.holds", "acc:(S),app"),
            ("function ledger.year_result", "acc:X"),
            ("table ledger.holds", "acc"),
        )
    ),
    (test_sheet.test_public_may_nothing, "function core.is_code", "public", "X"),
    (test_sheet.test_public_may_nothing, "function core.is_code", "public", "(X)"),
    (
        test_sheet.test_who_watches_reads_what_is_of_no_tenant_and_nothing_else,
        *("table ledger.holds", "monitor", "S"),
    ),
    (
        test_sheet.test_who_reads_may_call_less_than_applications_but_what_is_for_auditors,
        *("function ledger.year_result", "readonly", "X"),
    ),
    *(
        (test_sheet.test_what_has_no_policies_of_its_own_door_is_not_for_clients, name, "app", "S")
        for name in (
            "partition ledger.journal_lines_<year>",
            "materialized view ledger.mv_daily_cash",
            "sequence ledger.entry_numbers",
        )
    ),
    (
        test_sheet.test_who_dumps_reads_every_row_of_every_table,
        "table public._yoyo_log",
        "backup",
        "-",
    ),
    (COVERED, "table ledger.holds", "readonly", "S*"),
    (COVERED, "table ledger.holds", "none", "ours"),
    (COVERED, "table ledger.holds", "business", "ours"),
    (COVERED, "table identity.users", "tenant", "all"),
    (
        test_sheet.test_what_has_no_tenant_is_read_by_all_or_by_nobody,
        "table ledger.currencies",
        "none",
        "none",
    ),
    (HELD_TO_TENANT, "table ledger.holds", "owner", "S*iudt"),
    (HELD_TO_TENANT, "partition ledger.journal_lines_<year>", "owner", "siuDt"),
    (
        test_sheet.test_nothing_is_truncated_but_what_the_runner_keeps,
        "table ledger.holds",
        "owner",
        "siudT",
    ),
    (
        test_sheet.test_functions_work_for_whoever_may_call_them,
        "function ledger.seal",
        "own",
        "22004",
    ),
    (QUIET, "function ledger.balance_sheet", "none", "tells"),
    (QUIET, "function ledger.balance_sheet", "business", "tells"),
    (
        test_sheet.test_an_old_token_is_refused_by_all_that_know_a_row,
        *("function ledger.balance_sheet", "expired", "done"),
    ),
    (
        test_sheet.test_what_only_applications_may_call_needs_a_token,
        "function ledger.seal",
        "none",
        "done",
    ),
    (VAIN, "view finance.budgets", "backup", "S[42501]"),
    (VAIN, "function ledger.seal", "readonly", "(X)"),
    (VAIN, "function ledger.seal", "readonly", "!X"),
    (VAIN, "table ledger.holds", "own", "other"),
]


@pytest.mark.parametrize(
    ("rule", "line", "column", "word"),
    BROKEN,
    ids=[f"{rule.__name__[5:]}-{number}" for number, (rule, *_) in enumerate(BROKEN)],
)
def test_a_sheet_that_breaks_a_rule_is_refused(
    sheet: Sheet, rule: Rule, line: str, column: str, word: str
) -> None:
    kind, name = line.rsplit(" ", 1)
    words = sheet[kind, name].words()
    words[1 + (*ROLES, *SITUATIONS, "services").index(column)] = word
    broken = sheet | {(kind, name): read(kind, words)}
    of_kind = [kind] if "kind" in rule.__code__.co_varnames[: rule.__code__.co_argcount] else []
    with pytest.raises(AssertionError):
        rule(broken, *of_kind)
