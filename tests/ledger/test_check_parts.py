"""Each part of each check finds an offence that no other part of it finds.

A part is a condition of the file's text. Planted past the triggers, an offence is found by the
whole check and no longer when the part is `false`: so no part can be lost unnoticed.
"""

from __future__ import annotations

import psycopg
import pytest

from tests.ledger.books import CHECKS, Books, as_json, post
from tests.ledger.budgets import open_expenses, plan, spend
from tests.ledger.foreign import item, match, open_foreign_accounts
from tests.ledger.limits import hold, limit
from tests.pgtap import value

LINES, ENTRIES = "UPDATE ledger.journal_lines SET ", "UPDATE ledger.journal_entries SET "
OF_SALE = " WHERE entry_id = (SELECT id FROM ledger.journal_entries WHERE reference = 'sale')"
SALE = " WHERE reference = 'sale'"
PERIOD, HEADS = "UPDATE ledger.fiscal_periods SET ", "UPDATE ledger.account_heads SET "
HOLDS, MATCHES = "UPDATE ledger.holds SET ", "UPDATE ledger.matches SET "
SIDE = "(SELECT id FROM identity.businesses WHERE code = 'SIDE')"
ACCOUNT = "(SELECT id FROM ledger.accounts WHERE code = '{0}')"
MAIN_PERIOD = " WHERE code = '{0}' AND business_id <> " + SIDE

BALANCES = """(n.debit, n.credit, n.currency_amount)
    IS DISTINCT FROM (b.debit, b.credit, b.currency_amount)"""
SAME_ITEM = """(j.business_id, j.account_id, j.counterparty, j.currency_code)
    IS DISTINCT FROM (
        j.line_business_id, j.line_account_id, j.line_counterparty, j.line_currency_code
    )"""

MAY = """(SELECT p.id FROM ledger.fiscal_periods AS p
    WHERE p.code = '2026-05' AND p.business_id = e.business_id)"""

