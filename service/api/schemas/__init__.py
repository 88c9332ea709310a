"""What clients send and get, a file a route."""
