DELETE FROM events.subscriptions
WHERE handler IN ('finance.cache_account', 'finance.cache_entry');
DELETE FROM events.event_types
WHERE code IN ('ledger.account_saved', 'ledger.entry_posted');
