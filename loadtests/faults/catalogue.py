"""All faults."""

from loadtests.faults.cluster import CLUSTER_FAULTS
from loadtests.faults.process import PROCESS_FAULTS
from loadtests.faults.redis import REDIS_FAULTS

FAULTS = (*REDIS_FAULTS, *CLUSTER_FAULTS, *PROCESS_FAULTS)
