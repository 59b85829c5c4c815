-- Comments on anything in this database; those of objects outside the snapshot are left out by the
-- reader.
SELECT
    classoid AS class_id,
    objoid AS object_id,
    objsubid AS column_number,
    NULL AS object,
    description AS definition
FROM pg_description
WHERE
    classoid IN (
        'pg_class'::regclass,
        'pg_proc'::regclass,
        'pg_type'::regclass,
        'pg_namespace'::regclass,
        'pg_constraint'::regclass,
        'pg_trigger'::regclass,
        'pg_policy'::regclass,
        'pg_rewrite'::regclass,
        'pg_statistic_ext'::regclass,
        'pg_event_trigger'::regclass, 'pg_publication'::regclass, 'pg_subscription'::regclass
    )
    AND objoid >= 16384
