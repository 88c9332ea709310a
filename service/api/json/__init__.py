"""What clients send as JSON: looked over before it is parsed, and read with a bound on what goes wrong."""
