-- What an event of lending tells of what is owed.
CREATE OR REPLACE FUNCTION lending.effect_of_event(p_event_type text, p_payload jsonb)
RETURNS TABLE (
    cash numeric,
    principal numeric,
    interest numeric,
    fees numeric,
    penalties numeric,
    advance numeric,
    allowance numeric
)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        coalesce(f.sign * CASE
            WHEN f.pays_out THEN -coalesce(p.paid_out, p.amount)
            WHEN p_payload ? 'method' THEN p.amount
        END, 0),
        coalesce(
            f.sign * CASE WHEN p.paid_out IS NULL THEN -p.principal ELSE p.amount END,
            p.from_principal - p.to_principal,
            0
        ),
        coalesce(
            -f.sign * p.interest,
            p.from_interest - p.to_interest,
            p.interest_charged - p.interest_cancelled,
            0
        ),
        coalesce(
            -f.sign * p.fees, p.from_fees - p.to_fees, p.fees_charged - p.fees_cancelled, 0
        ),
        coalesce(
            -f.sign * p.penalties,
            p.from_penalties - p.to_penalties,
            p.penalties_charged - p.penalties_cancelled,
            0
        ),
        coalesce(
            f.sign * p.advance,
            CASE WHEN f.pays_out AND p.paid_out IS NULL THEN -f.sign * p.amount END,
            p.to_advance - p.from_advance,
            0
        ),
        coalesce(p.raised - p.released, 0)
    FROM jsonb_to_record(p_payload) AS p (
        amount numeric, paid_out numeric, principal numeric, interest numeric, fees numeric,
        penalties numeric, advance numeric, interest_charged numeric, interest_cancelled numeric,
        fees_charged numeric, fees_cancelled numeric, penalties_charged numeric,
        penalties_cancelled numeric, from_principal numeric, from_interest numeric,
        from_fees numeric, from_penalties numeric, from_advance numeric, to_principal numeric,
        to_interest numeric, to_fees numeric, to_penalties numeric, to_advance numeric,
        raised numeric, released numeric
    )
    CROSS JOIN (
        SELECT
            CASE WHEN right(p_event_type, 9) = '_reversed' THEN -1 ELSE 1 END AS sign,
            p_event_type IN (
                'lending.loan_disbursed', 'lending.disbursement_reversed',
                'lending.overpayment_refunded', 'lending.refund_reversed'
            ) AS pays_out
    ) AS f;
$$;
COMMENT ON FUNCTION lending.effect_of_event(text, jsonb) IS
'What an event of this type and payload says that it did, as columns of lending.movements: what '
'the movements with its id must come to. Internal: for sql/checks.';
