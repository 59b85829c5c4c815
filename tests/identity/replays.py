"""Arguments of the parts of lending.replay, which clients call only by asking for a balance."""

from __future__ import annotations

from typing import Any

_ARGUMENTS = {
    "add_instalment": "p_state p_principal p_interest",
    "allocate": "p_state p_loan p_amount",
    "apply_transaction": "p_state p_loan p_transaction",
    "begin_replay": "p_loan",
    "change_terms": "p_state p_loan p_change",
    "conclude": "p_replayed p_state p_loan",
    "cut_schedule": "p_state",
    "disbursement_fees": "p_loan p_amount p_is_first",
    "keep_settled": "p_state",
    "next_stop": "p_stop p_through",
    "note_charges": "p_replayed p_state p_noted",
    "note_transaction": "p_replayed p_before p_after p_transaction",
    "owed": "p_state",
    "pass_days": "p_state p_loan p_day",
    "pay": "p_state p_loan p_payment",
    "replay": "p_loan p_through",
    "shorten": "p_state p_loan p_principal p_due_dates",
    "spread": "p_state p_loan p_principal p_due_dates p_interest_before p_fees_before",
    "use_advance": "p_state p_loan",
}

REPLAY: dict[str, dict[str, Any]] = {
    f"lending.{name}": dict.fromkeys(arguments.split()) for name, arguments in _ARGUMENTS.items()
}
"""Parts of a replay: they work upon what they are given, of rows that the caller sees."""
