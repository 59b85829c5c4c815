-- Only columns that hold sensitive numbers may be named.
CREATE OR REPLACE FUNCTION hr.require_numbers(p_numbers jsonb)
RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(p_numbers) IS DISTINCT FROM 'object'
        OR p_numbers - ARRAY[
            'social_security_encrypted', 'social_security_hash', 'national_id_encrypted',
            'national_id_hash', 'bank_account_encrypted', 'bank_account_hash'
        ] <> '{}'
    THEN
        RAISE EXCEPTION 'not an object of the sensitive numbers of an employee'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'See the columns of hr.employees that end in _encrypted and _hash.';
    END IF;
END;
$$;
COMMENT ON FUNCTION hr.require_numbers(jsonb) IS
'Internal. Raises 22023 unless it is a JSON object of the columns of hr.employees that end in '
'_encrypted and _hash.';
