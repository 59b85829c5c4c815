DROP TABLE audit.redactions;
