-- What a column needs that holds a sensitive value, and a row that several people edit.
-- depends: 20261127_1610_audit_permission

-- A version 1 token of Fernet: its version byte, a time before the year 36812, hence gAAAAA, and at
-- least an initialisation vector, one block and a signature. The key is named before it.
CREATE DOMAIN core.encrypted_value AS text
CONSTRAINT encrypted_value_is_a_token_check CHECK (
    length(VALUE) <= 8192
    AND length(substr(VALUE, strpos(VALUE, ':') + 1)) % 4 = 0
    AND VALUE COLLATE "C" ~ '\A[a-z0-9][a-z0-9_-]{0,62}:gAAAAA[A-Za-z0-9_-]{92,}={0,2}\Z'
);
COMMENT ON DOMAIN core.encrypted_value IS
'A sensitive value, encrypted before it is written: the id of the key, a colon, and a Fernet token '
'(https://github.com/fernet/spec: AES-128-CBC with HMAC-SHA-256, base64url). Plain text is '
'refused. Up to 8192 characters.';

CREATE DOMAIN core.keyed_hash AS text
CONSTRAINT keyed_hash_is_named_and_hex_check CHECK (
    VALUE COLLATE "C" ~ '\A[a-z0-9][a-z0-9_-]{0,62}:[0-9a-f]{64}\Z'
);
COMMENT ON DOMAIN core.keyed_hash IS
'By what an encrypted value is found: the id of the key, a colon, and the HMAC-SHA-256 of the '
'normalised value in hexadecimal. Equal values have equal hashes; without the key none can be '
'guessed.';

CREATE DOMAIN core.row_version AS integer
CONSTRAINT row_version_is_positive_check CHECK (VALUE > 0);
COMMENT ON DOMAIN core.row_version IS
'How often a row was written: 1 when new. A column version of this type is kept by the trigger '
'core.guard_version; who updates the row gives the version that it has read.';
