"""`model-build fit-ranker`: learn the weights of `ranker.json`, and publish the artifact with them."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model_build.evaluation.metrics import Interval, bootstrap_figures, central_interval
from model_build.export.artifact import publish, seal
from model_build.ranking.data.lists import JudgedList, Matrix, Metric, balance, qualities
from model_build.ranking.data.log import RankingLog
from model_build.ranking.data.public_lists import Lesson, public_lessons
from model_build.ranking.errors import FittingError
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
"""A situation with fewer lists in a log keeps the artifact's weights."""

MOST_BYTES = 3_000
COMPARED: tuple[Ranker, ...] = ("fused", "dense", "lexical")
ALL = "all"


@dataclass(frozen=True)
class HeldOut:
    """How well a ranker ordered lists; `fused` never with weights that had seen a list's group.

    Attributes:
        situation: of the lists.
        source: their set, or `ALL`, every set counting the same.
        ranker: what ordered them.
        metric: what was measured.
        value: over all lists.
        interval: of 95 %, by bootstrap over lists.
        lists: how many.
    """

    situation: Surface
    source: str
    ranker: Ranker
    metric: Metric
    value: float
    interval: Interval
    lists: int


@dataclass(frozen=True)
class FittedRanker:
    """What was learned, and how good it is.

    Attributes:
        weights: for `ranker.json`.
        fitted: the strength of the pull in each situation that was learned; None where there was none.
        held_out: the figures.
    """

    weights: SignalWeights
    fitted: Mapping[Surface, float | None]
    held_out: Sequence[HeldOut]


def fit_public(artifact: Artifact, data: Path, *, folds: int, seed: int) -> FittedRanker:
    """Learn every situation's weights from public data, starting from the weights set by hand.

    Raises:
        DataError: a file is missing or isn't laid out as expected.
        ArtifactError: the artifact's graph can't be run.
    """
    lessons = public_lessons(data, OnnxEncoder(artifact), seed=seed)
    prior = default_weights()
    words = fit_words(lessons["search"].lists, prior.by_surface["search"], seed=seed)
    fits: dict[Surface, Fit] = {
        "search": Fit(words.weights, words.held_out, None),
        "feed": _with_purchases(_fit(lessons["feed"], prior.by_surface["feed"], folds=folds, seed=seed)),
        "both": fit_history(lessons["both"].lists, words.weights, lessons["both"].metric, folds=folds, seed=seed),
    }
    return _fitted(lessons, fits, prior, words.left_out, seed)


def fit_log(artifact: Artifact, log: RankingLog, *, folds: int, seed: int) -> FittedRanker:
    """Learn from a log the weights of situations that it has enough lists of; the others keep the artifact's.

    Raises:
        FittingError: there are enough lists of none.
        RankerError: the artifact's own weights can't be read.
    """
    lists = {situation: log.lists(situation) for situation in SURFACES}
    lessons = {
        situation: Lesson(found, "NDCG@10", f"a log's {len(found)} lists with an outcome")
        for situation, found in lists.items()
        if len(found) >= LEAST_LISTS
    }
    if not lessons:
        most = max(len(found) for found in lists.values())
        raise FittingError(
            f"the log has at most {most:,} lists with an outcome of one situation, but {LEAST_LISTS:,} are needed; "
            "collect more, or fit on public data with --data alone"
        )
    before = load_weights(artifact.ranker_path)
    fits = {
        situation: _fit(lesson, before.by_surface[situation], folds=folds, seed=seed)
        for situation, lesson in lessons.items()
    }
    return _fitted(lessons, fits, before, () if "search" in fits else before.left_out, seed)


def publish_with(artifact: Artifact, weights: SignalWeights, destination: Path) -> None:
    """Publish a copy of an artifact with other weights; the destination may be the artifact itself.

    Raises:
        FittingError: the weights take more than `MOST_BYTES`.
        BudgetError: the device files take more than the budget.
    """
    text = ranker_json(weights)
    if len(text.encode()) > MOST_BYTES:
        raise FittingError(f"{RANKER} would take {len(text.encode()):,} bytes, more than {MOST_BYTES:,}")
    with tempfile.TemporaryDirectory(prefix="fit-ranker-") as scratch:
        copy = Path(scratch) / "artifact"
        shutil.copytree(artifact.folder, copy)
        (copy / RANKER).write_text(text, encoding="utf-8")
        seal(copy, artifact.manifest)
        publish(copy, destination)


def _fit(lesson: Lesson, prior: Mapping[str, float], *, folds: int, seed: int) -> Fit:
    return cross_fit(lesson.lists, prior, lesson.metric, folds=folds, seed=seed)


def _with_purchases(fit: Fit) -> Fit:
    """What was just bought weighs as much as all that may speak for it: no public set has what was bought again."""
    speaks_for = sum(weight for name, weight in fit.weights.items() if weight > 0)
    return replace(fit, weights={**fit.weights, "just_bought": -speaks_for})


def _fitted(
    lessons: Mapping[Surface, Lesson],
    fits: Mapping[Surface, Fit],
    before: SignalWeights,
    left_out: tuple[LeftOut, ...],
    seed: int,
) -> FittedRanker:
    weights = SignalWeights(
        {**before.by_surface, **{situation: fit.weights for situation, fit in fits.items()}},
        {**before.learned_from, **{situation: lesson.origin for situation, lesson in lessons.items()}},
        left_out,
    )
    held_out = [
        figure
        for situation, lesson in lessons.items()
        for ranker in COMPARED
        for figure in _figures(situation, lesson, ranker, _values(lesson, fits[situation], ranker, situation), seed)
    ]
    return FittedRanker(weights, {situation: fit.strength for situation, fit in fits.items()}, held_out)


def _values(lesson: Lesson, fit: Fit, ranker: Ranker, situation: Surface) -> Matrix:
    if ranker == "fused":
        return fit.held_out
    return qualities(lesson.lists, default_weights().of(ranker, situation), lesson.metric)


def _figures(situation: Surface, lesson: Lesson, ranker: Ranker, values: Matrix, seed: int) -> list[HeldOut]:
    """A figure over all lists, and where there are several sets, one for each."""
    sources = np.array([one.source for one in lesson.lists])
    names = list(dict.fromkeys(sources.tolist()))
    figures = [_figure(situation, ALL, lesson, ranker, values, lesson.lists, seed)]
    if len(names) > 1:
        for name in names:
            chosen = np.flatnonzero(sources == name)
            lists = [lesson.lists[place] for place in chosen.tolist()]
            figures.append(_figure(situation, name, lesson, ranker, values[chosen], lists, seed))
    return figures


def _figure(
    situation: Surface,
    source: str,
    lesson: Lesson,
    ranker: Ranker,
    values: Matrix,
    lists: Sequence[JudgedList],
    seed: int,
) -> HeldOut:
    counts = balance(lists)
    drawn = bootstrap_figures(
        lambda places: float(np.average(values[places], weights=counts[places])), len(values), seed=seed
    )
    value = float(counts @ values)
    return HeldOut(situation, source, ranker, lesson.metric, value, central_interval(drawn), len(values))
