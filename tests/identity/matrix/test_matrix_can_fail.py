"""An offence that is planted shows as exactly that difference from the sheet."""

from __future__ import annotations

import pytest

from tests.identity.matrix.comparing import (
    Difference,
    Sheet,
    differences,
    report,
    without_line,
    without_object,
)
from tests.identity.matrix.trying import Bench
from tests.pgtap import as_role
from tests.years import NEXT, THIS_YEAR

BY_TENANT_ONLY = "tenant_id = (SELECT identity.current_tenant())"
WITHOUT_ENTERING = """
CREATE OR REPLACE FUNCTION ledger.close_budget(p_budget_code text, p_tenant_id integer DEFAULT NULL)
RETURNS void LANGUAGE sql SECURITY DEFINER
AS $$ SELECT set_config('pgerp.tenant_id', p_tenant_id::text, true) $$"""
AS_OWNER = "ALTER VIEW finance.accounting_data_cache SET (security_invoker = false)"
AS_SUPERUSER = """
ALTER FUNCTION ledger.account_tree() OWNER TO CURRENT_USER;
ALTER FUNCTION ledger.account_tree() SECURITY DEFINER"""
ANOTHER_MODULE = """
GRANT USAGE ON SCHEMA finance TO pgerp_service_payroll;
GRANT SELECT ON finance.financial_reports TO pgerp_service_payroll"""
A_PARTITION = """
CREATE TABLE audit.log_planted PARTITION OF audit.log
FOR VALUES FROM ('00000000-0000-0000-0000-000000000000')
    TO ('00000000-0000-0000-0000-000000000001')"""

# What it is, the offence, who tries, with which token, and what is another then: object, letter,
# outcome of the sheet, outcome found.
PLANTS = [
    (
        "a table granted for writing",
        "GRANT INSERT ON ledger.accounts TO pgerp_app",
        ("app", "own"),
        ["ledger.accounts I denied stopped"],
    ),
    (
        "a column granted",
        "GRANT UPDATE (name) ON ledger.accounts TO pgerp_readonly",
        ("readonly", "own"),
        ["ledger.accounts U denied held"],
    ),
    (
        "a partition granted",
        f"GRANT SELECT ON ledger.journal_lines_{THIS_YEAR} TO pgerp_readonly",
        ("readonly", "own"),
        [f"ledger.journal_lines_{THIS_YEAR} S denied ours"],
    ),
    (
        "a materialized view granted",
        "GRANT SELECT ON ledger.mv_daily_cash TO pgerp_app",
        ("app", "tenant"),
        ["ledger.mv_daily_cash S denied all"],
    ),
    (
        "a sequence granted",
        "GRANT USAGE ON SEQUENCE ledger.entry_numbers TO pgerp_app",
        ("app", "none"),
        ["ledger.entry_numbers U denied done"],
    ),
    (
        "a function granted",
        "GRANT EXECUTE ON FUNCTION identity.add_signing_key TO pgerp_app",
        ("app", "own"),
        ["identity.add_signing_key X denied 22023"],
    ),
    (
        "a function granted to a service, though not its schema",
        "GRANT EXECUTE ON FUNCTION ledger.seal TO pgerp_service_billing",
        ("service_billing", "own"),
        ["ledger.seal X denied held"],
    ),
    (
        "a module granted to a service",
        ANOTHER_MODULE,
        ("service_payroll", "business"),
        ["finance.financial_reports S denied main"],
    ),
    (
        "a function of triggers granted",
        "GRANT EXECUTE ON FUNCTION core.stamp_row TO pgerp_app",
        ("app", "own"),
        ["core.stamp_row X denied 0A000"],
    ),
    (
        "a function granted to PUBLIC, for a login without the schema",
        "GRANT EXECUTE ON FUNCTION core.next_number TO PUBLIC",
        ("public", "none"),
        ["core.next_number X denied held"],
    ),
    (
        "a function granted to PUBLIC, for who reads, though it fails further in",
        "GRANT EXECUTE ON FUNCTION core.next_number TO PUBLIC",
        ("readonly", "none"),
        ["core.next_number X denied 42501"],
    ),
    (
        "a function taken away",
        "REVOKE EXECUTE ON FUNCTION ledger.seal FROM pgerp_app",
        ("app", "own"),
        ["ledger.seal X done denied"],
    ),
    (
        "a schema taken away",
        "REVOKE USAGE ON SCHEMA pgerp FROM pgerp_monitor",
        ("monitor", "own"),
        [
            f"pgerp.{table} S all held"
            for table in ("history", "migrations", "projects", "repeatables")
        ],
    ),
    (
        "a policy dropped",
        "DROP POLICY client_isolation ON ledger.period_events",
        ("app", "own"),
        ["ledger.period_events S ours none"],
    ),
    (
        "a policy that forgets the business",
        f"ALTER POLICY client_isolation ON ledger.period_events USING ({BY_TENANT_ONLY})",
        ("auditor", "business"),
        ["ledger.period_events S main ours"],
    ),
    (
        "a policy that lets all through",
        "ALTER POLICY client_isolation ON ledger.period_events USING (true)",
        ("app", "tenant"),
        ["ledger.period_events S theirs all"],
    ),
    (
        "row security disabled",
        "ALTER TABLE ledger.period_events DISABLE ROW LEVEL SECURITY",
        ("readonly", "expired"),
        ["ledger.period_events S ZI003 all"],
    ),
    (
        "row security not forced",
        "ALTER TABLE identity.credentials NO FORCE ROW LEVEL SECURITY",
        ("owner", "own"),
        [
            "identity.credentials D stopped done",
            "identity.credentials I stopped done",
            "identity.credentials S none all",
            "identity.credentials U stopped done",
        ],
    ),
    (
        "a view that reads as its owner",
        AS_OWNER,
        ("app", "own"),
        [
            # What reads it has nothing to tell.
            "finance.account_totals X tells done",
            "finance.accounting_data_cache S ours none",
            "finance.balance_sheet X tells done",
            "finance.income_statement X tells done",
            "finance.trial_balance X tells done",
        ],
    ),
    (
        "a view that reads as a superuser",
        f"{AS_OWNER}; ALTER VIEW finance.accounting_data_cache OWNER TO CURRENT_USER",
        ("app", "expired"),
        ["finance.accounting_data_cache S ZI003 all"],
    ),
    (
        "a function that reads as a superuser",
        AS_SUPERUSER,
        ("app", "none"),
        ["ledger.account_tree X done tells"],
    ),
    (
        "a function that enters a tenant unproved",
        WITHOUT_ENTERING,
        ("app", "tenant"),
        ["ledger.close_budget X ZI004 done"],
    ),
    (
        "a trigger dropped",
        "DROP TRIGGER refuse_truncate ON core.document_counters",
        ("owner", "own"),
        ["core.document_counters T stopped done"],
    ),
]


