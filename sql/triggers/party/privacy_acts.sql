CREATE OR REPLACE TRIGGER privacy_acts_stamp
BEFORE INSERT OR UPDATE ON party.privacy_acts
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER privacy_acts_stamp ON party.privacy_acts IS
'Keeps created_* and last_modified_* true.';
CREATE OR REPLACE TRIGGER privacy_acts_refuse
BEFORE UPDATE OR DELETE ON party.privacy_acts
FOR EACH ROW EXECUTE FUNCTION party.refuse_change('party.privacy_acts');
COMMENT ON TRIGGER privacy_acts_refuse ON party.privacy_acts IS 'Append-only.';
