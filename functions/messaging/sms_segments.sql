-- How many SMS a text is sent as.
CREATE OR REPLACE FUNCTION messaging.sms_segments(
    p_text text,
    OUT encoding text,
    OUT units integer,
    OUT segments integer
)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- 3GPP TS 23.038, 6.2.1 and 6.2.1.1.
    v_basic CONSTANT text := E'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&''()*+,-./0123456789:;<=>?'
        '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
    v_extended CONSTANT text := E'\f^{}\\[~]|€';
    v_is_gsm boolean := translate(p_text, v_basic || v_extended, '') = '';
    v_pairs integer;
    v_whole integer;
    v_part integer;
    v_used integer := 0;
    v_width integer;
BEGIN
    -- Characters that take two units, which are never sent in two parts.
    v_pairs := length(p_text) - length(CASE
        WHEN v_is_gsm THEN translate(p_text, v_extended, '')
        ELSE regexp_replace(p_text, E'[\\U00010000-\\U0010FFFF]', '', 'g')
    END);
    encoding := CASE WHEN v_is_gsm THEN 'gsm7' ELSE 'ucs2' END;
    units := length(p_text) + v_pairs;
    v_whole := CASE WHEN v_is_gsm THEN 160 ELSE 70 END;
    v_part := CASE WHEN v_is_gsm THEN 153 ELSE 67 END;
    IF units <= v_whole THEN
        segments := 1;
    ELSIF v_pairs = 0 THEN
        segments := (units + v_part - 1) / v_part;
    ELSE
        segments := 1;
        FOR v_width IN
            SELECT CASE
                WHEN v_is_gsm AND strpos(v_extended, c.letter) > 0 THEN 2
                WHEN NOT v_is_gsm AND ascii(c.letter) > 65535 THEN 2
                ELSE 1
            END
            FROM regexp_split_to_table(p_text, '') WITH ORDINALITY AS c (letter, place)
            ORDER BY c.place
        LOOP
            IF v_used + v_width > v_part THEN
                segments := segments + 1;
                v_used := 0;
            END IF;
            v_used := v_used + v_width;
        END LOOP;
    END IF;
END;
$$;
COMMENT ON FUNCTION messaging.sms_segments(text) IS
'How a text goes by SMS: encoding gsm7, or ucs2 when it has one character that GSM 03.38 lacks; '
'units: septets or 16-bit units; segments: how many SMS are billed. One SMS holds 160 or 70 units, '
'each part of a longer one 153 or 67.';
