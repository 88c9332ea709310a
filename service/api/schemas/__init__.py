"""Requests and answers, a module a route; `base` has the types that they share.

Requests are pydantic models. Answers are dataclasses: what the service itself has computed need not be validated, and a
hundred results are made in a third of the time.
"""
