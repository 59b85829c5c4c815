-- The roles of pgerp. Run before everything else, by whoever connects; running it again changes
-- nothing.
-- Who may do what: pgerp_owner owns every object (it may log in, since Citus opens connections of
-- its own for functions that run as their owner, but it has no
-- password); pgerp_migrator runs migrations; pgerp_app calls the API; pgerp_readonly and
-- pgerp_auditor read; pgerp_monitor watches; pgerp_backup dumps; pgerp_worker has handlers act upon
-- events; pgerp_subscriber owns what brings events from other databases (pgerp services up gives it
-- what passes row security there), and has no password either. Each service of core.services()
-- has a login that holds it to its own modules; pgerp_service has what all of them need, and
-- pgerp_service_application is the login of an application that has all modules.
-- Passwords, certificates, memberships of people and pg_hba.conf are the operator's; nothing here
-- has a password.
DO $do$
DECLARE
    v_item record;
    v_roles jsonb := (
        SELECT jsonb_agg(to_jsonb(r))
        FROM (
            VALUES
            ('pgerp_owner', true, NULL, 'Owns every object of pgerp; nobody works as this role.'),
            ('pgerp_migrator', false, 'pgerp_owner', 'Runs migrations: may become pgerp_owner.'),
            ('pgerp_app', false, NULL, 'Calls the API of pgerp; reads under row security.'),
            ('pgerp_readonly', false, NULL, 'Reads under row security: reports, read replicas.'),
            (
                'pgerp_auditor', false, NULL,
                'Reads under row security, the record of changes included.'
            ),
            ('pgerp_monitor', false, NULL, 'Reads statistics and the history of migrations.'),
            ('pgerp_backup', false, NULL, 'Dumps the database.'),
            ('pgerp_worker', false, NULL, 'Has handlers act upon events that arrived.'),
            (
                'pgerp_subscriber', true, NULL,
                'Owns subscriptions between services; nobody works as this role.'
            ),
            ('pgerp_service', false, NULL, 'What every service needs: the modules that all share.'),
            (
                'pgerp_service_application', true, 'pgerp_app',
                'The login of an application that has all modules.'
            )
            UNION ALL
            SELECT
                'pgerp_service_' || s.name,
                true,
                'pgerp_service',
                format('The login of the service %s, held to its modules.', s.name)
            FROM unnest(ARRAY[
                'employee', 'payroll', 'accounting', 'billing', 'procurement', 'inventory',
                'supply_chain', 'finance', 'lending'
            ]) AS s (name)
        ) AS r (name, login, member_of, comment)
    );
    -- From 16 on who made a role is a member of it, but may not become it.
    v_mode text := CASE
        WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER'
    END;
