-- Put movements of a loan on record, and tell the books.
CREATE OR REPLACE FUNCTION lending.book_movements(
    p_loan lending.loans,
    p_moves lending.movements[]
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_base jsonb;
    v_told record;
    v_event_id uuid;
BEGIN
    SELECT jsonb_build_object(
        'loan_id', p_loan.id,
        'loan_no', p_loan.loan_no,
        'product_code', p.code,
        'branch_code', b.code,
        'currency_code', p_loan.currency_code
    )
    INTO STRICT v_base
    FROM lending.products AS p
    LEFT JOIN lending.branches AS b
        ON b.tenant_id = p_loan.tenant_id AND b.id = p_loan.branch_id
    WHERE p.tenant_id = p_loan.tenant_id AND p.id = p_loan.product_id;
    FOR v_told IN
        -- What only goes to something else is told once a day, with what it comes to.
        SELECT
            s.ids,
            e.event_type,
            e.amounts || jsonb_build_object('on', s.booked_on) || CASE
                WHEN e.event_type IN ('lending.payment_received', 'lending.payment_reversed')
                    THEN jsonb_build_object('method', t.method, 'reference', t.reference)
                WHEN t.method IS NOT NULL AND e.event_type <> 'lending.payment_reallocated'
                    THEN jsonb_build_object('method', t.method)
                ELSE '{}'
            END AS payload
        FROM (
            SELECT
                array_agg(m.id) AS ids,
                min(m.booked_on) AS booked_on,
                min(m.kind) AS kind,
                min(m.transaction_id::text)::uuid AS transaction_id,
                sum(m.cash) AS cash,
                sum(m.principal) AS principal,
                sum(m.interest) AS interest,
                sum(m.fees) AS fees,
                sum(m.penalties) AS penalties,
                sum(m.advance) AS advance,
                sum(m.allowance) AS allowance,
                min(m.no) AS no
            FROM unnest(p_moves) WITH ORDINALITY AS m (
                tenant_id, id, business_id, loan_id, kind, transaction_id, effective_on,
                booked_on, cash, principal, interest, fees, penalties, advance, allowance,
                event_id, no
            )
            GROUP BY
                m.booked_on,
                CASE WHEN m.kind IN ('payment', 'advance') AND m.cash = 0 THEN 0 ELSE m.no END
        ) AS s
        CROSS JOIN LATERAL lending.movement_event(
            ROW(
                p_loan.tenant_id, NULL, p_loan.business_id, p_loan.id, s.kind, NULL, NULL, NULL,
                s.cash, s.principal, s.interest, s.fees, s.penalties, s.advance, s.allowance, NULL
            )::lending.movements
        ) AS e
        LEFT JOIN lending.transactions AS t
            ON t.tenant_id = p_loan.tenant_id AND t.id = s.transaction_id
        ORDER BY s.booked_on, s.no
    LOOP
        v_event_id := events.emit(
            p_loan.tenant_id, v_told.event_type, p_loan.id::text, v_base || v_told.payload,
            p_loan.business_id
        );
        INSERT INTO lending.movements (
            tenant_id, id, business_id, loan_id, kind, transaction_id, effective_on, booked_on,
            cash, principal, interest, fees, penalties, advance, allowance, event_id
        )
        SELECT
            m.tenant_id,
            m.id,
            m.business_id,
            m.loan_id,
            m.kind,
            m.transaction_id,
            m.effective_on,
            m.booked_on,
            m.cash,
            m.principal,
            m.interest,
            m.fees,
            m.penalties,
            m.advance,
            m.allowance,
            v_event_id
        FROM unnest(p_moves) AS m
        WHERE m.id = ANY (v_told.ids);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION lending.book_movements(lending.loans, lending.movements[]) IS
'Inserts movements of a loan, whose ids and booked_on are set, and emits what '
'lending.movement_event has for each; for those of one day by which payments go to something '
'else, one event with their sum. Internal. Raises what events.emit and the handlers raise.';
