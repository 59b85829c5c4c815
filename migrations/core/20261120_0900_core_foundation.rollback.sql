DROP FUNCTION core.uuid_v7();
DROP FUNCTION core.uuid_v7_floor(timestamptz);
DROP DOMAIN core.label;
DROP DOMAIN core.code;
DROP DOMAIN core.currency_code;
DROP DOMAIN core.exchange_rate;
DROP DOMAIN core.amount;
DROP SCHEMA core;
