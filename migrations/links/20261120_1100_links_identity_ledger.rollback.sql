DROP INDEX identity.businesses_currency_idx;
ALTER TABLE identity.businesses DROP CONSTRAINT businesses_currency_fkey;
