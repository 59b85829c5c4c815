-- Make a template in a language, or change it.
CREATE OR REPLACE FUNCTION messaging.save_template(
    p_template jsonb,
    p_version integer DEFAULT NULL,
    p_tenant_id integer DEFAULT NULL
)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_old messaging.templates;
    v_new messaging.templates;
BEGIN
    p_tenant_id := identity.enter_tenant(p_tenant_id, 'messaging.manage_templates');
    PERFORM identity.require_all_businesses('All businesses of the tenant share its templates.');
    PERFORM core.require_known(p_template, ARRAY[
        'code', 'channel', 'language', 'subject', 'body', 'purpose', 'needs_consent',
        'max_attempts', 'is_active'
    ]);
    SELECT t.* INTO v_old
    FROM messaging.templates AS t
    WHERE t.tenant_id = p_tenant_id
        AND t.code = p_template ->> 'code'
        AND t.language = p_template ->> 'language'
    FOR UPDATE;
    IF FOUND THEN
        v_new := jsonb_populate_record(v_old, p_template);
        IF p_version IS NULL THEN
            RAISE EXCEPTION 'template % is there already in %', v_old.code, v_old.language
            USING ERRCODE = 'ZM002',
                DETAIL = format('Its version is %s.', v_old.version),
                HINT = 'Give the version that you have read to change it.';
        END IF;
        UPDATE messaging.templates AS t
        SET
            channel = v_new.channel,
            subject = v_new.subject,
            body = v_new.body,
            purpose = v_new.purpose,
            needs_consent = v_new.needs_consent,
            max_attempts = v_new.max_attempts,
            is_active = v_new.is_active,
            version = p_version
        WHERE t.tenant_id = p_tenant_id AND t.id = v_old.id;
        RETURN v_old.id;
    ELSIF p_version IS NOT NULL THEN
        RAISE EXCEPTION 'no template % in %', coalesce(p_template ->> 'code', 'NULL'),
            coalesce(p_template ->> 'language', 'NULL')
        USING ERRCODE = 'ZM001',
            HINT = 'See messaging.templates; leave p_version out to make one.';
    END IF;
    v_new := jsonb_populate_record(v_new, p_template);
    v_new.id := core.uuid_v7();
    INSERT INTO messaging.templates (
        tenant_id, id, code, channel, language, subject, body, purpose, needs_consent,
        max_attempts, is_active
    )
    VALUES (
        p_tenant_id,
        v_new.id,
        v_new.code,
        coalesce(v_new.channel, 'sms'),
        v_new.language,
        v_new.subject,
        v_new.body,
        v_new.purpose,
        coalesce(v_new.needs_consent, false),
        coalesce(v_new.max_attempts, 8),
        coalesce(v_new.is_active, true)
    );
    RETURN v_new.id;
END;
$$;
COMMENT ON FUNCTION messaging.save_template(jsonb, integer, integer) IS
'Makes the template of a code and a language, or changes it when p_version is given, which is the '
'version that was read; returns its id. p_template: {"code": "loan_reminder", "language": "sw", '
'"body": "Habari {{name}}, …", "purpose": "sms_reminders"}, and channel (sms, email), subject (of '
'an e-mail), needs_consent, max_attempts, is_active; what is left out stays as it is. Messages '
'that are queued keep their text. Needs messaging.manage_templates and a token for all businesses. '
'Raises ZI001 to ZI004, ZI006, ZI009 to ZI011 (token, permission), ZM001 (no such template), ZM002 '
'(there already), ZK001 (changed meanwhile), 22023 (unknown key), 23502, 23514, 22P02 (malformed, '
'such as braces that are no placeholder).';
