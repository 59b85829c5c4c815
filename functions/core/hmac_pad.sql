-- The key of an HMAC, as long as a block of its hash, XOR one byte.
CREATE OR REPLACE FUNCTION core.hmac_pad(p_key bytea, p_byte integer)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A bit string is what PostgreSQL has an XOR for; bit_send writes its length in 4 bytes first.
    RETURN substr(bit_send(
        (
            'x' || rpad(encode(
                CASE WHEN length(p_key) > 64 THEN sha256(p_key) ELSE p_key END, 'hex'
            ), 128, '0')
        )::bit(512)
        # ('x' || repeat(lpad(to_hex(p_byte), 2, '0'), 64))::bit(512)
    ), 5);
END;
$$;
COMMENT ON FUNCTION core.hmac_pad(bytea, integer) IS
'The inner (p_byte 54, 0x36) or outer (92, 0x5c) pad of HMAC-SHA-256 for a key of any length '
'(RFC 2104): 64 bytes. For what makes signatures, which runs as who calls it.';
