-- Every movement has its event, which told of as much as its movements come to
WITH booked AS (
    SELECT
        v.tenant_id,
        v.business_id,
        v.event_id,
        v.booked_on,
        sum(v.cash) AS cash,
        sum(v.principal) AS principal,
        sum(v.interest) AS interest,
        sum(v.fees) AS fees,
        sum(v.penalties) AS penalties,
        sum(v.advance) AS advance,
        sum(v.allowance) AS allowance
    FROM lending.movements AS v
    GROUP BY v.tenant_id, v.business_id, v.event_id, v.booked_on
),

told AS (
    SELECT
        s.tenant_id,
        s.business_id,
        s.id AS event_id,
        (s.payload ->> 'on')::date AS booked_on,
        e.cash,
        e.principal,
        e.interest,
        e.fees,
        e.penalties,
        e.advance,
        e.allowance
    FROM events.event_store AS s
    CROSS JOIN LATERAL lending.effect_of_event(s.event_type, s.payload) AS e
    WHERE s.event_type LIKE 'lending.%'
)

SELECT
    coalesce(b.tenant_id, t.tenant_id) AS tenant_id,
    coalesce(b.event_id, t.event_id) AS event_id
FROM booked AS b
FULL JOIN told AS t
    ON
        b.tenant_id = t.tenant_id
        AND b.business_id = t.business_id
        AND b.event_id = t.event_id
        AND b.booked_on = t.booked_on
WHERE
    (b.cash, b.principal, b.interest, b.fees, b.penalties, b.advance, b.allowance)
    IS DISTINCT FROM
    (t.cash, t.principal, t.interest, t.fees, t.penalties, t.advance, t.allowance);
