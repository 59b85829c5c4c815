-- What loans tell of persons, what becomes of that, and until when it must be kept.
-- depends: 20261128_0304_lending_provisions
-- No release has these tables yet: there are no rows.
-- squawk-ignore-file adding-required-field, adding-foreign-key-constraint
-- squawk-ignore-file constraint-missing-not-valid, require-concurrent-index-creation

-- A description of what is pledged tells of the borrower.
ALTER TABLE lending.collaterals
ADD COLUMN customer_id uuid NOT NULL,
ADD CONSTRAINT collaterals_customer_fkey FOREIGN KEY (tenant_id, customer_id)
REFERENCES party.customers (tenant_id, id) ON DELETE RESTRICT;
CREATE INDEX collaterals_customer_idx ON lending.collaterals (tenant_id, customer_id);
COMMENT ON COLUMN lending.collaterals.customer_id IS
'The borrower of the loan; set by a trigger.';

INSERT INTO party.personal_data_tables (table_name, treatment, reason, objection) VALUES
('lending.loans', 'change', NULL, 'lending.objection'),
('lending.collaterals', 'change', NULL, NULL),
('lending.guarantors', 'keep', 'Loans are kept by law; names nobody.', NULL),
('lending.group_members', 'keep', 'Loans are kept by law; names nobody.', NULL),
('lending.customer_transactions', 'keep', 'Books are kept by law; name nobody.', NULL);
INSERT INTO party.personal_data_columns (table_name, column_name, treatment)
SELECT
    'lending.loans' AS table_name,
    c.name AS column_name,
    CASE c.name
        WHEN 'purpose' THEN 'blank'
        WHEN 'decision_reason' THEN 'replace'
        ELSE 'keep'
    END::party.column_treatment AS treatment
FROM unnest(ARRAY[
    'loan_no', 'product_id', 'group_id', 'branch_id', 'officer', 'purpose', 'status', 'applied_on',
    'requested_principal', 'principal', 'currency_code', 'minor_units', 'annual_rate_percent',
    'instalments', 'every', 'frequency', 'method', 'interest_calculation', 'day_count',
    'grace_principal', 'grace_interest', 'interest_free', 'round_to', 'rounding',
    'penalty_rate_percent', 'penalty_grace_days', 'penalty_cap_percent', 'allocation_order',
    'allocate_by', 'prepayment', 'expected_disbursement_on', 'first_due_on', 'decided_on',
    'decided_by', 'decision_reason', 'disbursed_on', 'restructured_on', 'defaulted_on',
    'closed_on', 'written_off_on'
]) AS c (name);
INSERT INTO party.personal_data_columns (table_name, column_name, treatment) VALUES
('lending.collaterals', 'loan_id', 'keep'),
('lending.collaterals', 'kind', 'keep'),
('lending.collaterals', 'description', 'replace'),
('lending.collaterals', 'estimated_value', 'keep'),
('lending.collaterals', 'valued_on', 'keep'),
('lending.collaterals', 'released_on', 'keep');

-- What ANALYZE samples stands in pg_statistic until the next one: nothing of a person shall.
ALTER TABLE lending.loans
ALTER COLUMN purpose SET STATISTICS 0,
ALTER COLUMN decision_reason SET STATISTICS 0;
ALTER TABLE lending.collaterals
ALTER COLUMN description SET STATISTICS 0;
