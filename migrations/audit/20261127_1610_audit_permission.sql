-- Who may keep the log longer is for roles to say.
-- depends: 20261127_1600_audit_log 20261127_1500_identity_users

INSERT INTO identity.permissions (code, module, description, must_be_named) VALUES
('audit.legal_holds', 'audit', 'Place and lift legal holds on the audit log.', true);
