"""What the catalog says of a table of the journal, or of its twin on a rung."""

from __future__ import annotations

COLUMNS = """
SELECT a.attname::text, a.atttypid FROM pg_attribute AS a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 ORDER BY 1
"""
CONSTRAINTS = """
SELECT c.conname::text, replace(pg_get_constraintdef(c.oid), %s, 'ledger.journal_entries(')
FROM pg_constraint AS c
WHERE c.conrelid = %s::regclass AND c.contype = %s AND c.conparentid = 0 AND c.convalidated
ORDER BY 1
"""
BOUNDS = """
SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits AS i
INNER JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = %s::regclass ORDER BY 1
"""
TRIGGERS = """
SELECT t.tgname::text, t.tgtype, t.tgenabled, t.tgdeferrable, t.tginitdeferred, replace(
    substring(pg_get_triggerdef(t.oid) FROM 'WHEN .* EXECUTE'), '''proved''', '''function'''
)
FROM pg_trigger AS t WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal ORDER BY 1
"""
POLICIES = """
SELECT p.polname::text, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid)
FROM pg_policy AS p WHERE p.polrelid = %s::regclass ORDER BY 1
"""
UNSECURED = """
SELECT c.relname::text FROM pg_class AS c
WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p')
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
