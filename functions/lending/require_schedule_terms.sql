-- Refuse terms that no schedule can be made of, saying which and what would do.
CREATE OR REPLACE FUNCTION lending.require_schedule_terms(
    p_principal numeric,
    p_annual_rate_percent numeric,
    p_instalments integer,
    p_disbursed_on date,
    p_first_due_on date,
    p_every integer,
    p_frequency text,
    p_method text,
    p_interest_calculation text,
    p_day_count text,
    p_grace_principal integer,
    p_grace_interest integer,
    p_interest_free integer,
    p_round_to numeric,
    p_scale integer,
    p_rounding text
)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name text;
    v_given text;
    v_hint text;
BEGIN
    SELECT
        t.name,
        t.given,
        t.hint
    INTO v_name, v_given, v_hint
    FROM (
        VALUES
        (
            1, 'p_scale', p_scale::text, p_scale BETWEEN 0 AND 4,
            'The decimals of the currency: from 0 to 4.'
        ),
        (
            2, 'p_principal', p_principal::text,
            p_principal > 0 AND p_principal < 1e16
            AND scale(trim_scale(p_principal)) <= p_scale,
            'More than zero, below 10^16, with no more decimals than p_scale.'
        ),
        (
            3, 'p_annual_rate_percent', p_annual_rate_percent::text,
            p_annual_rate_percent BETWEEN 0 AND 10000
            AND scale(trim_scale(p_annual_rate_percent)) <= 10,
            'From 0 to 10000 percent a year, with at most 10 decimals.'
        ),
        (
            4, 'p_instalments', p_instalments::text, p_instalments BETWEEN 1 AND 1200,
            'From 1 to 1200.'
        ),
        (
            5, 'p_disbursed_on', p_disbursed_on::text,
            p_disbursed_on BETWEEN '0001-01-01' AND '9999-12-31',
            'A day from 0001-01-01 to 9999-12-31.'
        ),
        (
            6, 'p_first_due_on', p_first_due_on::text,
            p_first_due_on IS NULL
            OR (p_first_due_on > p_disbursed_on AND p_first_due_on <= '9999-12-31'),
            'A day after p_disbursed_on, up to 9999-12-31; NULL: one interval after it.'
        ),
        (7, 'p_every', p_every::text, p_every BETWEEN 1 AND 1000, 'From 1 to 1000.'),
        (
            8, 'p_frequency', p_frequency,
            p_frequency = ANY (enum_range(NULL::lending.frequency)::text[]),
            'One of: ' || array_to_string(enum_range(NULL::lending.frequency), ', ') || '.'
        ),
        (
            9, 'p_method', p_method,
            p_method = ANY (enum_range(NULL::lending.interest_method)::text[]),
            'One of: ' || array_to_string(enum_range(NULL::lending.interest_method), ', ') || '.'
        ),
        (
            10, 'p_interest_calculation', p_interest_calculation,
            p_interest_calculation = ANY (enum_range(NULL::lending.interest_calculation)::text[]),
            'One of: ' || array_to_string(enum_range(NULL::lending.interest_calculation), ', ')
            || '.'
        ),
        (
            11, 'p_day_count', p_day_count,
            p_day_count = ANY (enum_range(NULL::lending.day_count)::text[]),
            'One of: ' || array_to_string(enum_range(NULL::lending.day_count), ', ') || '.'
        ),
        (
            12, 'p_rounding', p_rounding,
            p_rounding = ANY (enum_range(NULL::lending.rounding_mode)::text[]),
            'One of: ' || array_to_string(enum_range(NULL::lending.rounding_mode), ', ') || '.'
        ),
        (
            13, 'p_grace_principal', p_grace_principal::text,
            p_grace_principal >= 0 AND p_grace_principal < p_instalments,
            'Zero or more, and less than p_instalments: the last pays principal.'
        ),
        (
            14, 'p_grace_interest', p_grace_interest::text,
            p_grace_interest >= 0 AND p_grace_interest < p_instalments,
            'Zero or more, and less than p_instalments: a later one pays the interest.'
        ),
        (
            15, 'p_interest_free', p_interest_free::text,
            p_interest_free >= 0 AND p_interest_free < p_instalments,
            'Zero or more, and less than p_instalments; a loan without interest has rate 0.'
        ),
        (
            16, 'p_round_to', p_round_to::text,
            p_round_to IS NULL
            OR (
                p_round_to > 0 AND p_round_to < 1e16 AND scale(trim_scale(p_round_to)) <= p_scale
            ),
            'More than zero, with no more decimals than p_scale; NULL: the smallest unit.'
        )
    ) AS t (no, name, given, is_fit, hint)
    WHERE t.is_fit IS NOT true
    ORDER BY t.no
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no schedule can be made with this %', v_name
        USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Given: %s.', coalesce(v_given, 'NULL')),
            HINT = v_hint;
    END IF;
END;
$$;
COMMENT ON FUNCTION lending.require_schedule_terms(
    numeric, numeric, integer, date, date, integer, text, text, text, text, integer, integer,
    integer, numeric, integer, text
) IS
'Raises 22023, with the argument in its message and what would do as its hint, unless the '
'arguments are as lending.preview_payment_schedule wants them, which may yet find that p_round_to '
'is too large. Internal.';
