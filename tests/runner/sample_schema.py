"""A schema with at least one object of every kind that a snapshot covers."""

from __future__ import annotations

SCHEMA = """
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'The schema.';
CREATE TYPE app.mood AS ENUM ('glad', 'sad');
CREATE DOMAIN app.money AS numeric(20, 4) CONSTRAINT money_check CHECK (value < 1000);
CREATE TYPE app.pair AS (x integer, y text);
CREATE TYPE app.span AS RANGE (subtype = numeric);
CREATE SEQUENCE app.numbers INCREMENT 5;
CREATE TABLE app.parents (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL DEFAULT 'none',
    amount app.money,
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED,
    CONSTRAINT parents_pkey PRIMARY KEY (id),
    CONSTRAINT parents_code_check CHECK (code <> ''),
    CONSTRAINT parents_code_key UNIQUE (code)
);
COMMENT ON TABLE app.parents IS 'The parents.';
COMMENT ON COLUMN app.parents.code IS 'The code.';
CREATE INDEX parents_amount_idx ON app.parents (amount) WHERE amount > 0;
CREATE TABLE app.children (
    id bigint, parent_id bigint,
    CONSTRAINT children_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES app.parents (id)
) PARTITION BY RANGE (id);
CREATE TABLE app.children_1 PARTITION OF app.children FOR VALUES FROM (0) TO (1000);
CREATE INDEX children_parent_id_idx ON app.children (parent_id);
CREATE FUNCTION app.answer(p_of text DEFAULT 'all') RETURNS integer LANGUAGE sql AS 'SELECT 42';
COMMENT ON FUNCTION app.answer IS 'The answer.';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE PROCEDURE app.act() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE VIEW app.codes WITH (security_invoker = true) AS SELECT id, code FROM app.parents;
CREATE MATERIALIZED VIEW app.stored AS SELECT id, code FROM app.codes;
CREATE UNIQUE INDEX stored_id_idx ON app.stored (id);
CREATE TRIGGER touch BEFORE UPDATE ON app.children FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.parents ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.parents FOR SELECT USING (id > 0);
CREATE STATISTICS app.both_columns ON id, code FROM app.parents;
GRANT SELECT ON app.parents TO pg_monitor;
GRANT UPDATE (code) ON app.parents TO pg_monitor;
REVOKE EXECUTE ON FUNCTION app.answer FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO pg_monitor;
CREATE PUBLICATION app_parents FOR TABLE app.parents (id, code) WHERE (id > 3);
"""
