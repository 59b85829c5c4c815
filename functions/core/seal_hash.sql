-- What a seal hashes to: every column but the hash itself, so that none can be changed unseen.
CREATE OR REPLACE FUNCTION core.seal_hash(p_tag text, p_seal core.seal)
RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
AS $$
DECLARE
    v_fields text[] := ARRAY[
        p_tag,
        p_seal.tenant_id::text,
        p_seal.seal_no::text,
        p_seal.first_position::text,
        p_seal.last_position::text,
        encode(p_seal.merkle_root, 'hex'),
        encode(p_seal.previous_hash, 'hex'),
        p_seal.complete_before::text,
        array_to_string(p_seal.open_transactions, ' '),
        p_seal.sealed_at::text,
        p_seal.sealed_by
    ];
BEGIN
    RETURN sha256(convert_to((
        SELECT
            string_agg(
                concat(octet_length(convert_to(f.field, 'UTF8')), ':', f.field, ','), ''
                ORDER BY f.place
            )
        FROM unnest(v_fields) WITH ORDINALITY AS f (field, place)
    ), 'UTF8'));
END;
$$;
COMMENT ON FUNCTION core.seal_hash(text, core.seal) IS
'The hash of a seal, by the encoding of docs/ledger-seals.md. p_tag says of what the chain is, so '
'that no seal passes for one of another chain. Internal.';
