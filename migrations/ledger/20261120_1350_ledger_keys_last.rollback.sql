-- The order in which indexes were made is no part of the schema: nothing is to be taken back.
SELECT 1;
