DROP TYPE ledger.head_change;
DROP TABLE ledger.held_amounts;
DROP TABLE ledger.holds;
DROP TYPE ledger.hold_state;
DROP TABLE ledger.account_heads;
