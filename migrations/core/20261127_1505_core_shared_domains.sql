-- The domains that every module uses, in a database without the ledger: its migrations make them
-- where it is.
-- depends: 20261127_1500_identity_users

DO $do$
BEGIN
    IF to_regnamespace('ledger') IS NULL THEN
        CREATE DOMAIN core.note AS text
        CONSTRAINT note_is_short_check CHECK (length(VALUE) <= 2000);
        COMMENT ON DOMAIN core.note IS 'What people write: up to 2000 characters.';
        CREATE DOMAIN core.reason AS text
        CONSTRAINT reason_is_given_check CHECK (length(VALUE) BETWEEN 1 AND 2000);
        COMMENT ON DOMAIN core.reason IS 'Why something was done: 1 to 2000 characters.';
        CREATE DOMAIN core.reference AS text
        CONSTRAINT reference_is_short_check CHECK (length(VALUE) <= 200);
        COMMENT ON DOMAIN core.reference IS
        'The number or id by which a document is known elsewhere: up to 200 characters.';
        CREATE DOMAIN core.module_name AS text
        CONSTRAINT module_name_is_snake_case_check CHECK (VALUE ~ '^[a-z][a-z0-9_.]{0,62}$');
        COMMENT ON DOMAIN core.module_name IS
        'The name of a module: lower case letters, digits, underscores, points; up to 63.';
        CREATE DOMAIN core.finite_date AS date
        CONSTRAINT finite_date_is_finite_check CHECK (isfinite(VALUE));
        COMMENT ON DOMAIN core.finite_date IS 'A date, but not infinity.';
        CREATE DOMAIN core.place AS integer
        CONSTRAINT place_is_from_1_check CHECK (VALUE > 0);
        COMMENT ON DOMAIN core.place IS 'The place in a list, from 1.';
        CREATE DOMAIN core.moved_amount AS numeric(20, 4)
        CONSTRAINT moved_amount_is_not_zero_check CHECK (VALUE <> 0 AND VALUE <> 'NaN'::numeric);
        COMMENT ON DOMAIN core.moved_amount IS
        'Money that moves: like core.amount, signed, but neither zero nor NaN.';
        CREATE DOMAIN core.turnover AS numeric(20, 4)
        CONSTRAINT turnover_is_not_negative_check CHECK (VALUE >= 0 AND VALUE <> 'NaN'::numeric);
        COMMENT ON DOMAIN core.turnover IS 'The sum of one side, debits or credits: zero or more.';
    END IF;
END;
$do$;