BEGIN
    FOR v_item IN
        SELECT r.*
        FROM jsonb_to_recordset(v_roles) AS r (name text, login boolean, comment text)
        WHERE to_regrole(r.name) IS NULL
    LOOP
        BEGIN
            EXECUTE format(
                'CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE',
                v_item.name, CASE WHEN v_item.login THEN 'LOGIN' ELSE 'NOLOGIN' END
            );
            EXECUTE format('COMMENT ON ROLE %I IS %L', v_item.name, v_item.comment);
        EXCEPTION
            -- Another database's run made it meanwhile.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;

    -- What they were given by hand beyond that is taken back: attributes, and being members of one
    -- another. Whether they may log in, and what pgerp_backup and pgerp_subscriber need for copies,
    -- is for operators to say. A scratch database of pgerp verify changes nothing for the others.
    FOR v_item IN
        SELECT
            concat(
                'ALTER ROLE ', quote_ident(a.rolname),
                CASE WHEN a.rolsuper THEN ' NOSUPERUSER' END,
                CASE WHEN a.rolcreatedb THEN ' NOCREATEDB' END,
                CASE WHEN a.rolcreaterole THEN ' NOCREATEROLE' END,
                CASE WHEN a.rolreplication AND NOT b.copies THEN ' NOREPLICATION' END,
                CASE WHEN a.rolbypassrls AND NOT b.copies THEN ' NOBYPASSRLS' END,
                CASE WHEN NOT a.rolinherit THEN ' INHERIT' END
            ) AS command
        FROM jsonb_to_recordset(v_roles) AS r (name text)
        INNER JOIN pg_roles AS a ON a.rolname = r.name
        CROSS JOIN LATERAL (SELECT a.rolname IN ('pgerp_backup', 'pgerp_subscriber') AS copies) AS b
        WHERE (
            a.rolsuper OR a.rolcreatedb OR a.rolcreaterole OR NOT a.rolinherit
            OR (NOT b.copies AND (a.rolreplication OR a.rolbypassrls))
        )
        AND current_database() !~ '^pgerp_verify_[0-9]+_[0-9a-f]+$'
        UNION ALL
        SELECT format(
            'REVOKE %s FROM %s GRANTED BY %s',
            m.roleid::regrole, m.member::regrole, m.grantor::regrole
        )
        FROM pg_auth_members AS m
        INNER JOIN jsonb_to_recordset(v_roles) AS r (name text, member_of text)
            ON m.member = to_regrole(r.name)
        INNER JOIN jsonb_to_recordset(v_roles) AS o (name text) ON m.roleid = to_regrole(o.name)
        WHERE (r.member_of IS DISTINCT FROM o.name OR m.admin_option)
            AND current_database() !~ '^pgerp_verify_[0-9]+_[0-9a-f]+$'
    LOOP
        EXECUTE v_item.command;
    END LOOP;

    FOR v_item IN
        SELECT
            r.name,
            r.member_of,
            'USAGE' AS mode
        FROM jsonb_to_recordset(v_roles) AS r (name text, member_of text)
        WHERE r.member_of IS NOT NULL
        UNION ALL
        -- Who runs this works as these two from now on.
        SELECT
            current_user,
            o.name,
            v_mode
        FROM unnest('{pgerp_owner, pgerp_migrator}'::text[]) AS o (name)
    LOOP
        CONTINUE WHEN pg_has_role(v_item.name, v_item.member_of, v_item.mode);
        BEGIN
            EXECUTE format('GRANT %I TO %I', v_item.member_of, v_item.name);
        EXCEPTION
            WHEN unique_violation THEN NULL;
        END;
    END LOOP;
    -- Only a superuser can give these away. A dump must see every row; views of monitoring tell how
    -- far subscribers are behind (events.sender_lags), without those who watch reading statements.
    IF (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user) THEN
        IF NOT (SELECT r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = 'pgerp_backup') THEN
            ALTER ROLE pgerp_backup BYPASSRLS;
        END IF;
        IF NOT pg_has_role('pgerp_owner', 'pg_read_all_stats', 'USAGE') THEN
            BEGIN
                GRANT pg_read_all_stats TO pgerp_owner;
            EXCEPTION
                WHEN unique_violation THEN NULL;
            END;
        END IF;
    END IF;
END;
$do$;

-- The database itself, as far as whoever runs this may say: PUBLIC may neither connect nor make
-- temporary objects, which in a pool outlive the transaction that made them. Whoever has anything
-- in the database keeps what PUBLIC had.
DO $do$
DECLARE
    v_item record;
    v_may_grant boolean;
    v_acl aclitem[];
