ALTER TABLE lending.loans -- noqa: PRS
ALTER COLUMN purpose SET STATISTICS -1,
ALTER COLUMN decision_reason SET STATISTICS -1;
ALTER TABLE lending.collaterals -- noqa: PRS
ALTER COLUMN description SET STATISTICS -1;
DELETE FROM party.personal_data_tables AS t
WHERE t.table_name LIKE 'lending.%';
DROP INDEX lending.collaterals_customer_idx;
ALTER TABLE lending.collaterals
DROP CONSTRAINT collaterals_customer_fkey,
DROP COLUMN customer_id;
