"""HTTP as clients speak it, ill or well: bounded connections, heads, bodies and times."""
