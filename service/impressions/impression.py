"""Impressions and outcomes as lines of the impression log, which contain no text and no id.

{"kind":"impression","at":1800000000,"request_id":"…","model":"…","situation":"search","ranker":"fused","variant":null,
 "results":[{"item":"…","rank":1,"signals":{"query_similarity":0.8,…}},…]}
{"kind":"outcome","at":1800000007,"request_id":"…","item":"…","action":"click"}
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic_core import to_json

from service.impressions.keys import item_keys, request_key
from service.ranking.candidates import Action, Signal
from service.ranking.weights import Ranker, Surface

SIGNAL_DECIMALS = 6


@dataclass(frozen=True)
class Impression:
    """The items that an answer has shown, at a moment in seconds since 1970, in plain text.

    `places` are the indices of the items in the signals; `surface` is called `situation` in the log.
    """

    at: int
    request_id: str
    model: str
    surface: Surface
    ranker: Ranker
    variant: str | None
    item_ids: Sequence[str]
    places: Sequence[int]
    signals: Mapping[str, Signal]

    def line(self) -> bytes:
        """The line of the log."""
        return _line(
            {
                "kind": "impression",
                "at": self.at,
                "request_id": request_key(self.request_id),
                "model": self.model,
                "situation": self.surface,
                "ranker": self.ranker,
                "variant": self.variant,
                "results": list(self._results()),
            }
        )

    def _results(self) -> Iterator[dict[str, Any]]:
        key_of = item_keys(self.request_id)
        values = np.round(np.array(list(self.signals.values()))[:, list(self.places)], SIGNAL_DECIMALS)
        rows = values.T.tolist()
        for rank, (item_id, row) in enumerate(zip(self.item_ids, rows, strict=True), start=1):
            signals = {name: value for name, value in zip(self.signals, row, strict=True) if not math.isnan(value)}
            yield {"item": key_of(item_id), "rank": rank, "signals": signals}


@dataclass(frozen=True)
class Outcome:
    """What a user did with an item that an answer has shown; `at` is when the feedback came, in seconds since 1970."""

    at: int
    request_id: str
    item_id: str
    action: Action

    def line(self) -> bytes:
        """The line of the log."""
        return _line(
            {
                "kind": "outcome",
                "at": self.at,
                "request_id": request_key(self.request_id),
                "item": item_keys(self.request_id)(self.item_id),
                "action": self.action,
            }
        )


def _line(document: Mapping[str, Any]) -> bytes:
    return to_json(document) + b"\n"
