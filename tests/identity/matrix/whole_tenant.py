"""Arguments for functions that know no business, beside those of questions.py."""

from __future__ import annotations

import json
from typing import Any

from tests.identity.loans import SCHEDULES
from tests.identity.replays import REPLAY
from tests.identity.tokens import KEY
from tests.identity.two_businesses import Side
from tests.party.customers import ADDRESS, DOCUMENT, PHONE, sealed

HASH = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"


def questions(side: Side) -> dict[str, dict[str, Any]]:
    """Return arguments by function; about our tenant, and of the log about a budget of SIDE."""
    user = {"p_subject": "ursula"}
    role = {"p_role": "clerk"}
    rate = {"p_currency": "EUR", "p_to_currency": "USD"}
    pair = {"p_currency_code": "EUR", "p_to_currency_code": "USD"}
    logged = {"p_table": "ledger.budgets", "p_key": json.dumps({"id": str(side.keys["budget"])})}
    row = json.dumps({"a": 1})
    # Without a text: to encrypt needs pgcrypto.
    key = {"p_key": KEY, "p_key_id": "k1"}
    of = {"p_customer_id": side.keys["customer"]}
    address, contact, document = (
        {f"p_{name}_id": side.keys[name]} for name in ("address", "contact", "document")
    )
    consent = of | {"p_purpose": "sms_reminders", "p_source": "paper_form"}
    return {
        **SCHEDULES,
        **REPLAY,
        "audit.as_of": logged | {"p_at": "infinity"},
        "audit.changed_columns": {"p_old": "{}", "p_new": row},
        "audit.history": logged,
        "audit.key_of": {"p_row": row, "p_columns": "a"},
        "audit.lift_legal_hold": {"p_id": side.keys["legal_hold"]},
        "audit.mask": {"p_old": row, "p_new": row, "p_columns": "a"},
        "audit.normal_key": logged,
        "audit.present_row": logged,
        "audit.table_of": logged,
        "core.encrypt_value": key,
        "core.is_blank": {"p_text": "a"},
        "core.is_code": {"p_text": "a"},
        "core.keyed_hash_of": key | {"p_normalised": "a", "p_kind": "text"},
        "core.require_key": key,
        "core.uuid_v7_floor": {"p_at": "2026-03-04"},
        "identity.claims_permit": {
            "p_claims": json.dumps({"permissions": ["*"]}),
            "p_permission": "ledger.post",
        },
        "identity.create_business": {"p_currency_code": "USD"},
        "identity.create_role": {"p_code": "new"},
        "identity.create_user": {"p_subject": "new"},
        "identity.deactivate_user": user,
        "identity.grant_business": user,
        "identity.grant_permission": role | {"p_permission": "ledger.reverse"},
        "identity.grant_role": user | role,
        "identity.has_permission": {"p_permission": "ledger.post"},
        "identity.password_hash_of": user,
        "identity.permissions_of_user": user,
        "identity.reactivate_user": user,
        "identity.record_login": user,
        "identity.revoke_business": user,
        "identity.revoke_permission": role | {"p_permission": "ledger.post"},
        "identity.revoke_role": user | role,
        "identity.set_password_hash": user | {"p_password_hash": HASH},
        "ledger.exchange_rate": rate | {"p_on": "2026-03-04"},
        "ledger.exchange_rate_leg": pair | {"p_on": "2026-03-04", "p_rate_type": "spot"},
        "ledger.find_exchange_rate": pair | {"p_on": "2026-03-04"},
        "ledger.load_exchange_rates": {
            "p_rates": json.dumps(
                [{"currency": "EUR", "to_currency": "USD", "valid_on": "2026-03-05", "rate": "1.3"}]
            )
        },
        "ledger.set_exchange_rate": rate | {"p_valid_on": "2026-03-05", "p_rate": "1.3"},
        "lending.report_day": {"p_as_of": "2026-03-04"},
        "ledger.spread_amount": {"p_amount": "10", "p_parts": 3},
        "messaging.fill": {"p_text": "a", "p_values": "{}"},
        "messaging.languages": {"p_wanted": "sw-KE", "p_default": "en"},
        "messaging.placeholders": {"p_text": "{{a}}"},
        "messaging.render": {
            "p_template_code": "notice",
            "p_language": "en",
            "p_values": json.dumps({"amount": "1"}),
        },
        "messaging.save_template": {
            "p_template": json.dumps(
                {"code": "new", "language": "en", "body": "New", "purpose": "notices"}
            )
        },
        "messaging.sms_segments": {"p_text": "a"},
        "messaging.values_problem": {"p_text": "{{a}}", "p_values": "{}"},
        "party.add_address": of | {"p_address": json.dumps(ADDRESS)},
        "party.add_contact": of | {"p_contact": json.dumps({"channel": "phone", **PHONE})},
        "party.add_identity_document": of
        | {"p_document": json.dumps(DOCUMENT | sealed("number", "2"))},
        "party.anonymise": of | {"p_reason": "Asked for"},
        "party.create_customer": {"p_customer": json.dumps({"given_name": "New"})},
        "party.export_personal_data": of,
        "party.find_customers": {"p_text": "Mary"},
        "party.find_customers_by_document": {"p_number_hashes": [DOCUMENT["number_hash"]]},
        "party.find_customers_by_phone": {"p_phone_hashes": [PHONE["phone_hash"]]},
        "party.has_consent": of | {"p_purpose": "sms_reminders"},
        "party.name_words": {"p_text": "Mary"},
        "party.record_consent": consent,
        "party.remove_address": address,
        "party.remove_contact": contact,
        "party.remove_identity_document": document,
        "party.set_primary_address": address,
        "party.set_primary_contact": contact,
        "party.set_primary_identity_document": document,
        "party.update_customer": of
        | {"p_changes": json.dumps({"email": "m@example.com"}), "p_version": 1},
        "party.withdraw_consent": consent,
    }
