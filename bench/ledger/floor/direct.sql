-- An entry of two lines written past every function; what is in brackets is given.
WITH entry AS (
    INSERT INTO {schema}.entries (
        tenant_id, business_id, period_id, entry_date, status, description, void_reason, posted_at,
        created_at, created_by, last_modified_at, last_modified_by, entry_number
    )
    VALUES (
        %(tenant)s, %(business)s, %(period)s, current_date, 'POSTED', %(text)s, %(reason)s, now(),
        now(), 'bench', now(), 'bench', 1
    )
    RETURNING id
)
INSERT INTO {schema}.lines (
    tenant_id, entry_id, line_no, account_id, business_id, entry_date, amount, currency_code,
    currency_amount, exchange_rate
)
SELECT
    %(tenant)s, coalesce(%(entry)s::uuid, e.id), l.line_no, l.account_id, %(business)s,
    current_date, l.amount, %(currency)s::text,
    CASE WHEN %(currency)s::text IS NOT NULL THEN l.amount END,
    CASE WHEN %(currency)s::text IS NOT NULL THEN 1 END
FROM entry AS e
CROSS JOIN (
    VALUES (1, %(debit)s::uuid, %(amount)s::numeric), (2, %(credit)s::uuid, -%(amount)s::numeric)
) AS l (line_no, account_id, amount)
