-- without: finance
-- Tell a finance that is in another database what was posted.
CREATE OR REPLACE FUNCTION ledger.emit_entry()
RETURNS trigger
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Every statement finds its few rows by their keys: see ledger.create_journal_entry.
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off
AS $$
BEGIN
    PERFORM set_config('pgerp.tenant_id', NEW.tenant_id::text, true);
    -- A database that is no service's has nobody to tell.
    IF NOT EXISTS (SELECT FROM events.settings AS s WHERE s.service <> 'pgerp') THEN
        RETURN NULL;
    END IF;
    PERFORM events.emit(
        NEW.tenant_id,
        'ledger.entry_posted',
        NEW.id::text,
        jsonb_build_object(
            'entry_id', NEW.id,
            'entry_date', NEW.entry_date,
            'period', (
                SELECT jsonb_build_object(
                    'period_id', p.id,
                    'code', p.code,
                    'kind', p.kind,
                    'starts_on', p.starts_on,
                    'ends_on', p.ends_on
                )
                FROM ledger.fiscal_periods AS p
                WHERE p.tenant_id = NEW.tenant_id
                    AND p.business_id = NEW.business_id
                    AND p.id = NEW.period_id
            ),
            'movements', (
                SELECT jsonb_agg(to_jsonb(m) ORDER BY m.account_id)
                FROM (
                    SELECT
                        l.account_id,
                        sum(greatest(l.amount, 0)) AS debit,
                        sum(greatest(-l.amount, 0)) AS credit
                    FROM ledger.journal_lines AS l
                    WHERE l.tenant_id = NEW.tenant_id AND l.entry_id = NEW.id
                    GROUP BY l.account_id
                ) AS m
            )
        ),
        NEW.business_id
    );
    RETURN NULL;
END;
$$;
COMMENT ON FUNCTION ledger.emit_entry() IS
'Constraint trigger (deferred; each row of ledger.journal_entries that was posted, whichever way): '
'emits ledger.entry_posted at commit where this database is that of a service, and finance is in '
'another one. Raises what events.emit raises.';
