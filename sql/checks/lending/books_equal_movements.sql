-- Where the ledger is in the same database, its control accounts of lending equal the loans
SELECT
    o.tenant_id,
    o.business_id,
    o.problem,
    o.lending_balance,
    o.ledger_balance
FROM lending.books_offenders() AS o;
