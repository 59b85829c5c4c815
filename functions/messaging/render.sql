-- What a message would say.
-- requires: messaging.sms_segments
CREATE OR REPLACE FUNCTION messaging.render(
    p_template_code text,
    p_language text,
    p_values jsonb DEFAULT '{}',
    p_default_language text DEFAULT NULL,
    OUT template_id uuid,
    OUT language text,
    OUT subject text,
    OUT body text,
    OUT encoding text,
    OUT segments integer
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_template messaging.templates;
    v_problem text;
BEGIN
    SELECT t.* INTO v_template
    FROM unnest(messaging.languages(p_language, p_default_language))
    WITH ORDINALITY AS l (language, place)
    INNER JOIN messaging.templates AS t ON lower(t.language) = l.language
    WHERE t.code = p_template_code AND t.is_active
    ORDER BY l.place
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no active template % in %', coalesce(p_template_code, 'NULL'),
            coalesce(p_language, 'NULL')
        USING ERRCODE = 'ZM001',
            HINT = 'See messaging.templates; messaging.save_template makes one.';
    END IF;
    v_problem := messaging.values_problem(concat(v_template.subject, v_template.body), p_values);
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION '%', v_problem
        USING ERRCODE = 'ZM003',
            DETAIL = format('Template %s in %s.', v_template.code, v_template.language),
            HINT = 'Give a text or number for each placeholder.';
    END IF;
    template_id := v_template.id;
    language := v_template.language;
    subject := messaging.fill(v_template.subject, p_values);
    body := messaging.fill(v_template.body, p_values);
    IF v_template.channel = 'sms' THEN
        SELECT s.encoding, s.segments INTO encoding, segments
        FROM messaging.sms_segments(body) AS s;
    END IF;
END;
$$;
COMMENT ON FUNCTION messaging.render(text, text, jsonb, text) IS
'What a message by a template says: looked for in p_language and the languages that it is a form '
'of, sw-KE and then sw, then in p_default_language. encoding and segments: of an SMS '
'(messaging.sms_segments). Queues nothing; runs under row security. Raises ZM001 (no active '
'template), ZM003 (a value is missing, or cannot be put in), ZI002, ZI003, ZI009, ZI010 (token).';
