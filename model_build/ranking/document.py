"""Fits and measurements as JSON documents."""

import json
from dataclasses import asdict

from model_build.ranking.evaluate import RankingResult
from model_build.ranking.train import FittedRanker


def fit_json(fitted: FittedRanker) -> str:
    """Weights, strengths and held-out figures, indented."""
    weights = fitted.weights
    return _indented(
        {
            "weights": {situation: dict(one) for situation, one in weights.by_surface.items()},
            "learned_from": dict(weights.learned_from),
            "strengths": dict(fitted.fitted),
            "held_out": [asdict(one) for one in fitted.held_out],
        }
    )


def ranking_json(result: RankingResult) -> str:
    """Figures and leads, indented."""
    return _indented(asdict(result))


def _indented(document: object) -> str:
    return json.dumps(document, indent=2) + "\n"
