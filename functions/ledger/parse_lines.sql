-- Resolve the lines of requests and find the first problem of each: the one place that knows what
-- a line may say.
CREATE OR REPLACE FUNCTION ledger.parse_lines(
    p_tenant_id integer,
    p_entries ledger.parsed_entry[],
    p_lines jsonb[]
)
RETURNS ledger.parsed_line[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_fields CONSTANT text[] := ARRAY[
        'account', 'debit', 'credit', 'currency', 'rate', 'description', 'department',
        'counterparty', 'due_date'
    ];
    v_lines ledger.parsed_line[];
BEGIN
    SELECT array_agg(
        ROW(
            p.ordinal, p.entry_id, p.business_id, p.entry_date, p.line_no, p.account_id, p.amount,
            CASE WHEN p.is_foreign THEN p.currency END,
            CASE WHEN p.is_foreign THEN p.given END,
            CASE WHEN p.is_foreign THEN p.rate END,
            p.description,
            CASE
                WHEN p.shape_problem IS NOT NULL THEN 'ZL015'
                WHEN p.account_id IS NULL THEN 'ZL007'
                WHEN p.given IS NULL OR p.given = 0 THEN 'ZL011'
                WHEN p.currency_problem IS NOT NULL THEN 'ZL014'
                WHEN p.is_foreign AND p.given <> round(p.given, p.decimals) THEN 'ZL011'
                WHEN p.amount = 0 OR abs(p.amount) >= 1e16 THEN 'ZL011'
                WHEN p.account_problem IS NOT NULL THEN left(p.account_problem, 5)
            END,
            CASE
                WHEN p.shape_problem IS NOT NULL THEN p.shape_problem
                WHEN p.account_id IS NULL THEN format('no such account: %s', p.account)
                WHEN p.given IS NULL OR p.given = 0 THEN format(
                    'needs either a debit or a credit above zero, with at most 16 digits before '
                    'and 4 after the point (debit %s, credit %s)',
                    coalesce(p.debit_text, 'none'), coalesce(p.credit_text, 'none')
                )
                WHEN p.currency_problem IS NOT NULL THEN p.currency_problem
                WHEN p.is_foreign AND p.given <> round(p.given, p.decimals)
                    THEN format('%s %s is finer than the currency', p.given, p.currency)
                WHEN p.amount = 0 OR abs(p.amount) >= 1e16
                    THEN format(
                        '%s %s at rate %s is too small or too large', p.given, p.currency, p.rate
                    )
                WHEN p.account_problem IS NOT NULL THEN substr(p.account_problem, 7)
            END,
            p.department,
            p.counterparty,
            p.due_date
        )::ledger.parsed_line
        ORDER BY p.ordinal, p.line_no
    )
    INTO v_lines
    FROM (
        SELECT
            r.*,
            CASE
                WHEN NOT r.is_foreign THEN r.given
                ELSE round(r.given * r.rate, coalesce(r.minor_unit, 4))
            END AS amount,
            CASE
                WHEN NOT r.is_foreign AND r.rate_text IS NOT NULL
                    THEN 'a rate needs a currency other than the functional one'
                WHEN r.is_foreign AND NOT r.is_known
                    THEN format('no such active currency: %s', r.currency)
                WHEN r.is_foreign AND r.rate IS NULL AND r.rate_text IS NULL
                    THEN format(
                        'currency %s has no rate, given or on record for %s', r.currency,
                        r.entry_date
                    )
                WHEN r.is_foreign AND coalesce(r.rate, 0) = 0
                    THEN format('currency %s needs a rate above zero', r.currency)
            END AS currency_problem
        FROM (
            SELECT
                i.ordinal,
                i.entry_id,
                i.business_id,
                i.entry_date,
                i.line_no,
                i.description,
                i.account,
                i.department,
                i.counterparty,
                core.iso_date(i.due_date_text) AS due_date,
                a.id AS account_id,
                i.debit_text,
                i.credit_text,
                i.rate_text,
                i.currency,
                i.currency <> i.functional AS is_foreign,
                -- What '^[0-9]{1,16}([.][0-9]{1,4}0*)?$' says, which takes ten times as long.
                CASE
                    WHEN translate(i.debit_text, '0123456789', '') NOT IN ('', '.')
                        OR translate(i.credit_text, '0123456789', '') NOT IN ('', '.')
                        OR length(split_part(i.debit_text, '.', 1)) NOT BETWEEN 1 AND 16
                        OR length(split_part(i.credit_text, '.', 1)) NOT BETWEEN 1 AND 16
                        OR length(rtrim(split_part(i.debit_text, '.', 2), '0')) > 4
                        OR length(rtrim(split_part(i.credit_text, '.', 2), '0')) > 4
                        OR right(i.debit_text, 1) = '.'
                        OR right(i.credit_text, 1) = '.' THEN NULL
                    WHEN i.credit_text IS NULL THEN i.debit_text::numeric(20, 4)
                    WHEN i.debit_text IS NULL THEN -i.credit_text::numeric(20, 4)
                    WHEN least(i.debit_text::numeric, i.credit_text::numeric) = 0
                        THEN i.debit_text::numeric(20, 4) - i.credit_text::numeric(20, 4)
                END AS given,
                CASE
                    WHEN i.rate_text ~ '^[0-9]{1,10}([.][0-9]{1,10}0*)?$'
                        THEN i.rate_text::numeric(20, 10)
                    WHEN i.rate_text IS NULL AND i.currency <> i.functional
                        THEN ledger.find_exchange_rate(
                            p_tenant_id, i.currency, i.functional, i.entry_date
                        )
                END AS rate,
                c.code IS NOT NULL AS is_known,
                c.minor_unit AS decimals,
                f.minor_unit,
                CASE
                    WHEN jsonb_typeof(i.line) IS DISTINCT FROM 'object' THEN 'is not an object'
                    WHEN i.line - v_fields <> '{}'
                        THEN format('has the unknown field %s', (
                            SELECT min(k.field)
                            FROM jsonb_object_keys(i.line - v_fields) AS k (field)
                        ))
                    WHEN i.account IS NULL THEN 'has no account'
                    WHEN length(i.description) > 2000
                        THEN 'has a description of more than 2000 characters'
                    WHEN NOT core.is_code(i.department) OR NOT core.is_code(i.counterparty)
                        THEN 'has a malformed department or counterparty'
                    WHEN core.iso_date(i.due_date_text) IS NULL
                        AND i.due_date_text IS NOT NULL
                        THEN format(
                            'has a due date not of the form 2026-11-30: %s', i.due_date_text
                        )
                END AS shape_problem,
                CASE
                    WHEN NOT (
                        a.is_postable
                        AND a.is_active
                        AND (a.business_id IS NULL OR a.business_id = i.business_id)
                        AND (a.currency_code IS NULL OR a.currency_code = i.currency)
                        AND (a.control_module IS NULL OR coalesce(
                            a.control_module = i.source_module, false
                        ))
                    ) THEN (
                        -- The few read the row again: to hand it on would build it for each line.
                        SELECT q.sqlstate || ' ' || q.problem
                        FROM ledger.accounts AS o
                        CROSS JOIN LATERAL ledger.account_problem(
                            o, i.business_id, i.currency, i.source_module
                        ) AS q
                        WHERE o.tenant_id = p_tenant_id AND o.id = a.id
                    )
                END AS account_problem
            FROM (
                SELECT
                    e.ordinal,
                    e.entry_id,
                    e.business_id,
                    e.functional_currency_code AS functional,
                    e.entry_date,
                    e.source_module,
                    l.line_no::integer AS line_no,
                    l.line,
                    l.line ->> 'account' AS account,
                    l.line ->> 'debit' AS debit_text,
                    l.line ->> 'credit' AS credit_text,
                    l.line ->> 'rate' AS rate_text,
                    coalesce(l.line ->> 'currency', e.functional_currency_code) AS currency,
                    l.line ->> 'description' AS description,
                    l.line ->> 'department' AS department,
                    l.line ->> 'counterparty' AS counterparty,
                    l.line ->> 'due_date' AS due_date_text
                FROM unnest(p_entries, p_lines) AS e (
                    ordinal, entry_id, business_id, functional_currency_code, entry_date, status,
                    description, reference, idempotency_key, request_hash, is_new,
                    problem_sqlstate, problem, source_module, source_id, period_kind, period_id,
                    lines
                )
                CROSS JOIN LATERAL jsonb_array_elements(e.lines)
                    WITH ORDINALITY AS l (line, line_no)
                -- A fence: flattened, a field would be looked for anew at each place that reads it.
                OFFSET 0
            ) AS i
            LEFT JOIN ledger.accounts AS a
                ON a.tenant_id = p_tenant_id AND a.code = i.account
            LEFT JOIN ledger.currencies AS c
                ON c.code = i.currency AND i.currency <> i.functional AND c.is_active
            LEFT JOIN ledger.currencies AS f
                ON f.code = i.functional AND i.currency <> i.functional
            -- A fence: flattened, an amount would be parsed anew at each place that reads it.
            OFFSET 0
        ) AS r
        OFFSET 0
    ) AS p;
    RETURN coalesce(v_lines, '{}');
END;
$$;
COMMENT ON FUNCTION ledger.parse_lines(integer, ledger.parsed_entry[], jsonb[]) IS
'The lines of the given entries (p_lines: for each entry its JSON array of {account, debit | '
'credit, currency, rate, description, department, counterparty, due_date}) resolved, in order, '
'each with the first problem found: ZL015 (shape), ZL007 (no such account), ZL011 (amount), ZL014 '
'(currency or rate), ZL009, ZL010, ZL012, ZL021 (account does not take it). Amounts are refused, '
'not rounded, beyond 4 decimals, foreign ones beyond the minor unit of their currency; only a '
'converted amount is rounded, half away from zero, to the minor unit of the functional currency. '
'A foreign line without rate takes the one on record for the date. Internal.';
