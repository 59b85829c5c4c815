-- The columns whose values never reach the log.
CREATE OR REPLACE FUNCTION audit.masked_columns()
RETURNS TABLE (table_name text, column_name text, reason text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    VALUES
    ('identity.signing_keys', 'inner_pad', 'whoever has it can issue tokens'),
    ('identity.signing_keys', 'outer_pad', 'whoever has it can issue tokens'),
    ('messaging.messages', 'body', 'what somebody is written; the row has it'),
    ('messaging.messages', 'email', 'tells who it is; the row has it'),
    ('messaging.messages', 'last_error', 'may name what the gateway was sent'),
    ('messaging.messages', 'subject', 'what somebody is written; the row has it'),
    ('messaging.messages', 'template_values', 'what somebody is written; the row has it'),
    ('ledger.idempotency_keys', 'request_hash', 'tells the amounts of a request to who guesses')
$$;
COMMENT ON FUNCTION audit.masked_columns() IS
'The sensitive columns: the log reads *** for their values, and *** (changed) for new ones. '
'Columns named password_hash, and those of the domains core.encrypted_value and core.keyed_hash, '
'are sensitive in every table, without being listed. Whoever changes the list applies '
'sql/triggers/audit again.';
