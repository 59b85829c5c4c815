-- Who may do what in party: reading, then what is called.
-- reapply: migrations
DO $do$
BEGIN
    PERFORM core.reset_privileges('party');
END;
$do$;

GRANT EXECUTE ON FUNCTION
party.name_words(text),
party.find_customers(text, integer),
party.find_customers_by_phone(text[]),
party.find_customers_by_document(text[], text),
party.has_consent(uuid, text, boolean)
TO pgerp_app, pgerp_readonly, pgerp_auditor;

GRANT EXECUTE ON FUNCTION
party.create_customer(jsonb, boolean, integer),
party.update_customer(uuid, jsonb, integer, integer),
party.add_contact(uuid, jsonb, integer),
party.remove_contact(uuid, integer),
party.set_primary_contact(uuid, integer),
party.add_address(uuid, jsonb, integer),
party.remove_address(uuid, integer),
party.set_primary_address(uuid, integer),
party.add_identity_document(uuid, jsonb, integer),
party.remove_identity_document(uuid, integer),
party.set_primary_identity_document(uuid, integer),
party.record_consent(uuid, text, text, timestamptz, integer),
party.withdraw_consent(uuid, text, text, timestamptz, integer),
party.export_personal_data(uuid, integer),
party.anonymise(uuid, text, integer)
TO pgerp_app;

GRANT EXECUTE ON FUNCTION
party.search_terms(party.customers),
party.name_words(text)
TO pgerp_backup;

DO $do$
BEGIN
    PERFORM core.grant_services('party');
END;
$do$;
