-- The roles of pgerp. Run before everything else, by whoever connects; running it again changes
-- nothing.
-- Who may do what: pgerp_owner owns every object (it may log in, since Citus opens connections of
-- its own for functions that run as their owner, but it has no
-- password); pgerp_migrator runs migrations; pgerp_app calls the API; pgerp_readonly and
-- pgerp_auditor read; pgerp_monitor watches; pgerp_backup dumps.
-- Passwords, memberships of people and pg_hba.conf are the operator's.
DO $do$
DECLARE
    v_role record;
BEGIN
    FOR v_role IN
        SELECT
            r.name,
            r.comment,
            r.login
        FROM (VALUES
            ('pgerp_owner', 'Owns every object of pgerp; nobody works as this role.', true),
            ('pgerp_migrator', 'Runs migrations: may become pgerp_owner.', false),
            ('pgerp_app', 'Calls the API of pgerp; reads under row security.', false),
            ('pgerp_readonly', 'Reads under row security: reports, read replicas.', false),
            ('pgerp_auditor', 'Reads under row security, the record of changes included.', false),
            ('pgerp_monitor', 'Reads statistics and the history of migrations.', false),
            ('pgerp_backup', 'Dumps the database.', false),
            ('pgerp_worker', 'Has handlers act upon events that arrived.', false)
        ) AS r (name, comment, login)
    LOOP
        IF to_regrole(v_role.name) IS NULL THEN
            BEGIN
                EXECUTE format(
                    'CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE',
                    v_role.name, CASE WHEN v_role.login THEN 'LOGIN' ELSE 'NOLOGIN' END
                );
                EXECUTE format('COMMENT ON ROLE %I IS %L', v_role.name, v_role.comment);
            EXCEPTION
                -- Another database's run made it meanwhile.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role('pgerp_migrator', 'pgerp_owner', 'MEMBER') THEN
        GRANT pgerp_owner TO pgerp_migrator;
    END IF;
    IF NOT pg_has_role(current_user, 'pgerp_owner', 'MEMBER') THEN
        EXECUTE format('GRANT pgerp_owner TO %I', current_user);
    END IF;
    IF NOT has_database_privilege('pgerp_owner', current_database(), 'CREATE') THEN
        EXECUTE format('GRANT CREATE ON DATABASE %I TO pgerp_owner', current_database());
    END IF;
    IF NOT has_schema_privilege('pgerp_owner', 'public', 'CREATE') THEN
        GRANT CREATE, USAGE ON SCHEMA public TO pgerp_owner;
    END IF;
    -- A dump must see every row. Only a superuser can give this away.
    IF (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user)
        AND NOT (SELECT r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = 'pgerp_backup')
    THEN
        ALTER ROLE pgerp_backup BYPASSRLS;
    END IF;
END;
$do$;

-- What pgerp_owner makes in this database is for nobody else until it is granted, from the first
-- function on: a run that stops half-way leaves nothing open. The form with IN SCHEMA could not
-- take away what PUBLIC has by default.
ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner REVOKE EXECUTE ON FUNCTIONS FROM public;
ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner REVOKE USAGE ON TYPES FROM public;
