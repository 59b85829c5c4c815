"""Messages: gateways, and the worker that sends what is queued through one of them."""
