-- The base of every module: the schema core, its domains, and time-ordered uuid keys.

CREATE SCHEMA core;
COMMENT ON SCHEMA core IS
'What every module rests on: domains, keys, row stamps, document counters.';

CREATE DOMAIN core.amount AS numeric(20, 4)
CONSTRAINT amount_is_a_number_check CHECK (VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN core.amount IS
'Money, signed, up to 16 digits before and 4 after the decimal point; never NaN. Unit: the '
'currency of the row.';

CREATE DOMAIN core.exchange_rate AS numeric(20, 10)
CONSTRAINT exchange_rate_is_positive_check CHECK (VALUE > 0 AND VALUE <> 'NaN'::numeric);
COMMENT ON DOMAIN core.exchange_rate IS
'Units of the functional currency that one unit of the transaction currency is worth; positive.';

CREATE DOMAIN core.currency_code AS text
CONSTRAINT currency_code_is_iso_4217_check CHECK (VALUE ~ '^[A-Z]{3}$');
COMMENT ON DOMAIN core.currency_code IS 'Currency by its ISO 4217 alphabetic code, such as KES.';

CREATE DOMAIN core.code AS text
CONSTRAINT code_is_short_and_trimmed_check
CHECK (length(VALUE) BETWEEN 1 AND 200 AND VALUE = btrim(VALUE) AND VALUE !~ '[[:cntrl:]]');
COMMENT ON DOMAIN core.code IS
'A code that people type: 1 to 200 characters, no blanks at its ends, no control characters.';

CREATE DOMAIN core.label AS text
CONSTRAINT label_is_not_blank_check CHECK (length(VALUE) <= 500 AND VALUE ~ '[^[:space:]]');
COMMENT ON DOMAIN core.label IS 'A name that people read: up to 500 characters, not blank.';

-- The smallest uuid version 7 of an instant: the bound of a partition, or of a search by time.
CREATE FUNCTION core.uuid_v7_floor(p_at timestamptz)
RETURNS uuid
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_ms numeric := floor(extract(EPOCH FROM p_at) * 1000);
BEGIN
    -- 48 bits of milliseconds.
    IF v_ms NOT BETWEEN 0 AND 281474976710655 THEN
        RAISE EXCEPTION 'no uuid version 7 has the time %', p_at
        USING ERRCODE = 'datetime_field_overflow',
            HINT = 'Use an instant from 1970 to 10889.';
    END IF;
    RETURN (lpad(to_hex(v_ms::bigint), 12, '0') || '70008000000000000000')::uuid;
END;
$$;
COMMENT ON FUNCTION core.uuid_v7_floor(timestamptz) IS
'The smallest uuid version 7 (RFC 9562) whose time is the given instant, to the millisecond. For '
'bounds of partitions and searches by time. Raises 22008 (before 1970 or after 10889).';

-- A time-ordered key. PostgreSQL 18 has it built in; before that, 12 bits of the fraction of the
-- millisecond follow the time, as RFC 9562 section 6.2 method 3 describes. The first one has no
-- SET search_path, so that it is inlined.
DO $do$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        EXECUTE $sql$
            CREATE FUNCTION core.uuid_v7()
            RETURNS uuid
            LANGUAGE sql VOLATILE PARALLEL SAFE
            AS $$ SELECT pg_catalog.uuidv7(); $$;
        $sql$;
    ELSE
        EXECUTE $sql$
            CREATE FUNCTION core.uuid_v7()
            RETURNS uuid
            LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
            AS $$
            DECLARE
                v_ms numeric := extract(EPOCH FROM clock_timestamp()) * 1000;
                v_random text := replace(gen_random_uuid()::text, '-', '');
            BEGIN
                RETURN (
                    lpad(to_hex(floor(v_ms)::bigint), 12, '0')
                    || '7'
                    || lpad(to_hex(floor((v_ms - floor(v_ms)) * 4096)::integer), 3, '0')
                    || substr(v_random, 17)
                )::uuid;
            END;
            $$;
        $sql$;
    END IF;
END;
$do$;
COMMENT ON FUNCTION core.uuid_v7() IS
'A new uuid version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of their fraction, 62 random '
'bits. Orders by time of creation.';
