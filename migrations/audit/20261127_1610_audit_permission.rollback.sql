DELETE FROM identity.permissions AS p
WHERE p.code = 'audit.legal_holds';