BEGIN
    SELECT
        pg_has_role(current_user, d.datdba, 'USAGE'),
        coalesce(d.datacl, acldefault('d', d.datdba))
    INTO v_may_grant, v_acl
    FROM pg_database AS d
    WHERE d.datname = current_database();
    FOR v_item IN
        WITH grants AS (
            SELECT
                a.grantee,
                a.privilege_type AS privilege
            FROM aclexplode(v_acl) AS a
        ),
        ours AS (
            SELECT r.oid
            FROM pg_roles AS r
            WHERE r.rolname ~ '^pgerp_(owner|migrator|app|readonly|auditor|monitor|backup)$'
                OR r.rolname ~ '^pgerp_(worker|subscriber)$'
                OR r.rolname ~ '^pgerp_service(_|$)'
        ),
        wanted AS (
            SELECT
                to_regrole(w.role)::oid AS grantee,
                p.name AS privilege
            FROM (
                VALUES
                ('pgerp_owner', '{CREATE, TEMPORARY, CONNECT}'::text[]),
                ('pgerp_app', '{CONNECT}'),
                ('pgerp_readonly', '{CONNECT}'),
                ('pgerp_auditor', '{CONNECT}'),
                ('pgerp_monitor', '{CONNECT}'),
                ('pgerp_backup', '{CONNECT}'),
                ('pgerp_worker', '{CONNECT}'),
                ('pgerp_subscriber', '{CONNECT}'),
                ('pgerp_service', '{CONNECT}')
            ) AS w (role, privileges)
            CROSS JOIN unnest(w.privileges) AS p (name)
        )
        SELECT
            1 AS step,
            format('GRANT %s ON DATABASE %%I TO %s', w.privilege, w.grantee::regrole) AS command
        FROM (
            SELECT w.grantee, w.privilege
            FROM wanted AS w
            WHERE v_may_grant
                OR (w.privilege = 'CREATE' AND NOT has_database_privilege(
                    w.grantee, current_database(), 'CREATE'
                ))
            UNION
            SELECT r.oid, g.privilege
            FROM pg_shdepend AS s
            INNER JOIN pg_roles AS r ON r.oid = s.refobjid
            CROSS JOIN grants AS g
            WHERE s.refclassid = 'pg_authid'::regclass
                AND s.dbid = (
                    SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()
                )
                AND g.grantee = 0
                AND v_may_grant
                AND r.oid NOT IN (SELECT o.oid FROM ours AS o)
            UNION
            SELECT r.oid, 'CONNECT'
            FROM pg_roles AS r
            WHERE r.rolname = current_user AND v_may_grant
            EXCEPT
            SELECT g.grantee, g.privilege FROM grants AS g
        ) AS w
        UNION ALL
        SELECT
            2,
            format(
                'REVOKE %s ON DATABASE %%I FROM %s',
                g.privilege, coalesce(nullif(g.grantee, 0)::regrole::text, 'PUBLIC')
            )
        FROM grants AS g
        WHERE v_may_grant
            AND (g.grantee = 0 OR g.grantee IN (SELECT o.oid FROM ours AS o))
            AND (g.grantee, g.privilege) NOT IN (SELECT w.grantee, w.privilege FROM wanted AS w)
        ORDER BY step
    LOOP
        EXECUTE format(v_item.command, current_database());
    END LOOP;
    IF NOT has_schema_privilege('pgerp_owner', 'public', 'CREATE') THEN
        GRANT CREATE, USAGE ON SCHEMA public TO pgerp_owner;
    END IF;
    -- PostgreSQL 14 and before let PUBLIC make objects there, and an upgrade keeps it so.
    IF v_may_grant AND EXISTS (
        SELECT
        FROM pg_namespace AS n
        CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'
    ) THEN
        REVOKE CREATE ON SCHEMA public FROM public;
    END IF;
END;
$do$;

-- What pgerp_owner makes in this database, or pgerp_migrator when a script forgets to become it,
-- is for nobody else until it is granted, from the first
-- function on: a run that stops half-way leaves nothing open. The form with IN SCHEMA could not
-- take away what PUBLIC has by default.
ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner, pgerp_migrator
REVOKE EXECUTE ON FUNCTIONS FROM public;
ALTER DEFAULT PRIVILEGES FOR ROLE pgerp_owner, pgerp_migrator
REVOKE USAGE ON TYPES FROM public;
-- Tables, sequences, schemas and large objects are nobody else's to begin with; what was given away
-- by hand is taken back.
DO $do$
DECLARE
    v_item record;
BEGIN
    FOR v_item IN
        SELECT format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %s%s REVOKE ALL ON %s FROM %s',
            d.defaclrole::regrole,
            ' IN SCHEMA ' || nullif(d.defaclnamespace, 0)::regnamespace,
            CASE d.defaclobjtype
                WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS'
            END,
            coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC')
        ) AS command
        FROM pg_default_acl AS d
        CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
        WHERE d.defaclrole IN ('pgerp_owner'::regrole, 'pgerp_migrator'::regrole)
            AND a.grantee <> d.defaclrole
        GROUP BY d.defaclrole, d.defaclnamespace, d.defaclobjtype, a.grantee
    LOOP
        EXECUTE v_item.command;
    END LOOP;
END;
$do$;
