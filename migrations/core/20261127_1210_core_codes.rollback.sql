ALTER DOMAIN core.label DROP CONSTRAINT label_is_not_blank_check;
ALTER DOMAIN core.label ADD CONSTRAINT label_is_not_blank_check
CHECK (length(VALUE) <= 500 AND VALUE ~ '[^[:space:]]');

ALTER DOMAIN core.code DROP CONSTRAINT code_is_short_and_trimmed_check;
ALTER DOMAIN core.code ADD CONSTRAINT code_is_short_and_trimmed_check
CHECK (length(VALUE) BETWEEN 1 AND 200 AND VALUE = btrim(VALUE) AND VALUE !~ '[[:cntrl:]]');
COMMENT ON DOMAIN core.code IS
'A code that people type: 1 to 200 characters, no blanks at its ends, no control characters.';

DROP FUNCTION core.is_blank(text);
DROP FUNCTION core.is_code(text);
