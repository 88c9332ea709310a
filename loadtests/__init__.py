"""Measurements of the running service. Everything here talks to 127.0.0.1."""
