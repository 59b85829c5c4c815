-- Where the books say something else than the loans.
CREATE OR REPLACE FUNCTION lending.books_offenders()
RETURNS TABLE (
    tenant_id integer,
    business_id integer,
    problem text,
    lending_balance numeric,
    ledger_balance numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Only where both are in one database: elsewhere the books may be behind.
    IF to_regclass('ledger.account_roles') IS NULL THEN
        RETURN;
    END IF;
    -- Dynamic, since the ledger need not be here.
    RETURN QUERY EXECUTE $sql$
        -- What has not come to the books yet is told by events.parked and events.backlog.
        WITH sums AS (
            SELECT
                m.tenant_id,
                m.business_id,
                sum(m.principal) AS principal,
                sum(m.interest) AS interest,
                sum(m.fees) AS fees,
                sum(m.penalties) AS penalties,
                -sum(m.advance) AS advance,
                -sum(m.allowance) AS allowance
            FROM lending.movements AS m
            WHERE NOT EXISTS (
                SELECT FROM events.pending AS p
                WHERE p.tenant_id = m.tenant_id
                    AND p.handler = 'ledger.post_event'
                    AND p.event_id = m.event_id
            )
            GROUP BY m.tenant_id, m.business_id
        ),

        parts AS (
            SELECT
                b.tenant_id,
                b.id AS business_id,
                v.part,
                s.tenant_id IS NOT NULL AS lends,
                coalesce(v.balance, 0) AS balance
            FROM identity.businesses AS b
            LEFT JOIN sums AS s ON s.tenant_id = b.tenant_id AND s.business_id = b.id
            CROSS JOIN LATERAL (VALUES
                ('loans_receivable', s.principal),
                ('loan_interest_receivable', s.interest),
                ('loan_fees_receivable', s.fees),
                ('loan_penalties_receivable', s.penalties),
                ('loan_advances', s.advance),
                ('loan_loss_allowance', s.allowance),
                ('loan_payment_clearing', 0)
            ) AS v (part, balance)
        ),

        -- A business's own choice of an account goes before that for all.
        accounts AS (
            SELECT DISTINCT
                c.tenant_id,
                c.business_id,
                p.part,
                c.account_id
            FROM (
                SELECT DISTINCT ON (b.tenant_id, b.id, r.role)
                    b.tenant_id,
                    b.id AS business_id,
                    r.role,
                    r.account_id
                FROM identity.businesses AS b
                INNER JOIN ledger.account_roles AS r
                    ON r.tenant_id = b.tenant_id
                    AND (r.business_id = b.id OR r.business_id IS NULL)
                WHERE starts_with(r.role, 'loan')
                ORDER BY b.tenant_id, b.id, r.role, r.business_id NULLS LAST
            ) AS c
            INNER JOIN (SELECT DISTINCT q.part FROM parts AS q) AS p
                ON c.role = p.part OR starts_with(c.role, p.part || '_')
        ),

        -- Parts that share an account, at once or by way of others, are told apart by nobody; of
        -- seven parts none is more than six steps from another.
        step AS (
            SELECT
                a.tenant_id,
                a.business_id,
                a.part,
                o.part AS other
            FROM accounts AS a
            INNER JOIN accounts AS o USING (tenant_id, business_id, account_id)
        ),

        two_steps AS (
            SELECT DISTINCT
                s.tenant_id,
                s.business_id,
                s.part,
                o.other
            FROM step AS s
            INNER JOIN step AS o
                ON o.tenant_id = s.tenant_id
                AND o.business_id = s.business_id
                AND o.part = s.other
        ),

        heads AS (
            SELECT
                s.tenant_id,
                s.business_id,
                s.part,
                min(t.other) AS head
            FROM two_steps AS s
            INNER JOIN two_steps AS o
                ON o.tenant_id = s.tenant_id
                AND o.business_id = s.business_id
                AND o.part = s.other
            INNER JOIN two_steps AS t
                ON t.tenant_id = o.tenant_id
                AND t.business_id = o.business_id
                AND t.part = o.other
            GROUP BY s.tenant_id, s.business_id, s.part
        ),

        ours AS (
            SELECT
                p.tenant_id,
                p.business_id,
                coalesce(h.head, p.part) AS head,
                string_agg(p.part, ', ' ORDER BY p.part) AS parts,
                sum(p.balance) AS balance
            FROM parts AS p
            LEFT JOIN heads AS h USING (tenant_id, business_id, part)
            GROUP BY p.tenant_id, p.business_id, coalesce(h.head, p.part)
        ),

        theirs AS (
            SELECT
                a.tenant_id,
                a.business_id,
                a.head,
                sum(b.debit - b.credit) AS balance
            FROM (
                SELECT DISTINCT
                    n.tenant_id,
                    n.business_id,
                    n.account_id,
                    h.head
                FROM accounts AS n
                INNER JOIN heads AS h USING (tenant_id, business_id, part)
            ) AS a
            INNER JOIN ledger.account_balances AS b
                ON b.tenant_id = a.tenant_id
                AND b.business_id = a.business_id
                AND b.account_id = a.account_id
            GROUP BY a.tenant_id, a.business_id, a.head
        )

        SELECT
            o.tenant_id,
            o.business_id,
            'the books of ' || o.parts || ' differ',
            o.balance,
            t.balance
        FROM ours AS o
        LEFT JOIN theirs AS t USING (tenant_id, business_id, head)
        WHERE o.balance <> coalesce(t.balance, 0)
        UNION ALL
        SELECT
            p.tenant_id,
            p.business_id,
            format('account %s (%s) is not reserved for lending', c.code, p.part),
            NULL,
            NULL
        FROM parts AS p
        INNER JOIN accounts AS a USING (tenant_id, business_id, part)
        INNER JOIN ledger.accounts AS c ON c.tenant_id = a.tenant_id AND c.id = a.account_id
        WHERE p.lends AND c.control_module IS DISTINCT FROM 'lending'
    $sql$;
END;
$$;
COMMENT ON FUNCTION lending.books_offenders() IS
'Where the sums of lending.movements differ from the balances of the accounts that play the parts '
'loans_receivable, loan_interest_receivable, loan_fees_receivable, loan_penalties_receivable, '
'loan_advances, loan_loss_allowance and loan_payment_clearing (0), or roles whose names begin with '
'one of these and an underscore, debit positive; and which of these accounts of a business that '
'lends are not reserved for the module lending. Events that are pending are left out. None where '
'the ledger is not in this database. Internal: for sql/checks.';
