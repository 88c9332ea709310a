"""Processes and requests that tests, measurements and `deploy.observe` share.

processes: the service on a free port. process_tree: a process and its descendants. redis_process, redis_cluster: real
Redis servers. workload: texts and rank requests. closed_loop: a load generator.
"""
