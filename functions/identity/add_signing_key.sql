-- Take a key that tokens are signed with from now on.
CREATE OR REPLACE FUNCTION identity.add_signing_key(p_kid text, p_secret bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_inner bytea := decode(repeat('36', 64), 'hex');
    v_outer bytea := decode(repeat('5c', 64), 'hex');
    v_secret bytea := CASE WHEN length(p_secret) > 64 THEN sha256(p_secret) ELSE p_secret END;
BEGIN
    IF p_secret IS NULL OR length(p_secret) < 32 THEN
        RAISE EXCEPTION 'a signing key needs at least 32 bytes'
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'RFC 7518 section 3.2: the key of HS256 has 256 bits or more.';
    END IF;
    FOR v_i IN 0..length(v_secret) - 1 LOOP
        v_inner := set_byte(v_inner, v_i, get_byte(v_inner, v_i) # get_byte(v_secret, v_i));
        v_outer := set_byte(v_outer, v_i, get_byte(v_outer, v_i) # get_byte(v_secret, v_i));
    END LOOP;
    INSERT INTO identity.signing_keys (kid, inner_pad, outer_pad)
    VALUES (p_kid, v_inner, v_outer);
END;
$$;
COMMENT ON FUNCTION identity.add_signing_key(text, bytea) IS
'Adds a live key (32 bytes or more, shared with the service that issues tokens). Runs with the '
'caller''s rights: for members of pgerp_owner. Raises 22023 (too short), 23505 (kid taken).';
