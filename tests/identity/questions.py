"""Arguments with which every function of the API is asked about business SIDE, by the catalog."""

from __future__ import annotations

import json
from typing import Any

from tests.identity.loan_reports import LOAN_REPORTS
from tests.identity.loans import SCHEDULES, loans
from tests.identity.pay import PAY
from tests.identity.replays import REPLAY
from tests.identity.two_businesses import SIDE, Side
from tests.ledger.books import as_json
from tests.ledger.posting import TYPE, both, rule

LINES = as_json(("1110", "3"), ("4100", "-3"))
LINE = json.dumps({"account": "1110", "debit": "3"})
PLAN = json.dumps([{"account": "5100", "amount": "7"}])

# Functions that anybody may ask anything: they know no row, or rows that are the whole tenant's.
NOT_OF_A_BUSINESS = {
    **dict.fromkeys(
        (
            "core.aes_cbc",
            "core.decrypt_value",
            "core.encrypt_value",
            "core.fernet_token",
            "core.hmac_pad",
            "core.hmac_sha256",
            "core.keyed_hash_of",
            "core.require_key",
        ),
        "know no row, and what the caller's keys open",
    ),
    "core.is_blank": "knows no row",
    "core.is_code": "knows no row",
    "core.read_permissions": "knows no row",
    "core.unreadable_tables": "says what the token says",
    "events.unreadable_types": "says what the token says",
    "core.uuid_v7": "knows no row",
    "core.uuid_v7_floor": "knows no row",
    "identity.token_claims": "says what the token says",
    "identity.current_tenant": "says what the token says",
    "identity.current_businesses": "says what the token says",
    "identity.has_permission": "says what the token says",
    "audit.place_legal_hold": "keeps the log of the whole tenant, for tokens with its permission",
    "audit.lift_legal_hold": "the same",
    "audit.seal": "hashes of the whole tenant's log, for tokens that cover all businesses",
    "identity.claims_permit": "knows no row",
    "identity.permissions_of_user": "permissions are the same in every business",
    **dict.fromkeys(
        (
            "identity.create_role",
            "identity.create_standard_roles",
            "identity.create_user",
            "identity.deactivate_user",
            "identity.grant_business",
            "identity.grant_permission",
            "identity.grant_role",
            "identity.password_hash_of",
            "identity.reactivate_user",
            "identity.record_login",
            "identity.revoke_business",
            "identity.revoke_permission",
            "identity.revoke_role",
            "identity.set_password_hash",
        ),
        "users and roles are the whole tenant's: see test_escalation.py",
    ),
    **dict.fromkeys(
        (
            "party.add_address",
            "party.add_contact",
            "party.add_identity_document",
            "party.anonymise",
            "party.create_customer",
            "party.export_personal_data",
            "party.find_customers",
            "party.find_customers_by_document",
            "party.find_customers_by_phone",
            "party.has_consent",
            "party.name_words",
            "party.record_consent",
            "party.remove_address",
            "party.remove_contact",
            "party.remove_identity_document",
            "party.set_primary_address",
            "party.set_primary_contact",
            "party.set_primary_identity_document",
            "party.update_customer",
            "party.withdraw_consent",
        ),
        "customers are shared by the businesses",
    ),
    **dict.fromkeys(
        (
            "messaging.fill",
            "messaging.languages",
            "messaging.placeholders",
            "messaging.sms_segments",
            "messaging.values_problem",
        ),
        "know no row",
    ),
    "messaging.render": "businesses write in the same words",
    "messaging.save_template": "changes these, for tokens that cover all",
    "identity.create_business": "makes another business, for tokens that cover all",
    **dict.fromkeys(SCHEDULES, "know no row"),
    "lending.report_day": "knows no row",
    **dict.fromkeys(REPLAY, "work upon what they are given"),
    "ledger.create_reference_rules": "gives rules to all, for tokens that cover all",
    "ledger.spread_amount": "knows no row",
    "ledger.exchange_rate": "rates are the tenant's",
    "ledger.exchange_rate_leg": "rates are the tenant's",
    "ledger.find_exchange_rate": "rates are the tenant's",
    "ledger.set_exchange_rate": "rates are the tenant's",
    "ledger.load_exchange_rates": "rates are the tenant's",
}

