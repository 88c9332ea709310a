"""loadtests/sizing."""
