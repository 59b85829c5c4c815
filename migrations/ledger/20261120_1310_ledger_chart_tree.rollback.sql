DROP TYPE ledger.account_node;
