-- What the books are told of a movement.
CREATE OR REPLACE FUNCTION lending.movement_event(p_move lending.movements)
RETURNS TABLE (event_type text, amounts jsonb)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        CASE p_move.kind
            WHEN 'charge' THEN 'lending.loan_charged'
            WHEN 'allowance' THEN 'lending.allowance_changed'
            WHEN 'disbursement' THEN CASE
                WHEN p_move.principal > 0 THEN 'lending.loan_disbursed'
                ELSE 'lending.disbursement_reversed'
            END
            WHEN 'waiver' THEN CASE
                WHEN p_move.interest + p_move.fees + p_move.penalties < 0
                    THEN 'lending.balances_waived'
                ELSE 'lending.waiver_reversed'
            END
            WHEN 'write_off' THEN CASE
                WHEN p_move.principal + p_move.interest + p_move.fees + p_move.penalties < 0
                    THEN 'lending.loan_written_off'
                ELSE 'lending.write_off_reversed'
            END
            WHEN 'recovery' THEN CASE
                WHEN p_move.cash > 0 THEN 'lending.loan_recovered'
                ELSE 'lending.recovery_reversed'
            END
            WHEN 'refund' THEN CASE
                WHEN p_move.cash < 0 THEN 'lending.overpayment_refunded'
                ELSE 'lending.refund_reversed'
            END
            -- A payment, or what was kept of one.
            ELSE CASE
                WHEN p_move.cash > 0 THEN 'lending.payment_received'
                WHEN p_move.cash < 0 THEN 'lending.payment_reversed'
                ELSE 'lending.payment_reallocated'
            END
        END,
        CASE
            WHEN p_move.kind = 'charge' THEN jsonb_build_object(
                'interest_charged', greatest(p_move.interest, 0),
                'interest_cancelled', greatest(-p_move.interest, 0),
                'fees_charged', greatest(p_move.fees, 0),
                'fees_cancelled', greatest(-p_move.fees, 0),
                'penalties_charged', greatest(p_move.penalties, 0),
                'penalties_cancelled', greatest(-p_move.penalties, 0)
            )
            WHEN p_move.kind = 'allowance' THEN jsonb_build_object(
                'raised', greatest(p_move.allowance, 0), 'released', greatest(-p_move.allowance, 0)
            )
            WHEN p_move.kind = 'disbursement' THEN jsonb_build_object(
                'amount', abs(p_move.principal),
                'paid_out', abs(p_move.cash),
                'fees_withheld', abs(p_move.principal + p_move.cash)
            )
            WHEN p_move.kind = 'waiver' THEN jsonb_build_object(
                'amount', abs(p_move.interest + p_move.fees + p_move.penalties),
                'interest', abs(p_move.interest),
                'fees', abs(p_move.fees),
                'penalties', abs(p_move.penalties)
            )
            WHEN p_move.kind = 'write_off' THEN jsonb_build_object(
                'amount',
                abs(p_move.principal + p_move.interest + p_move.fees + p_move.penalties),
                'principal', abs(p_move.principal),
                'interest', abs(p_move.interest),
                'fees', abs(p_move.fees),
                'penalties', abs(p_move.penalties)
            )
            WHEN p_move.kind IN ('recovery', 'refund')
                THEN jsonb_build_object('amount', abs(p_move.cash))
            WHEN p_move.cash <> 0 THEN jsonb_build_object(
                'amount', abs(p_move.cash),
                'principal', abs(p_move.principal),
                'interest', abs(p_move.interest),
                'fees', abs(p_move.fees),
                'penalties', abs(p_move.penalties),
                'advance', abs(p_move.advance)
            )
            ELSE jsonb_build_object(
                'from_principal', greatest(p_move.principal, 0),
                'from_interest', greatest(p_move.interest, 0),
                'from_fees', greatest(p_move.fees, 0),
                'from_penalties', greatest(p_move.penalties, 0),
                'from_advance', greatest(-p_move.advance, 0),
                'to_principal', greatest(-p_move.principal, 0),
                'to_interest', greatest(-p_move.interest, 0),
                'to_fees', greatest(-p_move.fees, 0),
                'to_penalties', greatest(-p_move.penalties, 0),
                'to_advance', greatest(p_move.advance, 0),
                'amount', greatest(p_move.principal, 0) + greatest(p_move.interest, 0)
                + greatest(p_move.fees, 0) + greatest(p_move.penalties, 0)
                + greatest(-p_move.advance, 0),
                'moved', greatest(-p_move.principal, 0) + greatest(-p_move.interest, 0)
                + greatest(-p_move.fees, 0) + greatest(-p_move.penalties, 0)
                + greatest(p_move.advance, 0)
            )
        END;
$$;
COMMENT ON FUNCTION lending.movement_event(lending.movements) IS
'The type of event that tells of a movement, or of a sum of movements of one kind, and the amounts '
'in its payload: as charged and cancelled, raised and released, from and to. Of charges and '
'allowances of many loans take the amounts for lending.product_charged and '
'lending.product_allowance_changed. Internal.';
