-- Take a key that tokens are signed with from now on.
CREATE OR REPLACE FUNCTION identity.add_signing_key(p_kid text, p_secret bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_secret IS NULL OR length(p_secret) < 32 THEN
        RAISE EXCEPTION 'a signing key needs at least 32 bytes'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'RFC 7518 section 3.2: the key of HS256 has 256 bits or more.';
    END IF;
    INSERT INTO identity.signing_keys (kid, inner_pad, outer_pad)
    VALUES (p_kid, core.hmac_pad(p_secret, 54), core.hmac_pad(p_secret, 92));
END;
$$;
COMMENT ON FUNCTION identity.add_signing_key(text, bytea) IS
'Adds a live key (32 bytes or more, shared with the service that issues tokens). Runs with the '
'caller''s rights: for members of pgerp_owner. Raises 22023 (too short), 23505 (kid taken).';
