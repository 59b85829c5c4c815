-- Rows of the log stay out of the planner's statistics: what is redacted would go on in the sample.
-- depends: 20261127_1900_audit_redactions

-- For its partitions too; nothing is planned by what is in a row.
ALTER TABLE audit.log
ALTER COLUMN old_row SET STATISTICS 0,
ALTER COLUMN new_row SET STATISTICS 0;
