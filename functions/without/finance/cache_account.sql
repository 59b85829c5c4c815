-- without: ledger
-- An account is what the ledger said last.
CREATE OR REPLACE FUNCTION finance.cache_account(p_event events.event_store)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO finance.cached_accounts AS c (
        tenant_id, account_id, business_id, code, name, type_code, version
    )
    VALUES (
        p_event.tenant_id,
        (p_event.payload ->> 'account_id')::uuid,
        p_event.business_id,
        p_event.payload ->> 'code',
        p_event.payload ->> 'name',
        p_event.payload ->> 'type',
        p_event.aggregate_version
    )
    ON CONFLICT (tenant_id, account_id) DO UPDATE
    SET
        business_id = excluded.business_id,
        code = excluded.code,
        name = excluded.name,
        type_code = excluded.type_code,
        version = excluded.version
    WHERE c.version < excluded.version;
    RETURN jsonb_build_object('is_late', NOT FOUND);
END;
$$;
COMMENT ON FUNCTION finance.cache_account(events.event_store) IS
'Handler of ledger.account_saved: makes finance.cached_accounts what the event says, unless it is '
'of a later version. Returns is_late: whether it was left out. Internal.';
