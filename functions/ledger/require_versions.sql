-- Post only if accounts are as the caller last saw them.
CREATE OR REPLACE FUNCTION ledger.require_versions(
    p_tenant_id integer,
    p_business_id integer,
    p_expected_versions jsonb
)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_bad record;
BEGIN
    IF jsonb_typeof(p_expected_versions) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'the expected versions are not a JSON object'
        USING ERRCODE = 'ZL015',
            HINT = 'Give account codes with their versions, such as {"1110": 17}.';
    END IF;
    -- Whoever changes keeps_version waits from now on, and what he changed before is seen below.
    PERFORM FROM ledger.accounts AS a
    WHERE a.tenant_id = p_tenant_id AND p_expected_versions ? a.code::text
    ORDER BY a.id
    FOR KEY SHARE;
    SELECT
        g.code,
        g.version,
        a.id IS NOT NULL AS is_known,
        a.keeps_version
    INTO v_bad
    FROM jsonb_each(p_expected_versions) AS g (code, version)
    LEFT JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.code = g.code
    WHERE a.keeps_version IS NOT true
        OR jsonb_typeof(g.version) <> 'number'
        OR g.version::text !~ '^[0-9]{1,18}$'
    ORDER BY g.code
    LIMIT 1;
    IF FOUND AND NOT v_bad.is_known THEN
        RAISE EXCEPTION 'no such account: %', v_bad.code
        USING ERRCODE = 'ZL007',
            HINT = 'See ledger.accounts for the codes.';
    ELSIF FOUND AND NOT v_bad.keeps_version THEN
        RAISE EXCEPTION 'account % keeps no version', v_bad.code
        USING ERRCODE = 'ZL033',
            HINT = 'Let it keep one with ledger.set_account_limits.';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'the expected version of account % is not one: %',
            v_bad.code, left(v_bad.version::text, 50)
        USING ERRCODE = 'ZL015',
            HINT = 'Give a whole number from 0, as ledger.account_version returns it.';
    END IF;
    PERFORM ledger.lock_heads(p_tenant_id, ARRAY(
        SELECT ROW(a.id, p_business_id, 0, 0, 0, 0)::ledger.head_change
        FROM jsonb_object_keys(p_expected_versions) AS g (code)
        INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.code = g.code
    ));
    SELECT
        g.code,
        g.version,
        h.version AS actual
    INTO v_bad
    FROM jsonb_each_text(p_expected_versions) AS g (code, version)
    INNER JOIN ledger.accounts AS a ON a.tenant_id = p_tenant_id AND a.code = g.code
    INNER JOIN ledger.account_heads AS h
        ON h.tenant_id = p_tenant_id AND h.account_id = a.id AND h.business_id = p_business_id
    WHERE h.version <> g.version::bigint
    ORDER BY g.code
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % has another version than expected', v_bad.code
        USING ERRCODE = 'ZL032',
            DETAIL = format('Expected %s, actual %s.', v_bad.version, v_bad.actual),
            HINT = 'Read the account again, and decide anew.';
    END IF;
END;
$$;
COMMENT ON FUNCTION ledger.require_versions(integer, integer, jsonb) IS
'Locks the heads of the given accounts ({"1110": 17}: code to version) for the business and '
'compares their versions. Internal: for functions that have entered the tenant. Raises ZL007 (no '
'such account), ZL015 (not a JSON object of whole numbers), ZL032 (another version), ZL033 (the '
'account keeps none).';
