DROP INDEX lending.movements_settled_idx;
