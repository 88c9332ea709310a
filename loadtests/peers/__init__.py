"""Comparison with other systems that rank texts for a query: `python -m loadtests.peers`.

Each peer has a module with its installation, start and requests; ours is edge_rank. Code that runs in a peer's own
environment imports the standard library and the peer only. peer: the interface. library, worker: peers called in
process. server: peers called over HTTP. process, tree, one_thread: their processes. environment, requirements/: their
packages. layout: their weights. measurement, quality: what is measured. roster: the list. table: the result.
"""
