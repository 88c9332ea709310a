"""ASGI middleware: the request's id, what is measured of it, and how large it may be."""
