"""loadtests/strangers."""