# Functions that answer every token, with what is shared and what is of its businesses.
SHARED = {"ledger.account_tree", "ledger.accounts_below"}

# What says nothing of SIDE but that it is there, so that no secret shows in what it answers.
BARE = {
    "ledger.account_version": "a number of postings",
    "ledger.budget_buckets": "days",
    "ledger.journal_number": "a number",
    "ledger.readable_account": "an account",
    "ledger.readable_business": "an id",
    "lending.preview_product_schedule": "a schedule",
    "lending.readable_businesses": "an id",
}


def questions(side: Side, function: str, names: list[str]) -> list[dict[str, Any]]:
    """Return sets of arguments about SIDE, one for each way in.

    Args:
        side: SIDE's keys.
        function: Its name, "ledger.seal".
        names: Names of its arguments without a default, and of those with one that are known.
    """
    known = {**_common(side), **_special(side).get(function, {})}
    known = {name: item for name, item in known.items() if name in names}
    if function in BY_ACCOUNT:
        return [known | {"p_account_code": code} for code in BY_ACCOUNT[function]]
    return [known]


# Functions about an account by its code alone: one of SIDE's, and one that it shares.
BY_ACCOUNT = {
    "ledger.activate_account": ["1140"],
    "ledger.deactivate_account": ["1130", "1110"],
    "ledger.readable_account": ["1130"],
    "ledger.set_account_limits": ["1130", "1110"],
    "ledger.set_account_monetary": ["1130", "1110"],
    "ledger.set_cash_flow_activity": ["1130", "1110"],
    "ledger.set_control_module": ["1130", "1110"],
}


def _common(side: Side) -> dict[str, Any]:
    return {
        "p_account_code": "1110",
        "p_account_id": side.keys["account"],
        "p_budget_code": "SIDE-1",
        "p_business_code": "SIDE",
        "p_business_id": SIDE,
        "p_code": "NEW",
        "p_description": "New",
        "p_entry_date": "2026-03-04",
        "p_entry_id": side.keys["posted"],
        "p_fiscal_year_code": "2026",
        "p_fiscal_year_id": side.keys["year"],
        "p_from": "2026-01-01",
        "p_lines": LINES,
        "p_name": "New",
        "p_period_code": "2026-01",
        "p_reason": "Because",
        "p_tenant_id": side.world.ours,
        "p_to": "2026-12-31",
        "p_type": "ASSET",
        "p_year_code": "2018",
    }


