-- Every table with a tenant gets its policies from one loop over the catalog.
-- reapply: migrations
SELECT core.apply_row_security();
