DROP TABLE lending.provision_rates;
