DROP DOMAIN core.row_version;
DROP DOMAIN core.keyed_hash;
DROP DOMAIN core.encrypted_value;
