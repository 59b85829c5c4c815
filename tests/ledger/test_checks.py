"""Each file in sql/checks finds an offence that is planted past the triggers."""

from __future__ import annotations

import psycopg

from tests.events.support import add_contract, emit
from tests.identity.pay import employ
from tests.ledger.books import CHECKS, Books, offenders, post
from tests.ledger.budgets import open_expenses, plan, spend
from tests.ledger.limits import hold, limit
from tests.ledger.posting import open_posting, save
from tests.lending.books import open_accounts, stand_in
from tests.messaging.queue import queue
from tests.messaging.queue import save as save_template
from tests.party.customers import create

MATCH = """INSERT INTO ledger.matches (
        tenant_id, business_id, account_id, currency_code, debit_entry_id, debit_line_no,
        debit_match_no, credit_entry_id, credit_line_no, credit_match_no, amount, debit_value,
        credit_value, matched_on, created_at, created_by, last_modified_at, last_modified_by
    )
    SELECT tenant_id, business_id, account_id, 'USD', entry_id, 1, 1, entry_id, 2, 1, {0}, {1}, {1},
        entry_date, now(), 'x', now(), 'x'
    FROM ledger.journal_lines WHERE line_no = 1"""
"""A match of the debit of an entry with its credit, which is on another account."""


