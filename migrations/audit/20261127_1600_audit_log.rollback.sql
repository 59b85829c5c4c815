DROP TABLE audit.legal_holds;
DROP TABLE audit.log;
DROP TYPE audit.change_action;
DROP SCHEMA audit;
