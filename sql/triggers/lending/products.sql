-- The names order the triggers of one event: guard before stamp.
CREATE OR REPLACE TRIGGER products_guard
BEFORE UPDATE ON lending.products
FOR EACH ROW EXECUTE FUNCTION lending.guard_product();
COMMENT ON TRIGGER products_guard ON lending.products IS
'Code, business, currency and minor units stay.';

CREATE OR REPLACE TRIGGER products_stamp
BEFORE INSERT OR UPDATE ON lending.products
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER products_stamp ON lending.products IS
'Keeps created_* and last_modified_* true.';

CREATE OR REPLACE TRIGGER products_version
BEFORE INSERT OR UPDATE ON lending.products
FOR EACH ROW EXECUTE FUNCTION core.guard_version('lending.products');
COMMENT ON TRIGGER products_version ON lending.products IS
'Refuses an update of a version that is not the present one.';
