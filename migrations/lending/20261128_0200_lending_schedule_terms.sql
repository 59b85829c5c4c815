-- What loans are repaid by: the words for it, and the limits of rates.
-- depends: 20261127_2000_events_store

CREATE SCHEMA lending;
COMMENT ON SCHEMA lending IS
'Loans: products, and the schedules by which they are repaid.';

CREATE TYPE lending.interest_method AS ENUM (
    'flat', 'declining_equal_instalments', 'declining_equal_principal'
);
COMMENT ON TYPE lending.interest_method IS
'flat: interest on the principal that was lent, for the whole term, in equal parts; '
'declining_equal_instalments: interest on what is still owed, equal totals (annuity); '
'declining_equal_principal: the same, equal parts of principal.';

CREATE TYPE lending.interest_calculation AS ENUM ('period', 'daily');
COMMENT ON TYPE lending.interest_calculation IS
'period: each period bears the same share of a year, however many days it has; daily: the days of '
'each period count, by a day count.';

CREATE TYPE lending.day_count AS ENUM ('30/360', 'actual/360', 'actual/365', 'actual/actual');
COMMENT ON TYPE lending.day_count IS
'What part of a year the days between two dates are, by the 2006 ISDA Definitions, section 4.16: '
'30/360 (f, bond basis), actual/360 (e), actual/365 (d, fixed), actual/actual (b: days of leap '
'years by 366, others by 365).';

CREATE TYPE lending.frequency AS ENUM ('day', 'week', 'month');
COMMENT ON TYPE lending.frequency IS 'The unit of the time between instalments.';

CREATE TYPE lending.rounding_mode AS ENUM ('half_even', 'half_up');
COMMENT ON TYPE lending.rounding_mode IS
'Where half a unit goes: half_even to the even neighbour, half_up away from zero.';