PARTS: list[tuple[str, str, str]] = [
    ("finance/reports_are_untouched",
     "r.content_sha256 <> sha256(convert_to(r.content::text, 'UTF8'))",
     "UPDATE finance.financial_reports SET content = '{}'"),
    ("finance/reports_are_untouched", "r.last_modified_at <> r.created_at",
     "UPDATE finance.financial_reports SET last_modified_at = created_at + interval '1 s'"),
    ("identity/row_security_is_forced", "NOT c.relrowsecurity",
     "ALTER TABLE ledger.accounts DISABLE ROW LEVEL SECURITY"),
    ("identity/row_security_is_forced", "NOT c.relforcerowsecurity",
     "ALTER TABLE ledger.accounts NO FORCE ROW LEVEL SECURITY"),
    ("identity/row_security_is_forced", "count(p.oid) < 2",
     """DO $$ DECLARE v_name text; BEGIN FOR v_name IN SELECT polname FROM pg_policy
     WHERE polrelid = 'ledger.accounts'::regclass OFFSET 1 LOOP
     EXECUTE format('DROP POLICY %I ON ledger.accounts', v_name); END LOOP; END $$"""),
    ("ledger/accounts_form_a_tree", "r.id IS NULL",
     f"UPDATE ledger.accounts SET parent_id = {ACCOUNT.format('1110')} WHERE code = '1000'"),
    ("ledger/accounts_form_a_tree",
     "(p.business_id IS NOT NULL AND p.business_id IS DISTINCT FROM a.business_id)",
     f"UPDATE ledger.accounts SET parent_id = {ACCOUNT.format('1130')} WHERE code = '1120'"),
    ("ledger/accounts_take_their_lines", "a.business_id <> l.business_id",
     f"UPDATE ledger.accounts SET business_id = {SIDE} WHERE code = '2110'"),
    ("ledger/accounts_take_their_lines",
     "a.currency_code <> coalesce(l.currency_code, u.currency_code)",
     "UPDATE ledger.accounts SET currency_code = 'EUR' WHERE code = '2110'"),
    *(("ledger/balances_equal_lines", BALANCES,
       f"UPDATE ledger.account_balances SET {column} = {column} + 0.0001")
      for column in ("debit", "credit", "currency_amount")),
    ("ledger/budget_revisions_are_complete", "NOT EXISTS (",
     "UPDATE ledger.budgets SET current_revision = current_revision + 1"),
    ("ledger/budget_revisions_are_complete", "l.starts_on < y.starts_on",
     "UPDATE ledger.budget_lines SET starts_on = '2025-12-31'"),
    ("ledger/budget_revisions_are_complete", "l.ends_on > y.ends_on",
     "UPDATE ledger.budget_lines SET ends_on = '2027-01-01'"),
    ("ledger/budget_revisions_are_complete", "a.starts_on < o.starts_on",
     """INSERT INTO ledger.budget_lines SELECT (jsonb_populate_record(l,
     '{"starts_on": "2026-03-01"}')).* FROM ledger.budget_lines AS l"""),
    ("ledger/closed_years_are_carried_forward",
     "c.kind = 'closing' AND c.status = 'closed' AND p.status <> 'closed'",
     PERIOD + "status = 'closed' WHERE kind = 'closing' AND business_id = " + SIDE),
    ("ledger/closed_years_are_carried_forward", "WHERE c.kind = 'closing' AND c.status = 'closed';",
     PERIOD + "status = 'closed'"),
    ("ledger/entries_balance", "count(l.line_no) < 2",
     "DELETE FROM ledger.journal_lines" + OF_SALE),
    ("ledger/entries_balance", "coalesce(sum(l.amount), 0) <> 0",
     LINES + "amount = amount + 1" + OF_SALE + " AND line_no = 1"),
    ("ledger/entries_lie_in_their_period", "e.entry_date NOT BETWEEN p.starts_on AND p.ends_on",
     ENTRIES + "entry_date = '2026-05-05'" + SALE + ";"
     + LINES + "entry_date = '2026-05-05'" + OF_SALE),
    ("ledger/entries_lie_in_their_period", "l.business_id <> e.business_id",
     LINES + f"business_id = {SIDE}" + OF_SALE),
    ("ledger/entries_lie_in_their_period", "l.entry_date <> e.entry_date",
     LINES + "entry_date = '2026-05-05'" + OF_SALE),
    ("ledger/fiscal_periods_tile_their_years", "a.kind = 'regular' AND b.kind = 'regular'",
     PERIOD + "ends_on = '2026-05-02'" + MAIN_PERIOD.format("2026-04")),
    ("ledger/fiscal_periods_tile_their_years", "p.starts_on < y.starts_on",
     PERIOD + "starts_on = '2025-12-31'" + MAIN_PERIOD.format("2026-01")),
    ("ledger/fiscal_periods_tile_their_years", "p.ends_on > y.ends_on",
     PERIOD + "ends_on = '2027-01-01'" + MAIN_PERIOD.format("2026-12")),
    ("ledger/fiscal_periods_tile_their_years",
     "(p.kind <> 'regular' AND p.starts_on <> y.ends_on)",
     PERIOD + "starts_on = '2026-12-30'" + MAIN_PERIOD.format("2026-13")),
    *(("ledger/heads_equal_balances",
       f"coalesce(s.{column}, 0) <> coalesce(h.{column}, 0)",
       HEADS + f"{column} = {column} + 0.0001")
      for column in ("balance", "held_debit", "held_credit")),
    ("ledger/holds_hold_their_lines", "m.amount IS DISTINCT FROM l.amount",
     "UPDATE ledger.held_amounts SET amount = amount * 2"),
    ("ledger/holds_hold_their_lines", "h.state <> 'pending' OR m.expires_at <> h.expires_at",
     "UPDATE ledger.held_amounts SET expires_at = expires_at + interval '1 s'"),
    ("ledger/holds_hold_their_lines",
     "(h.state = 'pending' AND e.status IS DISTINCT FROM 'DRAFT')",
     ENTRIES + "status = 'VOIDED' WHERE status = 'DRAFT'"),
    ("ledger/holds_hold_their_lines", "(h.state <> 'pending' AND e.status = 'DRAFT')",
     HOLDS + "state = 'released', ended_at = now(); DELETE FROM ledger.held_amounts"),
    ("ledger/holds_hold_their_lines",
     "(h.posted_entry_id = h.entry_id AND e.id IS NOT NULL AND e.posted_at IS NULL)",
     HOLDS + "state = 'posted', ended_at = now(), posted_entry_id = entry_id;"
     + "DELETE FROM ledger.held_amounts;"
     + ENTRIES + "status = 'VOIDED' WHERE status = 'DRAFT'"),
    ("ledger/holds_hold_their_lines",
     "(h.state IN ('released', 'expired') AND e.posted_at IS NOT NULL)",
     HOLDS + "state = 'expired', ended_at = now(); DELETE FROM ledger.held_amounts;"
     + ENTRIES + "status = 'POSTED', posted_at = now() WHERE status = 'DRAFT'"),
    ("ledger/journal_numbers_have_no_gap", "count(*) <> max(n.journal_number)",
     """DELETE FROM ledger.journal_numbers WHERE journal_number = 1"""),
    ("ledger/journal_numbers_have_no_gap",
     "max(c.last_number) IS DISTINCT FROM max(n.journal_number)",
     "UPDATE core.document_counters SET last_number = 99 WHERE series LIKE 'journal/%'"),
    ("ledger/journal_numbers_have_no_gap", "n.business_id <> e.business_id",
     ENTRIES + f"""business_id = {SIDE}, period_id = (SELECT s.id FROM ledger.fiscal_periods AS s
     JOIN ledger.fiscal_periods AS p ON s.code = p.code AND p.id = journal_entries.period_id
     WHERE s.business_id = {SIDE})""" + SALE
     + "; UPDATE ledger.fiscal_periods AS p SET fiscal_year_id = (SELECT n.fiscal_year_id"
     f" FROM ledger.journal_numbers AS n LIMIT 1) WHERE p.business_id = {SIDE}"),
    ("ledger/journal_numbers_have_no_gap", "n.fiscal_year_id <> p.fiscal_year_id",
     PERIOD + "fiscal_year_id = (SELECT id FROM ledger.fiscal_years WHERE business_id = "
     + SIDE + ")" + MAIN_PERIOD.format("2026-03")),
    ("ledger/limits_are_kept", "(b.lowest < b.minimum_balance AND b.lowest < b.began_lowest)",
     HEADS + "balance = -1"),
    ("ledger/limits_are_kept", "(b.highest > b.credit_limit AND b.highest > b.began_highest)",
     HEADS + "balance = 5001"),
    ("ledger/matches_fit_their_lines", "j.posted_at IS NULL",
     ENTRIES + "status = 'DRAFT', posted_at = NULL WHERE id IN"
     " (SELECT debit_entry_id FROM ledger.matches)"),
    ("ledger/matches_fit_their_lines", "j.matched_on < j.entry_date",
     MATCHES + "matched_on = '2026-03-03'"),
    ("ledger/matches_fit_their_lines", "sign(j.amount) <> sign(j.line_amount)",
     MATCHES + """debit_entry_id = credit_entry_id, debit_line_no = credit_line_no,
     credit_entry_id = debit_entry_id, credit_line_no = debit_line_no,
     debit_value = credit_value, credit_value = debit_value"""),
    ("ledger/matches_fit_their_lines",
     SAME_ITEM, MATCHES + "counterparty = 'OTHER'"),
    ("ledger/matches_fit_their_lines", "abs(j.settled) > abs(j.line_amount)",
     MATCHES + "amount = 1000"),
    ("ledger/matches_fit_their_lines", "abs(j.settled_value) > abs(j.line_value)",
     MATCHES + "debit_value = 1000, credit_value = 1010"),
    ("ledger/next_partitions_exist", "EXISTS (SELECT FROM ledger.journal_entries_default)",
     """INSERT INTO ledger.journal_entries_default SELECT (jsonb_populate_record(e,
     '{"id": "f0000000-0000-7000-8000-000000000000", "entry_number": 999999}')).*
     FROM ledger.journal_entries AS e LIMIT 1"""),
    ("ledger/next_partitions_exist", "EXISTS (SELECT FROM ledger.journal_lines_default)",
     """INSERT INTO ledger.journal_lines_default SELECT (jsonb_populate_record(l,
     '{"entry_id": "f0000000-0000-7000-8000-000000000000"}')).*
     FROM ledger.journal_lines AS l LIMIT 1"""),
    ("ledger/period_events_tell_the_status", "p.status <> coalesce(x.new_status, 'open')",
     PERIOD + "status = 'closed'" + MAIN_PERIOD.format("2026-04")),
    *(("ledger/period_events_tell_the_status",
       "v.action = 'posted' AND (e.posted_at IS NULL OR e.period_id <> v.period_id)",
       f"""INSERT INTO ledger.period_events (tenant_id, business_id, period_id, action, old_status,
       new_status, entry_id, created_at, created_by, last_modified_at, last_modified_by)
       SELECT e.tenant_id, e.business_id, {period}, 'posted', 'open', 'open',
       {entry}, now(), 'x', now(), 'x' FROM ledger.journal_entries AS e
       WHERE reference = 'sale'""")
      for period, entry in (
          ("e.period_id", "core.uuid_v7()"), (MAY, "e.id"))),
    ("ledger/settled_items_reach_zero",
     "coalesce(l.currency_amount, l.amount) = s.amount AND l.amount <> s.value",
     MATCHES + "debit_value = debit_value - 1, credit_value = credit_value - 1"),
    ("ledger/settled_items_reach_zero",
     "m.debit_value - m.credit_value + coalesce(g.amount, 0) <> 0",
     LINES + "amount = amount + 1 WHERE currency_amount = 0"),
    ("ledger/triggers_are_enabled", "t.tgenabled IS DISTINCT FROM 'O'",
     "DROP TRIGGER journal_lines_guard_change ON ledger.journal_lines"),
    ("ledger/watched_accounts_are_marked",
     "num_nonnulls(a.minimum_balance, a.credit_limit) > 0",
     "UPDATE ledger.accounts SET is_watched = false, keeps_version = false WHERE code = '1110'"),
    ("ledger/watched_accounts_are_marked", "OR a.keeps_version",
     """UPDATE ledger.accounts SET is_watched = false, keeps_version = true,
     minimum_balance = NULL, credit_limit = NULL WHERE code = '1110'"""),
]  # fmt: skip


