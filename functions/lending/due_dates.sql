-- When instalments are due.
CREATE OR REPLACE FUNCTION lending.due_dates(
    p_anchor date,
    p_every integer,
    p_frequency text,
    p_first_step integer,
    p_last_step integer
)
RETURNS date[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    -- Each is counted from the anchor, so that the 31st comes back after February.
    SELECT coalesce(array_agg(
        (
            p_anchor + CASE p_frequency
                WHEN 'month' THEN make_interval(months => p_every * g.step)
                ELSE make_interval(
                    days => p_every * g.step * CASE p_frequency WHEN 'week' THEN 7 ELSE 1 END
                )
            END
        )::date
        ORDER BY g.step
    ), '{}')
    FROM generate_series(p_first_step, p_last_step) AS g (step);
$$;
COMMENT ON FUNCTION lending.due_dates(date, integer, text, integer, integer) IS
'The days that are so many intervals (p_every times a p_frequency of day, week or month) after '
'p_anchor, from p_first_step to p_last_step intervals. Internal.';
