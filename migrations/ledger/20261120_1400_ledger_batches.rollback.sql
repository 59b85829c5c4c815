DROP TYPE ledger.batch_proof;
DROP TYPE ledger.balance_change;
ALTER TYPE ledger.parsed_entry DROP ATTRIBUTE period_id;
