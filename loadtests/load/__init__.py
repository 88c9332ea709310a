"""Load tests with a simulated population of millions of devices: `python -m loadtests.load SHAPE`.

shapes, shape: rate over time, faults and gates. device, zipf, permutation, randomness: the population, computed from a
seed. arrivals, traffic, body, catalogue: its sessions and requests. dispatcher, worker, control, fleet: the open loop
in Locust's workers and master. answer, tally, histogram, recording: results. gates, knee, leaks: their assessment.
stand, store, live, observation, machine: the service under test. exporter, summary: output. options, plan:
configuration.
"""
