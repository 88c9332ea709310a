"""loadtests/faults."""
