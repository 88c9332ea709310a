"""Edge Rank's service: a device-side recommender behind an HTTP API.

Serving: `cli` starts `server`, which runs the `api` over `http`, in one process or several (`workers`).
Ranking: `recommender` answers a request; `ranking` orders candidates, by vectors that `encoder` makes of `text`.
State: `feature_store` has the features of items, `impressions` what was shown and done.
Models: `models` swaps them, `artifact` reads them, `heads` classify with them.
Devices: `releases` offers models, `pull` downloads them.
Beneath: `admission` refuses what would be late, `security` knows API keys, `metrics` and `process` watch over it all,
`files` are safe files; `settings` are the operator's, `errors` the client's.
"""

from service.process.telemetry import opt_out

opt_out()  # before anything in the package can import ONNX Runtime
