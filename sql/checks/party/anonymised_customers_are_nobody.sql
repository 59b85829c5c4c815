-- Of an anonymised customer nothing personal is left, nor in its row's log, and it is on record
SELECT
    c.tenant_id,
    c.id AS customer_id,
    'not on record' AS state
FROM party.customers AS c
WHERE
    (c.status = 'anonymised') <> EXISTS (
        SELECT FROM party.privacy_acts AS p
        WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.id AND p.kind = 'anonymise'
    )
UNION ALL
SELECT
    c.tenant_id,
    c.id AS customer_id,
    'has contacts, addresses or documents' AS state
FROM party.customers AS c
WHERE
    c.status = 'anonymised'
    AND (
        EXISTS (
            SELECT FROM party.customer_contacts AS k
            WHERE k.tenant_id = c.tenant_id AND k.customer_id = c.id
        )
        OR EXISTS (
            SELECT FROM party.customer_addresses AS a
            WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.id
        )
        OR EXISTS (
            SELECT FROM party.identity_documents AS d
            WHERE d.tenant_id = c.tenant_id AND d.customer_id = c.id
        )
    )
UNION ALL
SELECT
    c.tenant_id,
    c.id AS customer_id,
    'its log has ' || p.column_name AS state
FROM party.customers AS c
INNER JOIN audit.log AS l
    ON
        c.tenant_id = l.tenant_id AND l.table_name = 'party.customers'
        AND c.id::text = l.row_key
INNER JOIN party.personal_data_columns AS p
    ON l.table_name = p.table_name AND p.treatment <> 'keep'
CROSS JOIN
    LATERAL (
        VALUES (l.old_row ->> p.column_name), (l.new_row ->> p.column_name)
    ) AS v (item)
WHERE
    c.status = 'anonymised'
    AND v.item NOT IN ('[anonymised]', '***', '*** (changed)');
