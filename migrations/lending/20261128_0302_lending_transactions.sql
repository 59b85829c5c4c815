-- What happens to loans, and what that does to what is owed, as it is booked.
-- depends: 20261128_0301_lending_loans

CREATE TYPE lending.transaction_kind AS ENUM (
    'disbursement', 'payment', 'fee', 'waiver', 'write_off', 'recovery', 'refund', 'reschedule',
    'rate_change', 'extension'
);
COMMENT ON TYPE lending.transaction_kind IS
'disbursement: money was lent, the first time or further; payment: of the borrower; fee: charged '
'by hand; waiver: of fees, interest or penalties that were due; write_off: what was owed is given '
'up; recovery: money that came after that; refund: of what was overpaid; reschedule: all that is '
'owed is spread anew; rate_change: another rate from then on; extension: more instalments.';

CREATE TYPE lending.movement_kind AS ENUM (
    'disbursement', 'charge', 'payment', 'advance', 'waiver', 'write_off', 'recovery', 'refund',
    'allowance'
);
COMMENT ON TYPE lending.movement_kind IS
'charge: interest accrued, fees and penalties charged; advance: what was kept went to what fell '
'due; allowance: for expected loss; the others: what a lending.transaction_kind did.';

CREATE TABLE lending.transactions (
    tenant_id integer NOT NULL,
    id uuid NOT NULL,
    business_id integer NOT NULL,
    loan_id uuid NOT NULL,
    place core.place NOT NULL,
    kind lending.transaction_kind NOT NULL,
    effective_on core.finite_date NOT NULL,
    amount lending.positive_amount,
    fees_withheld core.turnover,
    method core.code,
    reference core.reference,
    due_kind lending.due_kind,
    prepayment lending.prepayment,
    annual_rate_percent lending.percent,
    instalments smallint,
    first_due_on core.finite_date,
    description core.note,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT transactions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT transactions_amount_check CHECK (
        (amount IS NULL) = (kind IN ('write_off', 'reschedule', 'rate_change', 'extension'))
    ),
    CONSTRAINT transactions_fees_withheld_check CHECK (
        CASE
            WHEN kind = 'disbursement' THEN fees_withheld <= amount
            ELSE fees_withheld IS NULL
        END IS true
    ),
    CONSTRAINT transactions_method_check CHECK (
        (method IS NOT NULL) = (kind IN ('disbursement', 'payment', 'recovery', 'refund'))
    ),
    CONSTRAINT transactions_due_kind_check CHECK (
        CASE WHEN kind = 'waiver' THEN due_kind <> 'principal' ELSE due_kind IS NULL END IS true
    ),
    CONSTRAINT transactions_prepayment_check CHECK ((prepayment IS NOT NULL) = (kind = 'payment')),
    CONSTRAINT transactions_rate_check CHECK (
        CASE kind
            WHEN 'rate_change' THEN annual_rate_percent IS NOT NULL
            WHEN 'reschedule' THEN true
            ELSE annual_rate_percent IS NULL
        END
    ),
    CONSTRAINT transactions_instalments_check CHECK (
        CASE
            WHEN kind IN ('reschedule', 'extension') THEN instalments BETWEEN 1 AND 1200
            ELSE instalments IS NULL
        END IS true
    ),
    CONSTRAINT transactions_first_due_on_check CHECK (
        first_due_on IS NULL OR (kind = 'reschedule' AND first_due_on > effective_on)
    ),
    CONSTRAINT transactions_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
) PARTITION BY RANGE (id);
CREATE INDEX transactions_loan_idx
ON lending.transactions (tenant_id, business_id, loan_id, place);
CREATE INDEX transactions_effective_on_idx
ON lending.transactions (tenant_id, business_id, effective_on, kind);
COMMENT ON TABLE lending.transactions IS
'What happened to loans: facts, from which everything else follows (lending.replay). Append-only; '
'what is wrong is in lending.reversals.';
COMMENT ON COLUMN lending.transactions.id IS
'uuid version 7: its time decides the yearly partition.';
COMMENT ON COLUMN lending.transactions.place IS
'Numbers those of a loan in the order in which they were recorded, from 1; on one day it is the '
'order in which they happened.';
COMMENT ON COLUMN lending.transactions.kind IS 'What happened.';
COMMENT ON COLUMN lending.transactions.effective_on IS
'The day on which it happened, which may be long before it was recorded.';
COMMENT ON COLUMN lending.transactions.amount IS
'Money, in the currency of the loan; of a waiver the most that is waived; NULL: there is none.';
COMMENT ON COLUMN lending.transactions.fees_withheld IS
'Of a disbursement: the part of amount that was kept for fees; the rest was paid out.';
COMMENT ON COLUMN lending.transactions.method IS
'How money went: cash, bank, mpesa, or what posting rules know.';
COMMENT ON COLUMN lending.transactions.reference IS
'What it is called elsewhere: a receipt number.';
COMMENT ON COLUMN lending.transactions.due_kind IS 'Of a waiver: what is waived.';
COMMENT ON COLUMN lending.transactions.prepayment IS
'Of a payment: what becomes of what is beyond what is due.';
COMMENT ON COLUMN lending.transactions.annual_rate_percent IS
'Of changes of terms: percent a year from then on; NULL: as before.';
COMMENT ON COLUMN lending.transactions.instalments IS
'Of a reschedule: how many from then on; of an extension: how many more.';
COMMENT ON COLUMN lending.transactions.first_due_on IS
'Of a reschedule: when the first is due; NULL: one interval later.';
COMMENT ON COLUMN lending.transactions.description IS 'What it was, or why.';