def tried(bench: Bench, sheet: Sheet, offence: str, role: str, situation: str) -> list[Difference]:
    """Commit an offence and try everything, in a transaction that is rolled back."""
    with bench.admin.transaction(force_rollback=True):
        bench.admin.execute(offence)  # type: ignore[arg-type]
        offended = Bench(bench.admin, bench.side, bench.logins)
        with as_role(bench.admin, bench.role(role)):
            outcomes = offended.attempt(bench.admin, role, situation)
        return differences(sheet, offended.objects, outcomes, role, situation)


@pytest.mark.parametrize(
    ("offence", "who", "expected"),
    [plant[1:] for plant in PLANTS],
    ids=[plant[0] for plant in PLANTS],
)
def test_an_offence_is_the_only_difference(
    bench: Bench, sheet: Sheet, offence: str, who: tuple[str, str], expected: list[str]
) -> None:
    found = tried(bench, sheet, offence, *who)
    assert (
        sorted(f"{one.name} {one.letter} {one.expected} {one.found}" for one in found) == expected
    )


def test_a_difference_is_told_with_the_line_as_it_is_and_as_it_would_be(
    bench: Bench, sheet: Sheet
) -> None:
    offence = f"GRANT SELECT ON ledger.journal_lines_{THIS_YEAR} TO pgerp_readonly"
    told = report(tried(bench, sheet, offence, "readonly", "tenant")).splitlines()
    assert [row.split()[:5] for row in told[1:]] == [
        ["-ledger.journal_lines_<year>", "siudt", "siudt", "-", "-"],
        [
            *(f"+ledger.journal_lines_{THIS_YEAR}", "siudt", "siudt", "-"),
            "S[denied,denied,theirs,denied,denied]",
        ],
    ]


@pytest.mark.parametrize(
    ("offence", "unknown"),
    [
        ("CREATE TABLE ledger.planted (id integer)", "table ledger.planted"),
        ("CREATE TABLE public.planted (id integer)", "table public.planted"),
        ("CREATE VIEW ledger.planted AS SELECT 1 AS one", "view ledger.planted"),
        (
            "CREATE MATERIALIZED VIEW ledger.planted AS SELECT 1 AS one",
            "materialized view ledger.planted",
        ),
        ("CREATE SEQUENCE core.planted", "sequence core.planted"),
        (
            "CREATE FUNCTION core.planted() RETURNS integer LANGUAGE sql RETURN 1",
            "function core.planted",
        ),
        (
            A_PARTITION,
            "partition audit.log_planted",
        ),
    ],
)
def test_an_object_without_a_line_is_told(
    bench: Bench, sheet: Sheet, offence: str, unknown: str
) -> None:
    with bench.admin.transaction(force_rollback=True):
        bench.admin.execute(offence)  # type: ignore[arg-type]
        now = Bench(bench.admin, bench.side, bench.logins)
    assert without_line(sheet, now.objects) == {unknown}
    assert without_object(sheet, now.objects) == set()


@pytest.mark.parametrize(
    ("offence", "gone"),
    [
        ("DROP FUNCTION ledger.seal", {"function ledger.seal"}),
        ("DROP VIEW finance.budgets CASCADE", {"view finance.budgets"}),
    ],
)
def test_a_line_without_an_object_is_told(
    bench: Bench, sheet: Sheet, offence: str, gone: set[str]
) -> None:
    with bench.admin.transaction(force_rollback=True):
        bench.admin.execute(offence)  # type: ignore[arg-type]
        now = Bench(bench.admin, bench.side, bench.logins)
    assert without_object(sheet, now.objects) == gone
    assert without_line(sheet, now.objects) == set()


def test_a_partition_of_another_year_needs_no_line_of_its_own(bench: Bench, sheet: Sheet) -> None:
    with bench.admin.transaction(force_rollback=True):
        bench.admin.execute("SELECT core.make_year_partition('audit.log', 'id', %s, false)", [NEXT])
        now = Bench(bench.admin, bench.side, bench.logins)
    assert f"audit.log_{NEXT}" in {one.name for one in now.objects}
    assert without_line(sheet, now.objects) == set()
