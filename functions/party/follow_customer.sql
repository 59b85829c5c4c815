-- What customers are found by follows their rows.
CREATE OR REPLACE FUNCTION party.follow_customer()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (
            NEW.display_name, NEW.given_name, NEW.family_name, NEW.organisation_name, NEW.email,
            NEW.status = 'anonymised'
        ) IS NOT DISTINCT FROM (
            OLD.display_name, OLD.given_name, OLD.family_name, OLD.organisation_name, OLD.email,
            OLD.status = 'anonymised'
        ) THEN
            RETURN NULL;
        END IF;
        DELETE FROM party.customer_terms AS t
        WHERE t.tenant_id = OLD.tenant_id AND t.customer_id = OLD.id;
    END IF;
    INSERT INTO party.customer_terms (tenant_id, customer_id, term)
    SELECT
        NEW.tenant_id,
        NEW.id,
        s.term
    FROM party.search_terms(NEW) AS s (term);
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION party.follow_customer() IS
'Trigger (after insert or update on party.customers, each row): keeps party.customer_terms equal '
'to party.search_terms of the row.';
