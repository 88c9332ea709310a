"""loadtests/benchmarks."""
