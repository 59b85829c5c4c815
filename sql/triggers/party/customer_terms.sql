CREATE OR REPLACE TRIGGER customer_terms_refuse_truncate
BEFORE TRUNCATE ON party.customer_terms
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_truncate('party.customer_terms');
COMMENT ON TRIGGER customer_terms_refuse_truncate ON party.customer_terms IS
'Emptying it would leave customers of all tenants that no search finds.';
