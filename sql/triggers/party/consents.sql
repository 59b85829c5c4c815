CREATE OR REPLACE TRIGGER consents_stamp
BEFORE INSERT OR UPDATE ON party.consents
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER consents_stamp ON party.consents IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER consents_guard
BEFORE INSERT ON party.consents
FOR EACH ROW EXECUTE FUNCTION party.guard_part('party.consents');
COMMENT ON TRIGGER consents_guard ON party.consents IS
'Nothing is added to a customer who is anonymised.';
CREATE OR REPLACE TRIGGER consents_refuse
BEFORE UPDATE OR DELETE ON party.consents
FOR EACH ROW EXECUTE FUNCTION party.refuse_change('party.consents');
COMMENT ON TRIGGER consents_refuse ON party.consents IS 'Append-only.';