CREATE TABLE lending.reversals (
    tenant_id integer NOT NULL,
    transaction_id uuid NOT NULL,
    business_id integer NOT NULL,
    loan_id uuid NOT NULL,
    reversed_on core.finite_date NOT NULL,
    reason core.reason NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_modified_at timestamptz NOT NULL,
    last_modified_by text NOT NULL,
    CONSTRAINT reversals_pkey PRIMARY KEY (tenant_id, transaction_id),
    CONSTRAINT reversals_transaction_fkey FOREIGN KEY (tenant_id, transaction_id)
    REFERENCES lending.transactions (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT reversals_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
);
CREATE INDEX reversals_loan_idx ON lending.reversals (tenant_id, business_id, loan_id);
COMMENT ON TABLE lending.reversals IS
'Transactions that did not happen after all: the loan is as if they never had. Append-only.';
COMMENT ON COLUMN lending.reversals.transaction_id IS 'What did not happen.';
COMMENT ON COLUMN lending.reversals.reversed_on IS 'The day on which that is booked.';
COMMENT ON COLUMN lending.reversals.reason IS 'Why.';

CREATE TABLE lending.idempotency_keys (
    tenant_id integer NOT NULL,
    idempotency_key core.code NOT NULL,
    transaction_id uuid NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, idempotency_key),
    CONSTRAINT idempotency_keys_request_hash_check CHECK (length(request_hash) = 32),
    CONSTRAINT idempotency_keys_transaction_fkey FOREIGN KEY (tenant_id, transaction_id)
    REFERENCES lending.transactions (tenant_id, id) ON DELETE RESTRICT
    DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX idempotency_keys_transaction_idx
ON lending.idempotency_keys (tenant_id, transaction_id);
COMMENT ON TABLE lending.idempotency_keys IS
'Which request made which transaction, so that a request sent twice is carried out once.';
COMMENT ON COLUMN lending.idempotency_keys.idempotency_key IS
'Chosen by the caller, unique within the tenant.';
COMMENT ON COLUMN lending.idempotency_keys.transaction_id IS 'What it made.';
COMMENT ON COLUMN lending.idempotency_keys.request_hash IS
'SHA-256 of the request as canonical jsonb text: another request under the same key is refused.';

CREATE TABLE lending.movements (
    tenant_id integer NOT NULL,
    id uuid NOT NULL,
    business_id integer NOT NULL,
    loan_id uuid NOT NULL,
    kind lending.movement_kind NOT NULL,
    transaction_id uuid,
    effective_on core.finite_date NOT NULL,
    booked_on core.finite_date NOT NULL,
    cash core.amount NOT NULL DEFAULT 0,
    principal core.amount NOT NULL DEFAULT 0,
    interest core.amount NOT NULL DEFAULT 0,
    fees core.amount NOT NULL DEFAULT 0,
    penalties core.amount NOT NULL DEFAULT 0,
    advance core.amount NOT NULL DEFAULT 0,
    allowance core.amount NOT NULL DEFAULT 0,
    event_id uuid NOT NULL,
    CONSTRAINT movements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT movements_transaction_check CHECK (
        (transaction_id IS NULL) = (kind IN ('charge', 'advance', 'allowance'))
    ),
    CONSTRAINT movements_allowance_check CHECK (
        CASE kind
            WHEN 'allowance'
                THEN (cash, principal, interest, fees, penalties, advance) = (0, 0, 0, 0, 0, 0)
            ELSE allowance = 0
        END
    ),
    CONSTRAINT movements_sum_check CHECK (
        CASE kind
            WHEN 'charge' THEN (cash, principal, advance) = (0, 0, 0)
            WHEN 'disbursement' THEN (interest, fees, penalties, advance) = (0, 0, 0, 0)
            WHEN 'waiver' THEN (cash, principal, advance) = (0, 0, 0)
            WHEN 'write_off' THEN (cash, advance) = (0, 0)
            WHEN 'recovery'
                THEN (principal, interest, fees, penalties, advance) = (0, 0, 0, 0, 0)
            ELSE cash = advance - principal - interest - fees - penalties
        END
    ),
    CONSTRAINT movements_loan_fkey FOREIGN KEY (tenant_id, business_id, loan_id)
    REFERENCES lending.loans (tenant_id, business_id, id) ON DELETE RESTRICT
) PARTITION BY RANGE (id);
CREATE INDEX movements_loan_idx
ON lending.movements (tenant_id, business_id, loan_id, effective_on);
CREATE INDEX movements_booked_on_idx ON lending.movements (tenant_id, business_id, booked_on);
COMMENT ON TABLE lending.movements IS
'What transactions and time did to the balances of loans, as it was booked: the subsidiary ledger. '
'Append-only. What turns out to be otherwise, since something earlier was recorded or reversed, is '
'made up for by a further row with the same loan, kind, transaction and effective_on: the sum of '
'such rows is what is true. Each row has its event, by which the ledger posted it.';
COMMENT ON COLUMN lending.movements.id IS
'uuid version 7: its time decides the yearly partition.';
COMMENT ON COLUMN lending.movements.kind IS 'What it is.';
COMMENT ON COLUMN lending.movements.transaction_id IS
'Of which transaction (lending.transactions); NULL: of none, it follows from time.';
COMMENT ON COLUMN lending.movements.effective_on IS
'The day since which it is so; of charges the day through which they were counted.';
COMMENT ON COLUMN lending.movements.booked_on IS 'The day on which the books have it.';
COMMENT ON COLUMN lending.movements.cash IS 'Money that came in; negative: that went out.';
COMMENT ON COLUMN lending.movements.principal IS 'What more of it is owed; negative: less.';
COMMENT ON COLUMN lending.movements.interest IS 'What more is owed; negative: less.';
COMMENT ON COLUMN lending.movements.fees IS 'What more is owed; negative: less.';
COMMENT ON COLUMN lending.movements.penalties IS 'What more is owed; negative: less.';
COMMENT ON COLUMN lending.movements.advance IS
'What more is kept for the borrower; negative: less.';
COMMENT ON COLUMN lending.movements.allowance IS
'What more is set aside for expected loss; negative: less.';
COMMENT ON COLUMN lending.movements.event_id IS
'The event that told of it, alone or with others (events.event_store).';

-- One partition a year, by the time in the key; the default one catches the rest.
DO $do$
DECLARE
    v_table text;
    v_year integer;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['transactions', 'movements'] LOOP
        FOR v_year IN 2026..2028 LOOP
            EXECUTE format(
                'CREATE TABLE lending.%I PARTITION OF lending.%I FOR VALUES FROM (%L) TO (%L)',
                v_table || '_' || v_year, v_table,
                core.uuid_v7_floor(make_timestamptz(v_year, 1, 1, 0, 0, 0, 'UTC')),
                core.uuid_v7_floor(make_timestamptz(v_year + 1, 1, 1, 0, 0, 0, 'UTC'))
            );
            EXECUTE format(
                'COMMENT ON TABLE lending.%I IS %L', v_table || '_' || v_year,
                format('Rows of lending.%s whose key was made in %s (UTC).', v_table, v_year)
            );
        END LOOP;
        EXECUTE format(
            'CREATE TABLE lending.%I PARTITION OF lending.%I DEFAULT',
            v_table || '_default', v_table
        );
        EXECUTE format(
            'COMMENT ON TABLE lending.%I IS %L', v_table || '_default',
            format('Rows of lending.%s whose key lies in no year that has a partition.', v_table)
        );
    END LOOP;
END;
$do$;
