DO $do$
BEGIN
    IF to_regnamespace('ledger') IS NULL THEN
        DROP DOMAIN core.turnover;
        DROP DOMAIN core.moved_amount;
        DROP DOMAIN core.place;
        DROP DOMAIN core.finite_date;
        DROP DOMAIN core.module_name;
        DROP DOMAIN core.reference;
        DROP DOMAIN core.reason;
        DROP DOMAIN core.note;
    END IF;
END;
$do$;
