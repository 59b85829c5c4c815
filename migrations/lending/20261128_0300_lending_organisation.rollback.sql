DROP TABLE lending.group_members;
DROP TABLE lending.groups;
DROP TABLE lending.branches;
DROP TABLE lending.settings;
-- Row security holds for the owner too, so it enters each tenant.
DO $do$
DECLARE
    v_tenant integer;
BEGIN
    FOR v_tenant IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
        DELETE FROM identity.role_permissions AS p
        WHERE p.tenant_id = v_tenant
            AND p.permission IN (
                SELECT q.code FROM identity.permissions AS q
                WHERE q.module = 'lending' AND q.code <> 'lending.manage_products'
            );
    END LOOP;
END;
$do$;
DELETE FROM identity.permissions AS p
WHERE p.module = 'lending' AND p.code <> 'lending.manage_products';
