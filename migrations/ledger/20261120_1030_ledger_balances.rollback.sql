DROP TYPE ledger.parsed_line;
DROP TYPE ledger.parsed_entry;
DROP TABLE ledger.account_balances;
