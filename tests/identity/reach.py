"""What a client of pgerp_app reaches, from the catalog: so that new objects are asked about too."""

RELATIONS = """
SELECT c.oid::regclass::text FROM pg_class AS c
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
    AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'
    AND has_table_privilege('pgerp_app', c.oid, 'SELECT')
ORDER BY 1"""
"""Every table and view that clients may read."""

FUNCTIONS = """
SELECT
    p.pronamespace::regnamespace || '.' || p.proname,
    p.proargnames[1:p.pronargs],
    p.pronargs - p.pronargdefaults,
    p.provolatile <> 'v' AND 'p_business_code' = ANY (p.proargnames[1:p.pronargs])
FROM pg_proc AS p
WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema$|pgerp$|public$)'
    AND has_function_privilege('pgerp_app', p.oid, 'EXECUTE')
ORDER BY 1"""
"""Every function that clients may call: name, names of its arguments, how many have no default,
and whether it is a statement of a business."""