@pytest.fixture
def stage(db: psycopg.Connection, books: Books) -> None:
    """Books in which there is something of everything."""
    open_foreign_accounts(db)
    post(db, ("1110", "100"), ("4100", "-100"))
    value(
        db,
        "SELECT ledger.create_journal_entry('MAIN', '2026-03-04', 'x', %s, p_reference => 'sale')",
        [as_json(("2110", "100"), ("3100", "-100"))],
    )
    limit(db, "1110", minimum_balance=0, credit_limit=5000)
    hold(db, ("5100", "60"), ("1110", "-60"))
    match(db, item(db, "100", rate="1.1"), item(db, "-100", rate="1.2"))
    open_expenses(db)
    plan(db, ("5200", "10"))
    spend(db, "5210", "10")
    db.execute("SELECT finance.store_report('MAIN', 'trial_balance')")
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    db.execute("SELECT ledger.assign_journal_numbers('MAIN')")


@pytest.mark.usefixtures("stage")
def test_each_part_finds_what_no_other_part_does(db: psycopg.Connection) -> None:
    wrong = []
    for check, part, plant in PARTS:
        text = (CHECKS / f"{check}.sql").read_text()
        assert text.count(part) == 1, (check, part)
        less = "false AND EXISTS (" if part == "NOT EXISTS (" else "false"
        less = "WHERE false;" if part.startswith("WHERE") else less
        less = "" if part.startswith("OR ") else less
        assert db.execute(text.encode()).fetchall() == [], check
        with db.transaction(force_rollback=True):
            db.execute("SET LOCAL session_replication_role = 'replica'")
            db.execute(plant.encode())
            if not db.execute(text.encode()).fetchall():
                wrong.append(("not found", check, part))
            elif db.execute(text.replace(part, less).encode()).fetchall():
                wrong.append(("found by another part too", check, part))
    assert wrong == []
