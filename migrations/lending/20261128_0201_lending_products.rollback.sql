-- Row security holds for the owner too, so it enters each tenant.
DO $do$
DECLARE
    v_tenant integer;
BEGIN
    FOR v_tenant IN SELECT t.id FROM identity.tenants AS t ORDER BY t.id LOOP
        PERFORM set_config('pgerp.tenant_id', v_tenant::text, true);
        DELETE FROM identity.role_permissions AS p
        WHERE p.tenant_id = v_tenant AND p.permission = 'lending.manage_products';
    END LOOP;
END;
$do$;
DELETE FROM identity.permissions AS p
WHERE p.code = 'lending.manage_products';
DROP TABLE lending.product_fees;
DROP TABLE lending.products;
DROP DOMAIN lending.positive_amount;
DROP DOMAIN lending.percent;
DROP TYPE lending.fee_basis;
DROP TYPE lending.fee_occasion;
DROP TYPE lending.due_kind;
