DROP TYPE lending.rounding_mode;
DROP TYPE lending.frequency;
DROP TYPE lending.day_count;
DROP TYPE lending.interest_calculation;
DROP TYPE lending.interest_method;
DROP SCHEMA lending;
