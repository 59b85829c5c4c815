-- Does a posting rule balance, whatever an event says?
CREATE OR REPLACE FUNCTION ledger.posting_rule_remainder(
    p_tenant_id integer,
    p_rule_id uuid,
    p_revision_no integer,
    p_identities jsonb
)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_group record;
BEGIN
    -- Lines of one condition are there or not together: each group balances by itself.
    FOR v_group IN
        SELECT
            g.condition,
            ledger.substitute_sums(jsonb_object_agg(g.amount_path, g.factor), p_identities) AS rest
        FROM (
            SELECT
                l.condition,
                l.amount_path,
                sum(CASE l.side WHEN 'debit' THEN 1 ELSE -1 END) AS factor
            FROM ledger.posting_rule_lines AS l
            WHERE l.tenant_id = p_tenant_id
                AND l.rule_id = p_rule_id
                AND l.revision_no = p_revision_no
            GROUP BY l.condition, l.amount_path
            HAVING sum(CASE l.side WHEN 'debit' THEN 1 ELSE -1 END) <> 0
        ) AS g
        GROUP BY g.condition
        ORDER BY g.condition NULLS FIRST
    LOOP
        IF v_group.rest IS NULL THEN
            RETURN format('the sums of the type go in a circle: %s', p_identities);
        ELSIF v_group.rest <> '{}' THEN
            RETURN format(
                'lines %s leave %s',
                coalesce('with the condition ' || v_group.condition, 'without a condition'),
                (
                    SELECT string_agg(
                        format(
                            '%s %s× %s',
                            CASE WHEN r.factor > 0 THEN 'debit' ELSE 'credit' END,
                            abs(r.factor), r.name
                        ), ', ' ORDER BY r.name
                    )
                    FROM (
                        SELECT
                            e.key AS name,
                            e.value::text::numeric AS factor
                        FROM jsonb_each(v_group.rest) AS e
                    ) AS r
                )
            );
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.posting_rule_remainder(integer, uuid, integer, jsonb) IS
'What the lines of a revision leave on one side, by the properties of the payload and given the '
'sums of the type, as a sentence; NULL when debits equal credits for every payload, whichever '
'conditions are met. Internal.';
