-- The history of migrations, for those who watch it. What is in a module is for the files beside
-- this one, in the module's folder: nothing is for PUBLIC, and writing goes through the API.
-- reapply: migrations
GRANT USAGE ON SCHEMA pgerp TO pgerp_monitor, pgerp_readonly, pgerp_auditor, pgerp_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA pgerp
TO pgerp_monitor, pgerp_readonly, pgerp_auditor, pgerp_backup;
