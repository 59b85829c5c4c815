-- All slices of a statutory rate are for one base and window, and each holds once on a day
WITH slices AS (
    SELECT
        t.*,
        coalesce(t.effective_to, 'infinity'::date) AS last_day
    FROM payroll.tax_rates AS t
)

SELECT
    a.jurisdiction,
    a.component,
    a.filing_status,
    a.slice,
    a.effective_from
FROM slices AS a
INNER JOIN slices AS b
    ON
        a.jurisdiction = b.jurisdiction
        AND a.component = b.component
        AND a.effective_from <= b.last_day
        AND a.last_day >= b.effective_from
WHERE
    (a.rate_window, a.base, a.is_pretax) <> (b.rate_window, b.base, b.is_pretax)
    OR (
        (a.slice, a.filing_status) = (b.slice, b.filing_status)
        AND a.effective_from <> b.effective_from
    );
