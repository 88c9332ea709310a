"""loadtests/soak."""
