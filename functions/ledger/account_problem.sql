-- Why an account does not take a line, in one place for every way of posting.
CREATE OR REPLACE FUNCTION ledger.account_problem(
    p_account ledger.accounts,
    p_business_id integer,
    p_currency_code text,
    p_source_module text
)
RETURNS TABLE (sqlstate text, problem text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        CASE
            WHEN NOT p_account.is_postable THEN 'ZL009'
            WHEN NOT p_account.is_active THEN 'ZL010'
            WHEN p_account.business_id <> p_business_id THEN 'ZL012'
            WHEN p_account.currency_code <> p_currency_code THEN 'ZL014'
            WHEN (p_source_module IN (p_account.control_module, 'ledger')) IS NOT true
                AND p_account.control_module IS NOT NULL THEN 'ZL021'
        END,
        CASE
            WHEN NOT p_account.is_postable
                THEN format('account %s is a header account', p_account.code)
            WHEN NOT p_account.is_active
                THEN format('account %s is inactive', p_account.code)
            WHEN p_account.business_id <> p_business_id
                THEN format('account %s belongs to another business', p_account.code)
            WHEN p_account.currency_code <> p_currency_code
                THEN format('account %s takes only %s', p_account.code, p_account.currency_code)
            WHEN (p_source_module IN (p_account.control_module, 'ledger')) IS NOT true
                AND p_account.control_module IS NOT NULL
                THEN format(
                    'account %s takes only entries of the module %s',
                    p_account.code, p_account.control_module
                )
        END;
$$;
COMMENT ON FUNCTION ledger.account_problem(ledger.accounts, integer, text, text) IS
'One row: SQLSTATE and text of why the account takes no line of that business and currency, in an '
'entry of that module, or NULLs when it does. ZL009 header, ZL010 inactive, ZL012 of another '
'business, ZL014 other currency, ZL021 control account of another module. The module ledger, which '
'books exchange differences, posts to any.';
