"""What the clients of the chaos ask for, how often, and what they may be told."""

from __future__ import annotations

ACCOUNTS = ["1110", "1120", "2110", "3100", "4100", "5100"]
LIMITED = "1170"
BUSINESSES = ["MAIN", "SIDE"]
WEIGHTS = {
    "post": 40, "euro": 8, "pair": 4, "batch": 4, "skip": 3, "draft": 8, "post_draft": 8,
    "hold": 6, "post_held": 4, "release": 2, "drop": 2, "reverse": 5, "contest": 3, "void": 3,
    "read": 5, "close": 1.5, "soft_close": 0.5, "reopen": 6, "close_year": 0.3, "reopen_year": 3,
    "seal": 1, "number": 1,
}  # fmt: skip
CREATE = "SELECT ledger.create_journal_entry(%s, %s, 'Chaos', %s, %s, %s, %s)"
HOLD = """SELECT ledger.hold_journal_entry(%s, %s, 'Chaos', %s, 'infinity', p_reference => %s,
    p_idempotency_key => %s)"""
CALLS = {
    "post_draft": "SELECT ledger.post_journal_entry(%s)",
    "post_held": "SELECT ledger.post_held_entry(%s)",
    "release": "SELECT ledger.release_held_entry(%s, 'Chaos')",
    "drop": "SELECT ledger.void_journal_entry(%s, 'Chaos')",
    "void": "SELECT ledger.void_journal_entry(%s, 'Chaos')",
    "reverse": "SELECT ledger.reverse_journal_entry(%s, 'Chaos')",
    "contest": "SELECT ledger.reverse_journal_entry(%s, 'Chaos')",
    "close": "SELECT ledger.close_period(%s, %s)",
    "soft_close": "SELECT ledger.soft_close_period(%s, %s)",
    "reopen": "SELECT ledger.reopen_period(%s, %s, 'Chaos')",
    "close_year": "SELECT ledger.close_fiscal_year(%s, %s)",
    "reopen_year": "SELECT ledger.reopen_fiscal_year(%s, %s, 'Chaos', %s)",
    "number": "SELECT ledger.assign_journal_numbers(%s)",
}
# What each may be refused with; anything else is a defect, a deadlock (40P01) too.
LIMIT = {"ZL030", "ZL031"}
REFUSALS = {
    "post": {"ZL002", *LIMIT}, "euro": {"ZL002"}, "pair": {"ZL002", "40001"},
    "batch": {"ZL002", *LIMIT}, "skip": set(), "draft": set(), "hold": LIMIT,
    "post_draft": {"ZL002"}, "post_held": {"ZL002"}, "release": set(), "drop": set(),
    "reverse": {"ZL002", "ZL023", *LIMIT}, "contest": {"ZL002", "ZL023", *LIMIT},
    "void": {"ZL002", "ZL023", *LIMIT}, "read": set(), "seal": set(),
    "close": {"ZL004"}, "soft_close": {"ZL004"}, "reopen": {"ZL041", "ZL042"},
    "close_year": {"ZL004"}, "reopen_year": {"ZL041"}, "number": set(),
}  # fmt: skip
# What one who sends again is told when the lost request was carried out.
DONE_BEFORE = {
    "post_draft": "ZL022", "post_held": "ZL036", "release": "ZL036", "drop": "ZL023",
    "void": "ZL023", "reverse": "ZL023", "contest": "ZL023",
}  # fmt: skip
CONTESTED = """SELECT e.id, e.reference FROM ledger.journal_entries AS e
    WHERE e.status = 'POSTED' AND e.reference IS NOT NULL
        AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversal_id = e.id)
    ORDER BY e.entry_number DESC LIMIT 30"""
LINES_OF = """SELECT coalesce(sum(l.amount), 0)
    FROM ledger.journal_lines AS l
    JOIN ledger.journal_entries AS e ON (e.tenant_id, e.id) = (l.tenant_id, l.entry_id)
    JOIN ledger.accounts AS a ON (a.tenant_id, a.id) = (l.tenant_id, l.account_id)
    JOIN identity.businesses AS b ON (b.tenant_id, b.id) = (e.tenant_id, e.business_id)
    WHERE e.posted_at IS NOT NULL AND a.code = %s AND b.code = %s"""
