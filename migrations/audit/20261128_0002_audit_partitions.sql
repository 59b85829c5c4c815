-- The partitions of the log are made by core.create_year_partitions, as of every table by year.
-- depends: 20261128_0001_core_readable_schemas
-- Only maintenance calls them, and its program comes with this.
-- squawk-ignore-file ban-drop-function

DROP FUNCTION IF EXISTS audit.create_partitions(integer);
DROP FUNCTION IF EXISTS audit.make_partition(integer, boolean);
