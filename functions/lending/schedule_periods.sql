-- What part of a year the period of each instalment is.
CREATE OR REPLACE FUNCTION lending.schedule_periods(
    p_starts_on date,
    p_due_dates date[],
    p_every integer,
    p_frequency text,
    p_interest_calculation text,
    p_day_count text,
    p_period_starts_on date DEFAULT NULL
)
RETURNS TABLE (
    instalment_no integer, due_date date, days integer, year_part bigint, year_whole bigint
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    WITH spans AS (
        SELECT
            d.no::integer AS no,
            d.till,
            lag(d.till, 1, p_starts_on) OVER (ORDER BY d.no) AS since
        FROM unnest(p_due_dates) WITH ORDINALITY AS d (till, no)
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
            -- Of a period that has begun, what is left: its days of all its days.
            WHEN p_interest_calculation = 'period' AND c.no = 1 AND f.is_part
                THEN p_every * c.days::bigint
            WHEN p_interest_calculation = 'period' THEN p_every * f.days
            WHEN p_day_count = 'actual/actual'
                -- 365 x 366 parts make a year: a day of it is 365 or 366 of them.
                THEN (
                    133590 * (extract(YEAR FROM c.till) - extract(YEAR FROM c.since))
                    + (extract(DOY FROM c.till) - 1) * (731 - c.till_year)
                    - (extract(DOY FROM c.since) - 1) * (731 - c.since_year)
                )::bigint
            ELSE c.days
        END,
        CASE
            WHEN p_interest_calculation = 'period'
                THEN f.days
                    * CASE p_frequency WHEN 'month' THEN 12 WHEN 'week' THEN 52 ELSE 365 END
            ELSE CASE p_day_count WHEN 'actual/365' THEN 365 WHEN 'actual/actual' THEN 133590
                ELSE 360 END
        END
    FROM counted AS c
    CROSS JOIN (
        SELECT
            p.is_part,
            CASE WHEN p.is_part THEN p_due_dates[1] - p_period_starts_on ELSE 1 END::bigint AS days
        FROM (SELECT coalesce(p_period_starts_on < p_starts_on, false) AS is_part) AS p
    ) AS f
    ORDER BY c.no;
$$;
COMMENT ON FUNCTION lending.schedule_periods(
    date, date[], integer, text, text, text, date
) IS
'Of each due date the days since the one before (of the first: since p_starts_on) and what part of '
'a year that is, year_part of year_whole. days are those that the day count has when interest is '
'daily, those of the calendar otherwise. p_period_starts_on: when the first period began, if '
'before p_starts_on: where interest is by period, the first is then the part of one that is left. '
'The others as of lending.preview_payment_schedule, which has checked them. Internal.';
