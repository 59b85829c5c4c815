-- Every reason why postings to an account must be looked at, in one place.
CREATE OR REPLACE FUNCTION ledger.needs_watching(p_account ledger.accounts)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN p_account.minimum_balance IS NOT NULL
        OR p_account.credit_limit IS NOT NULL
        OR p_account.keeps_version
        OR ledger.is_budgeted(p_account);
END;
$$;
COMMENT ON FUNCTION ledger.needs_watching(ledger.accounts) IS
'Whether ledger.check_watched has anything to do for the account: it has a limit, keeps a version, '
'or a budget with the policy warn or stop plans it. Internal.';
