-- When instalments are due, and what part of a year each period is.
CREATE OR REPLACE FUNCTION lending.schedule_periods(
    p_instalments integer,
    p_disbursed_on date,
    p_first_due_on date,
    p_every integer,
    p_frequency text,
    p_interest_calculation text,
    p_day_count text
)
RETURNS TABLE (
    instalment_no integer, due_date date, days integer, year_part integer, year_whole integer
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    WITH due AS (
        -- Each is counted from the first, so that the 31st comes back after February.
        SELECT
            n.no,
            CASE p_frequency
                WHEN 'month' THEN coalesce(p_first_due_on, p_disbursed_on)
                    + make_interval(months => p_every * n.steps)
                ELSE coalesce(p_first_due_on, p_disbursed_on)
                    + make_interval(days => p_every * n.steps
                        * CASE p_frequency WHEN 'week' THEN 7 ELSE 1 END)
            END::date AS due_date
        FROM (
            SELECT
                g.no,
                g.no - CASE WHEN p_first_due_on IS NULL THEN 0 ELSE 1 END AS steps
            FROM generate_series(1, p_instalments) AS g (no)
        ) AS n
    ),

    spans AS (
        SELECT
            d.no,
            d.due_date AS till,
            lag(d.due_date, 1, p_disbursed_on) OVER (ORDER BY d.no) AS since
        FROM due AS d
    ),

    counted AS (
        SELECT
            s.no,
            s.since,
            s.till,
            CASE WHEN p_interest_calculation = 'daily' AND p_day_count = '30/360'
                THEN (
                    360 * (extract(YEAR FROM s.till) - extract(YEAR FROM s.since))
                    + 30 * (extract(MONTH FROM s.till) - extract(MONTH FROM s.since))
                    + CASE
                        WHEN extract(DAY FROM s.since) >= 30
                            THEN least(extract(DAY FROM s.till), 30)
                        ELSE extract(DAY FROM s.till)
                    END
                    - least(extract(DAY FROM s.since), 30)
                )::integer
                ELSE s.till - s.since
            END AS days,
            -- The days of the years that it begins and ends in.
            extract(DOY FROM make_date(extract(YEAR FROM s.since)::integer, 12, 31)) AS since_year,
            extract(DOY FROM make_date(extract(YEAR FROM s.till)::integer, 12, 31)) AS till_year
        FROM spans AS s
    )

    SELECT
        c.no,
        c.till,
        c.days,
        CASE
            WHEN p_interest_calculation = 'period' THEN p_every
            WHEN p_day_count = 'actual/actual'
                -- 365 x 366 parts make a year: a day of it is 365 or 366 of them.
                THEN (
                    133590 * (extract(YEAR FROM c.till) - extract(YEAR FROM c.since))
                    + (extract(DOY FROM c.till) - 1) * (731 - c.till_year)
                    - (extract(DOY FROM c.since) - 1) * (731 - c.since_year)
                )::integer
            ELSE c.days
        END,
        CASE
            WHEN p_interest_calculation = 'period'
                THEN CASE p_frequency WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END
            ELSE CASE p_day_count WHEN 'actual/365' THEN 365 WHEN 'actual/actual' THEN 133590
                ELSE 360 END
        END
    FROM counted AS c
    ORDER BY c.no;
$$;
COMMENT ON FUNCTION lending.schedule_periods(integer, date, date, integer, text, text, text) IS
'The due dates of a schedule, and of each the days since the one before (of the first: since '
'disbursement) and what part of a year that is, year_part of year_whole. days are those that the '
'day count has when interest is daily, those of the calendar otherwise. Arguments as of '
'lending.preview_payment_schedule, which has checked them. Internal.';
