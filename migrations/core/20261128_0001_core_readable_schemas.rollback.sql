-- The repeatables make it anew, as it was.
DROP FUNCTION IF EXISTS core.reset_privileges(text, text[], boolean);
