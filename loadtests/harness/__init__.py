"""loadtests/harness."""
