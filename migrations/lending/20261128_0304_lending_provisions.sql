-- What is set aside for loans that may not be repaid, by how late they are.
-- depends: 20261128_0303_lending_schedules

CREATE TABLE lending.provision_rates (
    tenant_id integer NOT NULL,
    business_id integer NOT NULL,
    min_days_past_due integer NOT NULL,
    rate_percent lending.percent NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT provision_rates_pkey PRIMARY KEY (tenant_id, business_id, min_days_past_due),
    CONSTRAINT provision_rates_min_days_past_due_check
    CHECK (min_days_past_due BETWEEN 0 AND 36600),
    CONSTRAINT provision_rates_rate_percent_check CHECK (rate_percent <= 100),
    CONSTRAINT provision_rates_business_fkey FOREIGN KEY (tenant_id, business_id)
    REFERENCES identity.businesses (tenant_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE lending.provision_rates IS
'The part of a loan''s outstanding principal that a business sets aside, by how late the loan is: '
'the row with the highest min_days_past_due up to its days past due. No row: nothing.';
COMMENT ON COLUMN lending.provision_rates.min_days_past_due IS
'From so many days past due on, until the next row.';
COMMENT ON COLUMN lending.provision_rates.rate_percent IS 'Percent of outstanding principal.';
