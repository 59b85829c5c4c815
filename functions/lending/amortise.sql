-- Spread principal over instalments whose periods are known.
CREATE OR REPLACE FUNCTION lending.amortise(
    p_principal numeric,
    p_annual_rate_percent numeric,
    p_parts bigint[],
    p_run numeric,
    p_method text,
    p_grace_principal integer,
    p_grace_interest integer,
    p_round_to numeric,
    p_scale integer,
    p_rounding text,
    p_is_lenient boolean DEFAULT false
)
RETURNS TABLE (
    instalment_no integer,
    principal numeric,
    interest numeric,
    amount numeric,
    balance numeric
)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_instalments integer := cardinality(p_parts);
    v_minor numeric := ('1e-' || p_scale)::numeric;
    v_unit numeric := coalesce(p_round_to, v_minor);
    v_bearing numeric := p_principal * p_annual_rate_percent;
    v_annuity numeric := 0;
    v_level numeric;
    v_flat_left numeric;
    v_accrued numeric;
    v_carried numeric := 0;
    v_payable numeric;
    v_wanted numeric;
BEGIN
    IF p_method = 'declining_equal_instalments' THEN
        -- The annuity factor from its end: 1/(1+r1) + 1/(1+r1)(1+r2) + …
        FOR v_no IN REVERSE v_instalments..p_grace_principal + 1 LOOP
            v_annuity := ((1 + v_annuity) * p_run)::numeric(100, 40)
                / (p_run + p_annual_rate_percent * p_parts[v_no]);
        END LOOP;
        -- Twenty decimals have every true half in them, and none of the error.
        v_wanted := round(p_principal::numeric(100, 40) / v_annuity, 20);
        v_level := lending.round_quotient(v_wanted, 1, v_unit, p_rounding);
    ELSE
        v_wanted := round(
            p_principal::numeric(100, 40) / (v_instalments - p_grace_principal)
            + v_bearing::numeric(100, 40) * p_parts[p_grace_principal + 1] / p_run, 20
        );
        v_level := lending.round_quotient(
            p_principal, v_instalments - p_grace_principal, v_minor, p_rounding
        );
    END IF;
    IF p_round_to > v_minor AND p_grace_principal + 1 < v_instalments THEN
        IF lending.round_quotient(v_wanted, 1, v_unit, p_rounding) = 0 THEN
            IF p_is_lenient THEN
                RETURN QUERY
                SELECT a.*
                FROM lending.amortise(
                    p_principal, p_annual_rate_percent, p_parts, p_run, p_method,
                    p_grace_principal, p_grace_interest, NULL, p_scale, p_rounding
                ) AS a;
                RETURN;
            END IF;
            RAISE EXCEPTION 'instalments of these terms would be rounded to nothing'
            USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format(
                    'An instalment is %s before it is rounded to a multiple of %s.',
                    round(v_wanted, p_scale), p_round_to
                ),
                HINT = 'Round to a smaller multiple, or have fewer instalments.';
        ELSIF p_method = 'declining_equal_instalments' THEN
            -- More than the interest of the first that pays principal: nothing would be paid back.
            v_level := greatest(
                v_level,
                v_unit * (
                    div(v_bearing * p_parts[p_grace_principal + 1], p_run * v_unit) + 1
                )
            );
        END IF;
    END IF;
    v_flat_left := lending.round_quotient(
        v_bearing * (SELECT sum(r.part) FROM unnest(p_parts) AS r (part)), p_run, v_minor,
        p_rounding
    );
    balance := round(p_principal, p_scale);
    FOR v_no IN 1..v_instalments LOOP
        IF p_method <> 'flat' THEN
            v_accrued := lending.round_quotient(
                balance * p_annual_rate_percent * p_parts[v_no], p_run, v_minor, p_rounding
            );
        ELSIF v_no = v_instalments THEN
            v_accrued := v_flat_left;
        ELSE
            v_accrued := least(
                lending.round_quotient(v_bearing * p_parts[v_no], p_run, v_minor, p_rounding),
                v_flat_left
            );
            v_flat_left := v_flat_left - v_accrued;
        END IF;
        v_carried := v_carried + v_accrued;
        IF v_no = v_instalments THEN
            interest := v_carried;
            amount := balance + interest;
        ELSE
            v_payable := CASE WHEN v_no <= p_grace_interest THEN 0 ELSE v_carried END;
            v_wanted := CASE
                WHEN v_no <= p_grace_principal THEN 0
                WHEN p_method = 'declining_equal_instalments'
                    THEN least(greatest(v_level - v_accrued, 0), balance)
                ELSE least(v_level, balance)
            END;
            amount := lending.round_quotient(v_wanted + v_payable, 1, v_unit, p_rounding);
            IF v_wanted > 0 AND amount <= v_payable THEN
                amount := v_unit * (div(v_payable, v_unit) + 1);
            END IF;
            -- Never more than is owed, in grace of principal never more than the interest.
            amount := least(amount, v_unit * div(
                v_payable + CASE WHEN v_no <= p_grace_principal THEN 0 ELSE balance END, v_unit
            ));
            interest := least(v_payable, amount);
        END IF;
        instalment_no := v_no;
        amount := round(amount, p_scale);
        interest := round(interest, p_scale);
        principal := amount - interest;
        v_carried := v_carried - interest;
        balance := balance - principal;
        RETURN NEXT;
    END LOOP;
END;
$$;
COMMENT ON FUNCTION lending.amortise(
    numeric, numeric, bigint[], numeric, text, integer, integer, numeric, integer, text, boolean
) IS
'The instalments of lending.preview_payment_schedule, whose arguments these are: as many as '
'p_parts, of which each, over p_run, is the part of the annual rate that the period bears (0: '
'none). p_is_lenient: where instalments would be rounded to nothing, they are not rounded to '
'p_round_to; otherwise that raises 22023. Internal.';
