-- What was sent, to whom, stays on record as it was; a message is not sent twice by going back.
CREATE OR REPLACE FUNCTION messaging.guard_message()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status NOT IN ('queued', 'suppressed') THEN
            RAISE EXCEPTION 'a new message cannot be %', NEW.status
            USING ERRCODE = 'ZM006',
                HINT = 'It is queued, or suppressed.';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.status <> OLD.status AND NOT (CASE OLD.status
        WHEN 'queued' THEN NEW.status IN ('claimed', 'cancelled', 'suppressed')
        WHEN 'claimed' THEN NEW.status IN ('queued', 'sent', 'failed', 'suppressed')
        WHEN 'sent' THEN NEW.status IN ('delivered', 'failed')
        WHEN 'failed' THEN NEW.status IN ('queued', 'delivered')
        WHEN 'suppressed' THEN NEW.status = 'queued'
        ELSE false
    END) THEN
        RAISE EXCEPTION 'a message that is % does not become %', OLD.status, NEW.status
        USING ERRCODE = 'ZM006',
            DETAIL = format('Message %s.', OLD.id),
            HINT = 'Queue another message.';
    ELSIF (
        NEW.business_id, NEW.customer_id, NEW.channel, NEW.template_id, NEW.template_version,
        NEW.segments, NEW.purpose, NEW.needs_consent, NEW.dedup_key
    ) IS DISTINCT FROM (
        OLD.business_id, OLD.customer_id, OLD.channel, OLD.template_id, OLD.template_version,
        OLD.segments, OLD.purpose, OLD.needs_consent, OLD.dedup_key
    )
    -- They may go, with the customer.
        OR NEW.body IS DISTINCT FROM OLD.body AND NEW.body IS NOT NULL
        OR NEW.subject IS DISTINCT FROM OLD.subject AND NEW.subject IS NOT NULL
        OR NEW.template_values IS DISTINCT FROM OLD.template_values
        AND NEW.template_values IS NOT NULL
    THEN
        RAISE EXCEPTION 'what a message says, and to whom, never changes'
        USING ERRCODE = 'ZM007',
            DETAIL = format('Message %s.', OLD.id),
            HINT = 'Cancel it and queue another one.';
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION messaging.guard_message() IS
'Trigger (before insert or update on messaging.messages, each row). Raises ZM006 (the status does '
'not follow the one before), ZM007 (text, customer, template or key would change).';
