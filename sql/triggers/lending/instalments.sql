CREATE OR REPLACE TRIGGER instalments_guard
BEFORE UPDATE OR DELETE ON lending.instalments
FOR EACH ROW EXECUTE FUNCTION lending.refuse_change('lending.instalments');
COMMENT ON TRIGGER instalments_guard ON lending.instalments IS
'Every version that there was stays.';
