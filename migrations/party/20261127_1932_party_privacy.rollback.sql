DELETE FROM identity.permissions AS p
WHERE p.module = 'party';
DROP TABLE party.personal_data_columns;
DROP TYPE party.column_treatment;
DROP TABLE party.personal_data_tables;
DROP TYPE party.row_treatment;
DROP TABLE party.privacy_acts;
DROP TYPE party.privacy_act_kind;
DROP TABLE party.consents;
