-- Whether a schema is readable becomes a boolean: no text of a caller becomes part of a statement.
-- depends: 20261127_1904_core_seals
-- Internal: only the files in sql/grants call it.
-- squawk-ignore-file ban-drop-function

-- Its arguments change; the repeatables make it anew.
DROP FUNCTION IF EXISTS core.reset_privileges(text, text[], text);
