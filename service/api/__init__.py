"""The HTTP API.

`app` puts it together, with its middleware in order; `container` holds what routes use, `dependencies` gives it to
them. `middleware` are the layers around every request, `routing` finds a route and answers with JSON, `routes` are the
endpoints and `schemas` what clients send and get. `json` reads and writes bodies, `limits` says how much a request may
ask for, `responses` are errors and files.
"""
