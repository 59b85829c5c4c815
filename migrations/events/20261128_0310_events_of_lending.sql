-- What lending says of loans, for the books.
-- depends: 20261128_0158_events_hr_restored

DO $do$
DECLARE
    v_amount CONSTANT jsonb := '{"type": "number", "minimum": 0, "multipleOf": 0.0001}';
    v_text CONSTANT jsonb := '{"type": ["string", "null"]}';
    v_method CONSTANT jsonb := '{"method": {"type": "string", "minLength": 1}}';
    v_receipt CONSTANT jsonb := v_method || jsonb_build_object('reference', v_text);
    v_charges CONSTANT text[] := ARRAY[
        'interest_charged', 'interest_cancelled', 'fees_charged', 'fees_cancelled',
        'penalties_charged', 'penalties_cancelled'
    ];
BEGIN
    INSERT INTO events.event_types (
        code, aggregate_type, description, payload_schema, identities
    )
    SELECT
        t.code,
        a.aggregate_type,
        t.description,
        jsonb_build_object(
            'type', 'object',
            'additionalProperties', false,
            'required', (
                SELECT jsonb_agg(k.name ORDER BY k.name)
                FROM jsonb_object_keys(c.properties) AS k (name)
            ),
            'properties', c.properties
        ),
        t.sums
    FROM (VALUES
        (
            'lending.loan_disbursed',
            'Money was lent: for the first time, or further to a loan.',
            v_method, '{}'::text[],
            '{"amount": ["paid_out", "fees_withheld"]}'::jsonb
        ),
        (
            'lending.disbursement_reversed',
            'A further disbursement did not happen after all.',
            v_method, '{}',
            '{"amount": ["paid_out", "fees_withheld"]}'
        ),
        (
            'lending.payment_received',
            'A borrower paid: to what it went.',
            v_receipt, '{}',
            '{"amount": ["principal", "interest", "fees", "penalties", "advance"]}'
        ),
        (
            'lending.payment_reversed',
            'A payment did not happen after all: what it had gone to is owed again.',
            v_receipt, '{}',
            '{"amount": ["principal", "interest", "fees", "penalties", "advance"]}'
        ),
        (
            'lending.payment_reallocated',
            'Money of a borrower goes to something else than was booked; moved equals amount.',
            '{}', '{}',
            '{
                "amount": ["from_principal", "from_interest", "from_fees", "from_penalties",
                    "from_advance"],
                "moved": ["to_principal", "to_interest", "to_fees", "to_penalties", "to_advance"]
            }'
        ),
        (
            'lending.loan_charged',
            'Interest accrued, fees and penalties were charged to a loan, or not after all.',
            '{}', v_charges, '{}'
        ),
        (
            'lending.product_charged',
            'The same of all loans of a product in one day.',
            '{}', v_charges, '{}'
        ),
        (
            'lending.balances_waived',
            'What was due of a loan need not be paid.',
            '{}', '{}',
            '{"amount": ["interest", "fees", "penalties"]}'
        ),
        (
            'lending.waiver_reversed',
            'What was waived is owed after all.',
            '{}', '{}',
            '{"amount": ["interest", "fees", "penalties"]}'
        ),
        (
            'lending.loan_written_off',
            'All that was owed of a loan was given up.',
            '{}', '{}',
            '{"amount": ["principal", "interest", "fees", "penalties"]}'
        ),
        (
            'lending.write_off_reversed',
            'What was given up is owed after all.',
            '{}', '{}',
            '{"amount": ["principal", "interest", "fees", "penalties"]}'
        ),
        (
            'lending.loan_recovered',
            'Money came in of a loan that had been written off.',
            v_method, '{amount}', '{}'
        ),
        (
            'lending.recovery_reversed',
            'Money of a written-off loan did not come in after all.',
            v_method, '{amount}', '{}'
        ),
        (
            'lending.overpayment_refunded',
            'A borrower got back what was paid too much.',
            v_method, '{amount}', '{}'
        ),
        (
            'lending.refund_reversed',
            'What was paid too much was not paid back after all.',
            v_method, '{amount}', '{}'
        ),
        (
            'lending.allowance_changed',
            'More or less is set aside for the expected loss of a loan.',
            '{}', '{raised, released}', '{}'
        ),
        (
            'lending.product_allowance_changed',
            'The same of all loans of a product in one day.',
            '{}', '{raised, released}', '{}'
        )
    ) AS t (code, description, properties, amounts, sums)
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN starts_with(t.code, 'lending.product_') THEN 'loan_product' ELSE 'loan'
            END AS aggregate_type,
            CASE
                WHEN starts_with(t.code, 'lending.product_')
                    THEN '{"loan_id": {"type": "null"}, "loan_no": {"type": "null"}}'::jsonb
                ELSE '{
                    "loan_id": {"type": "string", "format": "uuid"},
                    "loan_no": {"type": "string", "minLength": 1}
                }'
            END AS loan
    ) AS a
    CROSS JOIN LATERAL (
        SELECT
            '{
                "on": {"type": "string", "format": "date"},
                "product_code": {"type": "string", "minLength": 1},
                "currency_code": {"type": "string", "minLength": 3, "maxLength": 3}
            }'::jsonb
            || jsonb_build_object('branch_code', v_text)
            || a.loan
            || t.properties
            || (
                SELECT jsonb_object_agg(n.name, v_amount)
                FROM (
                    SELECT unnest(t.amounts) AS name
                    UNION
                    SELECT s.key FROM jsonb_each(t.sums) AS s
                    UNION
                    SELECT p.name
                    FROM jsonb_each(t.sums) AS s
                    CROSS JOIN LATERAL jsonb_array_elements_text(s.value) AS p (name)
                ) AS n
            ) AS properties
    ) AS c;

    INSERT INTO events.subscriptions (event_type, handler)
    SELECT
        t.code,
        'ledger.post_event'
    FROM events.event_types AS t
    WHERE starts_with(t.code, 'lending.');
END;
$do$;