def _special(side: Side) -> dict[str, dict[str, Any]]:
    keys = side.keys
    entries = [
        {"business": "SIDE", "date": "2026-03-04", "description": "x", "lines": json.loads(LINES)}
    ]
    receivable = {"p_account_code": "1200"}
    message = {"p_template_code": "notice", "p_values": json.dumps({"amount": "1"})}
    letter = {"customer_id": str(keys["written"]), "template": "notice", "values": {"amount": "1"}}
    event = {"p_handler": "shop.tell", "p_event_id": keys["event"]}
    return {
        **PAY,
        **loans(keys),
        **LOAN_REPORTS,
        "events.retry": event,
        "events.skip": event,
        "ledger.account_items": {
            "p_account_id": keys["receivable"],
            "p_as_of": "2026-12-31",
            "p_counterparty": None,
            "p_is_all": True,
        },
        "ledger.account_statement": receivable,
        "ledger.accounts_below": {"p_account_ids": [keys["assets"]]},
        "ledger.add_journal_line": {"p_entry_id": keys["draft"], "p_line": LINE},
        "ledger.aged_balances": receivable,
        "ledger.assign_journal_numbers": {"p_through": "2026-03-31"},
        "ledger.balance_sheet_comparative": {
            "p_as_of": "2026-12-31",
            "p_compare_as_of": "2025-12-31",
        },
        "ledger.budget_actuals": {"p_lines": keys["plan"]},
        "ledger.budget_buckets": {"p_interval": "quarter"},
        "ledger.change_draft": {"p_entry_id": keys["draft"]},
        "ledger.change_journal_line": {
            "p_entry_id": keys["draft"],
            "p_line_no": 1,
            "p_line": LINE,
        },
        "ledger.close_fiscal_year": {"p_close_periods": True},
        "ledger.create_budget": {"p_lines": PLAN},
        "ledger.create_fiscal_year": {"p_starts_on": "2027-01-01", "p_code": "2027"},
        "ledger.create_journal_entries": {"p_entries": json.dumps(entries)},
        "ledger.direct_cash_flows": {"p_cash": [keys["account"]]},
        "ledger.income_statement_comparative": {
            "p_compare_from": "2025-01-01",
            "p_compare_to": "2025-12-31",
        },
        "ledger.journal_number": {"p_entry_id": keys["numbered"]},
        "ledger.match_lines": {
            "p_debit_entry": keys["debit"].entry_id,
            "p_debit_line": 1,
            "p_credit_entry": keys["credit"].entry_id,
            "p_credit_line": 1,
        },
        "ledger.match_oldest": receivable | {"p_counterparty": "ACME"},
        "ledger.movements_of_days": {"p_spans": '{"(2,2026-01-01,2026-12-31,1)"}'},
        "ledger.open_items": receivable,
        "ledger.post_held_entry": {"p_entry_id": keys["held"], "p_lines": None},
        "ledger.post_journal_entry": {"p_entry_id": keys["draft"]},
        "ledger.release_held_entry": {"p_entry_id": keys["held"]},
        "ledger.remove_journal_line": {"p_entry_id": keys["draft"], "p_line_no": 1},
        "ledger.reopen_budget": {"p_budget_code": "SIDE-2"},
        "ledger.reopen_fiscal_year": {"p_year_code": "2017"},
        "ledger.reopen_period": {"p_period_code": "2026-02"},
        "ledger.revalue": {"p_as_of": "2026-03-31"},
        "ledger.revise_budget": {"p_lines": PLAN},
        "ledger.save_posting_rule": {"p_rule": json.dumps(rule(business="SIDE", lines=both()))},
        "ledger.set_account_limits": {"p_minimum_balance": "-5"},
        "ledger.set_account_monetary": {"p_is_monetary": False},
        "ledger.set_account_role": {"p_role": "new_role"},
        "ledger.set_budget_policy": {"p_policy": "stop"},
        "ledger.set_posting_rule_active": {"p_event_type": TYPE, "p_is_active": False},
        "ledger.set_cash_flow_activity": {"p_activity": "investing"},
        "ledger.set_control_module": {"p_module": "billing"},
        "ledger.trial_balance": {},
        "ledger.unmatch": {"p_match_id": keys["match"]},
        "ledger.write_off_rounding": {
            "p_entry_id": keys["cents"].entry_id,
            "p_line_no": 1,
            "p_tolerance": "1",
        },
        "messaging.cancel_message": {"p_message_id": keys["queued"]},
        "messaging.note_delivery": {
            "p_gateway": "file",
            "p_gateway_message_id": "of SIDE",
            "p_is_delivered": True,
        },
        "messaging.queue_message": message | {"p_customer_id": keys["written"]},
        "messaging.queue_messages": {"p_messages": json.dumps([{**letter, "dedup_key": "new"}])},
        "messaging.retry_message": {"p_message_id": keys["failed"]},
        "identity.create_payment_till": {"p_kind": "mpesa_till", "p_number": "174445"},
        "identity.set_business_settings": {"p_settings": "{}"},
        "identity.set_till_active": {
            "p_kind": "mpesa_till",
            "p_number": "174444",
            "p_is_active": False,
        },
        "finance.store_report": {"p_kind": "trial_balance", "p_from": None, "p_budget_code": None},
    }
