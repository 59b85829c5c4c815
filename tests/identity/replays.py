"""Arguments of the parts of lending.replay, which clients call only by asking for a balance."""

from __future__ import annotations

from typing import Any

REPLAY: dict[str, dict[str, Any]] = {
    "lending.add_instalment": dict.fromkeys(
        (
            "p_state",
            "p_principal",
            "p_interest",
        )
    ),
    "lending.allocate": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_amount",
        )
    ),
    "lending.apply_transaction": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_transaction",
        )
    ),
    "lending.begin_replay": dict.fromkeys(("p_loan",)),
    "lending.change_terms": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_change",
        )
    ),
    "lending.conclude": dict.fromkeys(
        (
            "p_replayed",
            "p_state",
            "p_loan",
        )
    ),
    "lending.cut_schedule": dict.fromkeys(("p_state",)),
    "lending.disbursement_fees": dict.fromkeys(
        (
            "p_loan",
            "p_amount",
            "p_is_first",
        )
    ),
    "lending.keep_settled": dict.fromkeys(("p_state",)),
    "lending.next_stop": dict.fromkeys(
        (
            "p_stop",
            "p_through",
        )
    ),
    "lending.note_charges": dict.fromkeys(
        (
            "p_replayed",
            "p_state",
            "p_noted",
        )
    ),
    "lending.note_transaction": dict.fromkeys(
        (
            "p_replayed",
            "p_before",
            "p_after",
            "p_transaction",
        )
    ),
    "lending.owed": dict.fromkeys(("p_state",)),
    "lending.pass_days": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_day",
        )
    ),
    "lending.pay": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_payment",
        )
    ),
    "lending.replay": dict.fromkeys(
        (
            "p_loan",
            "p_through",
        )
    ),
    "lending.shorten": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_principal",
            "p_due_dates",
        )
    ),
    "lending.spread": dict.fromkeys(
        (
            "p_state",
            "p_loan",
            "p_principal",
            "p_due_dates",
            "p_interest_before",
            "p_fees_before",
        )
    ),
    "lending.use_advance": dict.fromkeys(
        (
            "p_state",
            "p_loan",
        )
    ),
}
"""Parts of a replay: they work upon what they are given, of rows that the caller sees."""
