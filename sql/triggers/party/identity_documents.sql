CREATE OR REPLACE TRIGGER identity_documents_stamp
BEFORE INSERT OR UPDATE ON party.identity_documents
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER identity_documents_stamp ON party.identity_documents IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER identity_documents_guard
BEFORE INSERT OR UPDATE ON party.identity_documents
FOR EACH ROW EXECUTE FUNCTION party.guard_part('party.identity_documents');
COMMENT ON TRIGGER identity_documents_guard ON party.identity_documents IS
'Nothing is added to a customer who is anonymised.';
