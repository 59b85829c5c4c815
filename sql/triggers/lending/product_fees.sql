CREATE OR REPLACE TRIGGER product_fees_follow
BEFORE INSERT OR UPDATE ON lending.product_fees
FOR EACH ROW EXECUTE FUNCTION lending.follow_product();
COMMENT ON TRIGGER product_fees_follow ON lending.product_fees IS
'A fee is of the business of its product, and in its unit.';

CREATE OR REPLACE TRIGGER product_fees_stamp
BEFORE INSERT OR UPDATE ON lending.product_fees
FOR EACH ROW EXECUTE FUNCTION core.stamp_row();
COMMENT ON TRIGGER product_fees_stamp ON lending.product_fees IS
'Keeps created_* and last_modified_* true.';