def test_checks_find_a_planted_offence_each(db: psycopg.Connection, books: Books) -> None:
    post(db, ("1110", "100"), ("4100", "-100"))
    limit(db, "1110", minimum_balance=0)
    hold(db, ("5100", "100"), ("1110", "-100"))
    open_expenses(db)
    plan(db, ("5200", "10"))
    spend(db, "5210", "10")
    open_posting(db)
    save(db)
    db.execute("SELECT finance.store_report('MAIN', 'trial_balance')")
    db.execute("SELECT ledger.seal()")
    db.execute("SELECT identity.create_user('carol', 'Carol')")
    employ(db, "MAIN", "1000")
    db.execute("CREATE SCHEMA shop AUTHORIZATION pgerp_owner")
    db.execute("""CREATE FUNCTION shop.note(events.event_store)
        RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'""")
    add_contract(db)
    emit(db, books)
    customer = create(db, given_name="Mary", family_name="Wanjiku")
    save_template(db)
    queue(db, customer)
    open_accounts(db)
    stand_in(db, books)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    db.execute("SELECT ledger.assign_journal_numbers('MAIN')")
    plants = {
        "ledger/entries_balance": "UPDATE ledger.journal_lines SET amount = 7 WHERE line_no = 1",
        "ledger/posted_entries_are_untouched": (
            "UPDATE ledger.journal_entries SET last_modified_at = now() + interval '1 s'"
        ),
        "ledger/triggers_are_enabled": (
            "ALTER TABLE ledger.journal_lines_2027 DISABLE TRIGGER journal_lines_guard_change"
        ),
        "ledger/entries_lie_in_their_period": (
            "UPDATE ledger.journal_lines SET entry_date = '2026-05-05'"
        ),
        "ledger/balances_equal_lines": "UPDATE ledger.account_balances SET debit = debit + 0.0001",
        "ledger/heads_equal_balances": "UPDATE ledger.account_heads SET held_credit = 99.9999",
        "ledger/holds_hold_their_lines": "UPDATE ledger.journal_entries SET status = 'VOIDED'",
        "ledger/limits_are_kept": "UPDATE ledger.account_heads SET balance = 99.9999",
        "ledger/versions_count_postings": (
            "UPDATE ledger.account_heads SET version = first_version, kept_since = '2026-01-01'"
        ),
        "ledger/watched_accounts_are_marked": "UPDATE ledger.accounts SET is_watched = false",
        "ledger/converted_amounts_follow_their_rate": """UPDATE ledger.journal_lines
            SET currency_code = 'EUR', currency_amount = 1, exchange_rate = 2 WHERE line_no = 1""",
        "ledger/accounts_take_their_lines": """UPDATE ledger.accounts SET currency_code = 'EUR'
            WHERE code = '1110'""",
        "ledger/fiscal_periods_tile_their_years": """UPDATE ledger.fiscal_periods
            SET ends_on = '2026-05-02' WHERE code = '2026-04'""",
        "ledger/closed_years_are_carried_forward": """UPDATE ledger.fiscal_periods
            SET status = 'closed' WHERE kind = 'closing'""",
        "ledger/journal_numbers_have_no_gap": """UPDATE ledger.journal_numbers
            SET journal_number = journal_number + 7""",
        "ledger/period_events_tell_the_status": """UPDATE ledger.fiscal_periods
            SET status = 'closed' WHERE code = '2026-04'""",
        "ledger/accounts_form_a_tree": """UPDATE ledger.accounts SET parent_id = (
            SELECT id FROM ledger.accounts WHERE code = '1110') WHERE code = '1000'""",
        "ledger/idempotency_keys_have_entries": """INSERT INTO ledger.idempotency_keys
            VALUES (currval('identity.tenants_id_seq'), 'k', core.uuid_v7(), sha256('x'))""",
        "ledger/event_keys_are_of_events": """INSERT INTO ledger.idempotency_keys
            SELECT tenant_id, 'event:k', id, sha256('x') FROM ledger.journal_entries LIMIT 1""",
        "ledger/matches_fit_their_lines": MATCH.format(50, 50),
        "ledger/settled_items_reach_zero": MATCH.format(100, 99),
        "ledger/currency_amounts_fit_their_minor_unit": """UPDATE ledger.journal_lines
            SET currency_code = 'JPY', currency_amount = 0.5, exchange_rate = 200
            WHERE line_no = 1""",
        "ledger/budget_revisions_are_complete": (
            "UPDATE ledger.budgets SET current_revision = current_revision + 1"
        ),
        "ledger/budgeted_accounts_are_watched": (
            "UPDATE ledger.accounts SET is_watched = false WHERE code = '5220'"
        ),
        "ledger/budgets_that_stop_hold": """UPDATE ledger.journal_entries SET posted_at = (
            SELECT max(in_force_since) + interval '1 s' FROM ledger.budgets)
            WHERE status = 'POSTED';
            UPDATE ledger.account_balances SET debit = debit + 1 WHERE account_id = (
            SELECT id FROM ledger.accounts WHERE code = '5210')""",
        "ledger/rows_are_of_their_entrys_business": """UPDATE ledger.sealed_entries
            SET business_id = 2""",
        "finance/reports_are_untouched": "UPDATE finance.financial_reports SET content = '{}'",
        "ledger/seals_form_a_chain": "UPDATE ledger.seals SET previous_hash = sha256('x')",
        "ledger/nothing_is_posted_behind_a_seal": """UPDATE ledger.seals
            SET complete_before = now() + interval '1 s'; DELETE FROM ledger.sealed_entries""",
        "ledger/posting_rules_fit_their_events": "UPDATE events.event_types SET identities = '{}'",
        "identity/row_security_is_forced": (
            "ALTER TABLE ledger.accounts NO FORCE ROW LEVEL SECURITY"
        ),
        "identity/businesses_have_settings": "DELETE FROM identity.business_settings",
        "identity/subject_rights_equal_their_users": (
            "UPDATE identity.users SET all_businesses = true WHERE subject = 'carol'"
        ),
        "identity/no_session_begins_with_a_setting": ("ALTER ROLE pgerp_app SET pgerp.token = 'x'"),
        "ledger/next_partitions_exist": """INSERT INTO ledger.journal_lines_default
            SELECT (jsonb_populate_record(l, '{"entry_id":
                "f0000000-0000-7000-8000-000000000000"}')).*
            FROM ledger.journal_lines AS l LIMIT 1""",
        "audit/every_table_is_logged": "ALTER TABLE identity.users DISABLE TRIGGER audit_change",
        "audit/next_partitions_exist": """INSERT INTO audit.log_default
            SELECT (jsonb_populate_record(l, '{"id": "f0000000-0000-7000-8000-000000000000"}')).*
            FROM audit.log AS l LIMIT 1""",
        "events/next_partitions_exist": """INSERT INTO events.event_store_default
            SELECT (jsonb_populate_record(e, '{"id": "f0000000-0000-7000-8000-000000000000"}')).*
            FROM events.event_store AS e LIMIT 1""",
        "events/streams_have_no_gap": "UPDATE events.event_store SET aggregate_version = 7",
        "events/events_are_handled_or_pending": "DELETE FROM events.processed_events",
        "messaging/segments_fit_the_text": "UPDATE messaging.messages SET segments = 9",
        "party/search_terms_follow_names": "UPDATE party.customers SET family_name = 'Kamau'",
        "party/personal_data_is_classified": """DELETE FROM party.personal_data_columns
            WHERE column_name = 'email'""",
        "party/anonymised_customers_are_nobody": f"""INSERT INTO party.privacy_acts
            SELECT tenant_id, core.uuid_v7(), id, 'anonymise', 'x', '{{}}', now(), 'x', now(), 'x'
            FROM party.customers WHERE id = '{customer}'""",
        "hr/history_tells_the_state": "UPDATE hr.employees SET title = 'Unheard of'",
        "hr/managers_lead_upwards": "ALTER TABLE hr.employees DROP CONSTRAINT"
        " employees_manager_check; UPDATE hr.employees SET manager_id = id",
        "hr/events_tell_the_state": "UPDATE hr.employees SET version = version + 1",
        "payroll/cache_equals_hr": "UPDATE payroll.employee_cache SET name = 'Else'",
        "payroll/records_equal_their_items": "UPDATE payroll.record_items SET amount = amount + 1",
        "payroll/rates_are_sound": "UPDATE payroll.tax_rates SET rate_window = 'year'"
        " WHERE slice = 'relief'",
        "payroll/runs_tell_their_records": "UPDATE payroll.runs SET status = 'paid',"
        " approved_by = 'x', approved_at = now()",
        "lending/books_equal_movements": """UPDATE lending.movements SET interest = interest - 1
            WHERE kind = 'charge'""",
        "lending/balances_equal_movements": "UPDATE lending.loan_balances SET advance = 5",
        "lending/movements_equal_their_events": """UPDATE lending.movements
            SET event_id = core.uuid_v7() WHERE kind = 'allowance'""",
        "lending/status_changes_tell_the_status": "UPDATE lending.status_changes SET no = 2",
        "lending/next_partitions_exist": """INSERT INTO lending.movements_default
            SELECT (jsonb_populate_record(m, '{"id": "f0000000-0000-7000-8000-000000000000"}')).*
            FROM lending.movements AS m LIMIT 1""",
        "core/counters_are_not_behind": "UPDATE core.document_counters SET last_number = 0",
    }
    assert offenders(db) == {}
    found: dict[str, set[str]] = {}
    for check, plant in plants.items():
        with db.transaction(force_rollback=True):
            db.execute("SET LOCAL session_replication_role = 'replica'")
            db.execute(plant)  # type: ignore[arg-type]
            found[check] = set(offenders(db))
    assert {check for check in plants if check not in found[check]} == set()
    assert set(plants) == {f"{path.parent.name}/{path.stem}" for path in CHECKS.rglob("*.sql")}
