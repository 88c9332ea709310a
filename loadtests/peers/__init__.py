"""Other systems that rank texts by a query, and ours, each asked in the same way.

A file a peer: what it installs, how it starts, how it is asked. What of these files runs in a peer's own environment
imports the standard library and the peer alone.
"""
