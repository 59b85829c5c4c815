-- By what an encrypted value is found, made in the database.
CREATE OR REPLACE FUNCTION core.keyed_hash_of(
    p_normalised text,
    p_kind text,
    p_key_id text,
    p_key bytea
)
RETURNS core.keyed_hash
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM core.require_key(p_key, p_key_id);
    IF p_kind IS NULL OR p_kind COLLATE "C" !~ '^[a-z][a-z_]{0,31}$' THEN
        RAISE EXCEPTION 'the kind of a hashed value is needed'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Name what it is, as phone: equal texts of different kinds have different '
                'hashes.';
    END IF;
    RETURN p_key_id || ':' || encode(
        core.hmac_sha256(
            p_key,
            convert_to(p_kind, 'UTF8') || decode('00', 'hex') || convert_to(p_normalised, 'UTF8')
        ),
        'hex'
    );
END;
$$;
COMMENT ON FUNCTION core.keyed_hash_of(text, text, text, bytea) IS
'The keyed hash of a value of a kind (phone, document, iban, bank_account, mpesa_receipt, email, '
'text), as pgerp.encryption in Python makes it: HMAC-SHA-256 of the kind, a zero byte and the '
'text, which the caller has normalised as pgerp.normalise does (a phone number: +254712345678). '
'NULL for NULL. Needs no extension. Give the key as a bound parameter only. Raises 22023 (no key '
'of 32 bytes, no key id, no kind).';
