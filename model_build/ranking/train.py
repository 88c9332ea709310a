"""`model-build fit-ranker`: learn the weights of `ranker.json`, and publish the artifact with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model_build.common.errors import FittingError
from model_build.evaluation.metrics import Indexes, Interval, bootstrap, percentile_interval
from model_build.export.artifact import edited, seal
from model_build.ranking.data.lists import Matrix, Metric, balance, qualities
from model_build.ranking.data.log import RankingLog
from model_build.ranking.data.public_lists import TrainingSet, public_sets
from model_build.ranking.fit import Fit, cross_fit, fit_history
from model_build.ranking.words import fit_words
from service.artifact.artifact import RANKER, Artifact
from service.encoder.onnx import OnnxEncoder
from service.ranking.weights import (
    SURFACES,
    LeftOut,
    Ranker,
    SignalWeights,
    Surface,
    default_weights,
    load_weights,
    ranker_json,
)

LEAST_LISTS = 200
"""A surface with fewer lists in a log keeps the artifact's weights."""

MOST_BYTES = 3_000
COMPARED: tuple[Ranker, ...] = ("fused", "dense", "lexical")
ALL = "all"


@dataclass(frozen=True)
class HeldOut:
    """The metric of a ranker on lists; for `fused`, under weights learned without the list's group.

    The source is the lists' set, or `ALL` with equal weight for every set. The interval is 95 %, by bootstrap.
    """

    surface: Surface
    source: str
    ranker: Ranker
    metric: Metric
    value: float
    interval: Interval
    lists: int


@dataclass(frozen=True)
class FittedRanker:
    """Learned weights and their held-out metrics; `fitted` has the strength of the pull, if any, by surface."""

    weights: SignalWeights
    fitted: Mapping[Surface, float | None]
    held_out: Sequence[HeldOut]


def fit_public(artifact: Artifact, data: Path, *, folds: int, seed: int) -> FittedRanker:
    """Learn the weights of every surface from public data, with the hand-set weights as the prior.

    Raises:
        DataError: a file is missing or has another layout than expected.
        ArtifactError: the artifact's graph can't be run.
    """
    sets = public_sets(data, OnnxEncoder(artifact), seed=seed)
    prior = default_weights()
    words = fit_words(sets["search"].lists, prior.by_surface["search"], seed=seed)
    fits: dict[Surface, Fit] = {
        "search": Fit(words.weights, words.held_out, None),
        "feed": _with_purchases(_fit(sets["feed"], prior.by_surface["feed"], folds=folds, seed=seed)),
        "both": fit_history(sets["both"].lists, words.weights, sets["both"].metric, folds=folds, seed=seed),
    }
    return _fitted(sets, fits, prior, words.left_out, seed)


def fit_log(artifact: Artifact, log: RankingLog, *, folds: int, seed: int) -> FittedRanker:
    """Learn the weights of the surfaces that a log has enough lists of; the others keep the artifact's.

    Raises:
        FittingError: no surface has enough lists.
        RankerError: the artifact's own weights can't be read.
    """
    lists = {surface: log.lists(surface) for surface in SURFACES}
    sets = {
        surface: TrainingSet(found, "NDCG@10", f"a log's {len(found)} lists with an outcome")
        for surface, found in lists.items()
        if len(found) >= LEAST_LISTS
    }
    if not sets:
        most = max(len(found) for found in lists.values())
        raise FittingError(
            f"the log has at most {most:,} lists with an outcome of one surface, but {LEAST_LISTS:,} are needed; "
            "collect more, or fit on public data with --data alone"
        )
    before = load_weights(artifact.ranker_path)
    fits = {
        surface: _fit(training, before.by_surface[surface], folds=folds, seed=seed)
        for surface, training in sets.items()
    }
    return _fitted(sets, fits, before, () if "search" in fits else before.left_out, seed)


def publish_with(artifact: Artifact, weights: SignalWeights, destination: Path) -> None:
    """Publish a copy of an artifact with other weights; the destination may be the artifact's own folder.

    Raises:
        FittingError: the weights take more than `MOST_BYTES`.
        BudgetError: the device files take more than the budget.
    """
    text = ranker_json(weights)
    if len(text.encode()) > MOST_BYTES:
        raise FittingError(f"{RANKER} would take {len(text.encode()):,} bytes, more than {MOST_BYTES:,}")
    with edited(artifact, destination) as copy:
        (copy / RANKER).write_text(text, encoding="utf-8")
        seal(copy, artifact.manifest)


def _fit(training: TrainingSet, prior: Mapping[str, float], *, folds: int, seed: int) -> Fit:
    return cross_fit(training.lists, prior, training.metric, folds=folds, seed=seed)


def _with_purchases(fit: Fit) -> Fit:
    """Weight a recent purchase against an item as much as all other signals together can weigh for it.

    It can't be learned: the public sets hold no repeated purchases.
    """
    in_favour = sum(weight for name, weight in fit.weights.items() if weight > 0)
    return replace(fit, weights={**fit.weights, "just_bought": -in_favour})


def _fitted(
    sets: Mapping[Surface, TrainingSet],
    fits: Mapping[Surface, Fit],
    before: SignalWeights,
    left_out: tuple[LeftOut, ...],
    seed: int,
) -> FittedRanker:
    weights = SignalWeights(
        {**before.by_surface, **{surface: fit.weights for surface, fit in fits.items()}},
        {**before.learned_from, **{surface: training.origin for surface, training in sets.items()}},
        left_out,
    )
    held_out = [
        one
        for surface, training in sets.items()
        for ranker in COMPARED
        for one in _held_out(surface, training, ranker, _values(training, fits[surface], ranker, surface), seed)
    ]
    return FittedRanker(weights, {surface: fit.strength for surface, fit in fits.items()}, held_out)


def _values(training: TrainingSet, fit: Fit, ranker: Ranker, surface: Surface) -> Matrix:
    if ranker == "fused":
        return fit.held_out
    return qualities(training.lists, default_weights().of(ranker, surface), training.metric)


def _held_out(surface: Surface, training: TrainingSet, ranker: Ranker, values: Matrix, seed: int) -> Iterator[HeldOut]:
    """The metric over all lists and, if there are several sets, over each of them."""
    sources = [one.source for one in training.lists]
    names = list(dict.fromkeys(sources))
    for name in (ALL, *(names if len(names) > 1 else ())):
        chosen = [place for place, source in enumerate(sources) if name in {ALL, source}]
        own, counts = values[chosen], balance([training.lists[place] for place in chosen])

        def mean(places: Indexes, own: Matrix = own, counts: Matrix = counts) -> float:
            return float(np.average(own[places], weights=counts[places]))

        interval = percentile_interval(bootstrap(mean, len(own), seed=seed))
        yield HeldOut(surface, name, ranker, training.metric, float(counts @ own), interval, len(own))
