-- The repeatables of the release that has the function make it anew.
SELECT 1;
