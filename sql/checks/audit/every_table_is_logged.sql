-- Every table is logged that is not an exception, and the log is guarded, by enabled triggers
WITH wanted AS (
    SELECT
        p.relid,
        t.table_name,
        t.logs,
        g.name,
        p.relid = t.relid AS is_root
    FROM audit.logged_tables() AS t
    CROSS JOIN
        LATERAL (
            SELECT t.relid
            UNION
            SELECT f.relid FROM pg_catalog.pg_partition_tree(t.relid) AS f
        ) AS p
    CROSS JOIN (VALUES ('audit_change'), ('audit_move'), ('truncate_audited')) AS g (name)
    UNION ALL
    SELECT
        p.relid,
        'audit.log' AS table_name,
        'log' AS logs,
        g.name,
        true AS is_root
    FROM pg_catalog.pg_partition_tree('audit.log'::regclass) AS p
    CROSS JOIN (VALUES ('log_guard'), ('log_refuse_truncate')) AS g (name)
    UNION ALL
    SELECT
        g.relid,
        g.relid::text AS table_name,
        'log' AS logs,
        g.name,
        true AS is_root
    FROM (
        VALUES
        ('audit.redactions'::regclass, 'redactions_guard'),
        ('audit.removals'::regclass, 'removals_guard'),
        ('audit.seals'::regclass, 'seals_append_only'),
        ('audit.sealed_changes'::regclass, 'sealed_changes_guard'),
        ('audit.sealed_changes'::regclass, 'sealed_changes_refuse_truncate')
    ) AS g (relid, name)
)

SELECT
    w.relid::regclass::text AS table_name,
    w.name AS trigger_name,
    coalesce(t.tgenabled::text, 'missing') AS state
FROM wanted AS w
LEFT JOIN pg_catalog.pg_trigger AS t ON w.relid = t.tgrelid AND w.name = t.tgname
WHERE
    -- Statement triggers are not inherited; partitions of the journal have their module's.
    (w.is_root OR w.name <> 'truncate_audited')
    AND (
        t.tgenabled IS DISTINCT FROM 'O'
        OR t.tgqual IS NOT NULL
        OR (t.tgattr <> '' AND w.name <> 'audit_move')
        -- Each row, after: 1; insert 4, delete 8, update 16. Truncate, before: 2 + 32.
        OR t.tgtype <> CASE
            WHEN w.name = 'truncate_audited' OR w.name LIKE '%\_refuse\_truncate' THEN 34
            WHEN w.name IN ('log_guard', 'seals_append_only', 'sealed_changes_guard') THEN 27
            WHEN w.name IN ('redactions_guard', 'removals_guard') THEN 31
            WHEN w.name = 'audit_move' THEN 17
            WHEN w.logs = 'all' THEN 29
            ELSE 25
        END
    );
