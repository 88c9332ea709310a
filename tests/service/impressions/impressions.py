"""Impressions for tests."""

from typing import Any

import numpy as np

from service.impressions.impression import Impression


def impression(request_id: str = "r-17", **changes: Any) -> Impression:
    """Two of three candidates, the last one first."""
    values: dict[str, Any] = {
        "at": 1_800_000_000,
        "request_id": request_id,
        "model": "tiny@1",
        "surface": "search",
        "ranker": "fused",
        "variant": None,
        "item_ids": ["third", "first"],
        "places": [2, 0],
        "signals": {
            "query_similarity": np.array([0.1234567, 0.2, -0.3]),
            "upstream_score": np.array([0.0, 0.5, np.nan]),
            "popularity": np.full(3, np.nan),
        },
    }
    return Impression(**{**values, **changes})
