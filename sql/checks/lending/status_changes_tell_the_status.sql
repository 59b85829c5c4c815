-- The status of each loan is the last on record, and each on record follows from the one before
WITH steps AS (
    SELECT
        c.tenant_id,
        c.loan_id,
        c.no,
        c.from_status,
        c.to_status,
        lag(c.to_status) OVER w AS before,
        row_number() OVER w AS place,
        lead(c.no) OVER w IS NULL AS is_last
    FROM lending.status_changes AS c
    WINDOW w AS (PARTITION BY c.tenant_id, c.loan_id ORDER BY c.no)
)

SELECT
    l.tenant_id,
    l.id AS loan_id,
    l.status,
    s.to_status AS on_record
FROM lending.loans AS l
LEFT JOIN steps AS s ON l.tenant_id = s.tenant_id AND l.id = s.loan_id AND s.is_last
WHERE l.status IS DISTINCT FROM s.to_status
UNION ALL
SELECT
    s.tenant_id,
    s.loan_id,
    s.from_status,
    s.before
FROM steps AS s
WHERE s.no <> s.place OR s.from_status IS DISTINCT FROM s.before;
