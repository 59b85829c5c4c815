-- What walking the tree of accounts gives.
-- depends: 20261120_1259_ledger_statements

CREATE TYPE ledger.account_node AS (
    tenant_id integer,
    account_id uuid,
    level integer,
    path text [],
    lineage uuid []
);
COMMENT ON TYPE ledger.account_node IS
'An account in the tree: level 1 is a root; path and lineage hold the codes and ids from the root '
'down to itself.';
