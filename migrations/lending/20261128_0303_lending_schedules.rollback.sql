DROP TABLE lending.loan_balances;
DROP TABLE lending.instalments;
DROP TABLE lending.schedules;
DROP TYPE lending.schedule_reason;
