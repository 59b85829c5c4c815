-- What happened to a loan while another system kept it.
CREATE OR REPLACE FUNCTION lending.import_transactions(
    p_loan_id uuid,
    p_transactions jsonb,
    p_through date DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_loan lending.loans;
    v_open_from date;
    v_first_on date;
    v_given record;
    v_made lending.transactions;
    v_count integer := 0;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'lending.import');
    v_loan := lending.lock_loan(p_tenant_id, p_loan_id);
    PERFORM lending.require_status(
        v_loan, '{approved, active, restructured, defaulted, overpaid, closed}'
    );
    SELECT s.books_open_from INTO v_open_from
    FROM lending.settings AS s
    WHERE s.tenant_id = p_tenant_id AND s.business_id = v_loan.business_id;
    v_first_on := v_loan.disbursed_on;
    FOR v_given IN
        SELECT
            t.*,
            i.item,
            t.kind = 'disbursement' AS pays_out
        FROM jsonb_array_elements(p_transactions) WITH ORDINALITY AS i (item, place)
        CROSS JOIN LATERAL jsonb_to_record(i.item) AS t (
            key text, kind text, effective_on date, amount numeric, method text, reference text,
            fees_withheld numeric, prepayment text
        )
        -- Money is lent before it is paid back.
        ORDER BY t.effective_on, t.kind = 'disbursement' DESC, i.place
    LOOP
        PERFORM core.require_known(v_given.item, ARRAY[
            'key', 'kind', 'effective_on', 'amount', 'method', 'reference', 'fees_withheld',
            'prepayment'
        ]);
        IF v_given.key IS NULL
            OR v_given.effective_on IS NULL
            OR v_given.method IS NULL
            OR (v_given.kind IN ('disbursement', 'payment')) IS NOT true
        THEN
            RAISE EXCEPTION 'a transaction of loan % cannot be imported', v_loan.loan_no
            USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('It is %s.', v_given.item),
                HINT = 'It has key, kind (disbursement or payment), effective_on, amount, method.';
        END IF;
        v_made := NULL;
        v_made.id := core.uuid_v7();
        CONTINUE WHEN v_made.id <> lending.claim_request(
            p_tenant_id,
            v_given.key,
            jsonb_build_array(
                'import', p_loan_id, v_given.kind, v_given.effective_on,
                trim_scale(v_given.amount), v_given.method, v_given.reference,
                trim_scale(v_given.fees_withheld), v_given.prepayment
            ),
            v_made.id
        );
        IF v_given.pays_out THEN
            v_first_on := coalesce(v_first_on, v_given.effective_on);
        END IF;
        IF (v_given.effective_on >= v_first_on) IS NOT true
            OR (v_given.pays_out AND v_loan.disbursed_on IS NOT NULL)
        THEN
            RAISE EXCEPTION 'the transactions of loan % do not follow each other', v_loan.loan_no
            USING ERRCODE = 'ZO060',
                DETAIL = format(
                    '%s is a %s on %s; the loan is paid out %s.', v_given.key, v_given.kind,
                    v_given.effective_on, coalesce('on ' || v_first_on::text, 'on no day')
                ),
                HINT = 'A loan is paid out once, and paid back on that day or later.';
        END IF;
        PERFORM lending.require_amount(
            v_loan, v_given.amount, CASE WHEN v_given.pays_out THEN v_loan.principal END,
            'What may be lent'
        );
        v_made.kind := v_given.kind::lending.transaction_kind;
        v_made.effective_on := v_given.effective_on;
        v_made.amount := v_given.amount;
        v_made.reference := v_given.reference;
        v_made.description := 'Imported: ' || v_given.method;
        -- The cash of days before the books is in their opening balances.
        v_made.method := CASE
            WHEN v_given.effective_on < v_open_from THEN 'opening' ELSE v_given.method
        END;
        IF v_given.pays_out THEN
            v_made.fees_withheld := coalesce(
                v_given.fees_withheld,
                lending.disbursement_fees(v_loan, v_given.amount, true)
            );
        ELSE
            v_made.prepayment := coalesce(
                v_given.prepayment::lending.prepayment, v_loan.prepayment
            );
        END IF;
        PERFORM lending.add_transaction(v_loan, v_made);
        v_count := v_count + 1;
        IF v_given.pays_out THEN
            -- A loan is active before it is anything else.
            PERFORM lending.restate(p_tenant_id, p_loan_id);
        END IF;
    END LOOP;
    IF v_count > 0 THEN
        PERFORM lending.restate(p_tenant_id, p_loan_id, p_through);
    END IF;
    RETURN v_count;
END;
$$;
COMMENT ON FUNCTION lending.import_transactions(uuid, jsonb, date, integer) IS
'Records what happened to an approved loan while another system kept it: its disbursement and '
'payments, all at once. p_transactions: [{"key": "…", "kind": "disbursement", "effective_on": '
'"2025-03-04", "amount": 1000, "method": "cash", "reference": "…", "fees_withheld": 15}, '
'{"key": "…", "kind": "payment", …, "prepayment": "advance"}]; left out: reference, fees_withheld '
'(what fees at disbursement come to), prepayment (that of the loan). One whose key was imported '
'before is left alone. What is of days before lending.settings.books_open_from is booked on that '
'day, by the method opening: the books have that money in their opening balances. p_through: the '
'day through which the loan is counted at least. Returns how many are new. Needs lending.import. '
'Raises ZI001 to ZI004, ZI009 to ZI011 (token, permission), ZO010 (no such loan), ZO031 (neither '
'approved nor paid out and owed), ZO038 (more than was approved), ZO040 (the key is that of '
'something else), ZO060 (before the loan is paid out, or paid out again), 22023 (amount, or what '
'is missing or unknown), 22007, 22008, 22P02, 23514 (malformed).';
