DROP TABLE finance.cached_movements;
DROP TABLE finance.cached_periods;
DROP TABLE finance.cached_accounts;
