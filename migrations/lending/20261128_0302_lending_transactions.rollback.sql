DROP TABLE lending.movements;
DROP TABLE lending.idempotency_keys;
DROP TABLE lending.reversals;
DROP TABLE lending.transactions;
DROP TYPE lending.movement_kind;
DROP TYPE lending.transaction_kind;
