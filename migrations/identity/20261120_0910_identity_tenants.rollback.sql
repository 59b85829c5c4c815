DROP TABLE identity.signing_keys;
DROP TABLE identity.users;
DROP TABLE identity.businesses;
DROP TABLE identity.tenants;
DROP SCHEMA identity;
