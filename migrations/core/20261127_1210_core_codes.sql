-- What a code and a blank are, said once and the same in every locale and version: what classes of
-- regular expressions such as [[:space:]] hold depends on both.
-- depends: 20261120_0920_core_document_counters
-- Codes and labels are checked anew under a lock that writers wait for; no release has any.
-- squawk-ignore-file ban-alter-domain-with-add-constraint, ban-drop-constraint

-- No SET search_path, so that they are inlined where domains are checked; what the body names was
-- bound here. White space is that of Unicode (White_Space), control characters are its Cc.
CREATE FUNCTION core.is_code(p_text text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN
length(p_text) BETWEEN 1 AND 200
AND p_text COLLATE "C"
!~ E'[\\u0001-\\u001f\\u007f-\\u009f]'
'|^[ \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
'|[ \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]$';
COMMENT ON FUNCTION core.is_code(text) IS
'Whether a text can be a code: 1 to 200 characters, no white space at its ends, no control '
'characters, as Unicode defines them; NULL for NULL.';

CREATE FUNCTION core.is_blank(p_text text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN
p_text COLLATE "C"
!~ E'[^\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
COMMENT ON FUNCTION core.is_blank(text) IS
'Whether a text is empty or white space only, as Unicode defines that; NULL for NULL.';

ALTER DOMAIN core.code DROP CONSTRAINT code_is_short_and_trimmed_check;
ALTER DOMAIN core.code ADD CONSTRAINT code_is_short_and_trimmed_check
CHECK (core.is_code(VALUE));
COMMENT ON DOMAIN core.code IS
'A code that people type: 1 to 200 characters, no white space at its ends, no control characters.';

ALTER DOMAIN core.label DROP CONSTRAINT label_is_not_blank_check;
ALTER DOMAIN core.label ADD CONSTRAINT label_is_not_blank_check
CHECK (length(VALUE) <= 500 AND NOT core.is_blank(VALUE));
