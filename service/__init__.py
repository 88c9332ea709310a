"""Edge Rank's service: a device-side recommender behind an HTTP API.

Read from the top down: `cli` starts it, `app` puts it together, `routes` answer requests, `ranking` orders candidates,
`encoder` turns texts into vectors, `features` remembers the vectors of items, `artifact` reads the released model.
"""

from service.process.telemetry import opt_out

opt_out()  # before anything of the package can import what would ask
