-- The repeatables of the release that has the functions make them anew.
SELECT 1;
