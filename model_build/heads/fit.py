"""`model-build fit-head`: a classifier of texts or pairs on an artifact's vectors, rounded and measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.progress import Progress

from model_build import __version__
from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.evaluation.systems.artifact import artifact_system
from model_build.heads.data import Examples, Labels, check_held_out, check_kind, check_training, read_examples
from model_build.heads.features import features_of
from model_build.heads.logistic import STRENGTHS, Fit, Logits, fit_by_folds, fit_on_dev
from model_build.heads.metrics import Metrics, measure
from model_build.heads.publish import as_rounded, rounded
from service.artifact.artifact import Artifact
from service.heads.manifest import HeadFigure, HeadSource, HeadTraining
from service.heads.weights import QuantizedWeights


@dataclass(frozen=True)
class Data:
    """The examples of a task.

    Attributes:
        train: training examples, without those of dev or test.
        left_out: number of training examples removed because dev or test has them.
        dev: to choose the regularisation on; without them, folds of `train` are held out in turn.
        test: to measure on; without them, those that chose the regularisation are used.
    """

    train: Examples
    left_out: int = 0
    dev: Examples | None = None
    test: Examples | None = None

    @property
    def held_out(self) -> list[Examples]:
        """The dev and test splits that there are."""
        return [one for one in (self.dev, self.test) if one is not None]


@dataclass(frozen=True)
class Probe:
    """A classifier fitted to a system's vectors, and its logits of the examples of a split.

    `measured`, their features, is None if they are held-out folds of the training examples.
    """

    fit: Fit
    split: str
    measured: Vectors | None
    logits: Logits
    labels: Labels

    def metrics(self, seed: int) -> Metrics:
        """Measure the classifier; the seed is the bootstrap's."""
        return measure(self.logits, self.labels, self.fit.head.classes, seed=seed)


@dataclass(frozen=True)
class Row:
    """The metrics of one classifier, and the bytes of its weights, None if it is not a head."""

    who: str
    metrics: Metrics
    bytes: int | None = None


@dataclass(frozen=True)
class FittedHead:
    """A fitted and measured head.

    Attributes:
        probe: the classifier on the artifact's vectors, before rounding.
        head: metrics of the rounded head; None if all examples are training examples.
        exact: metrics before rounding.
        teacher: metrics of the teacher's probe, if one was fitted.
        changed: number of decisions that rounding changed; None if it could not be measured.
    """

    probe: Probe
    weights: QuantizedWeights
    training: HeadTraining
    head: Row | None
    exact: Row
    teacher: Row | None
    changed: int | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All measured classifiers."""
        return tuple(row for row in (self.head, self.exact, self.teacher) if row is not None)

    @property
    def figures(self) -> tuple[HeadFigure, ...]:
        """The head's metrics as its manifest stores them."""
        split = self.probe.split if self.head else f"{self.probe.split}; before rounding"
        return figures_of(split, (self.head or self.exact).metrics)


def figures_of(split: str, own: Metrics) -> tuple[HeadFigure, ...]:
    """Metrics as a head's manifest stores them."""

    def figure(metric: str, value: float, low: float | None = None, high: float | None = None) -> HeadFigure:
        return HeadFigure(split=split, metric=metric, value=value, low=low, high=high, examples=own.examples)

    return (
        figure("accuracy", own.accuracy, own.interval.low, own.interval.high),
        figure("macro-F1", own.macro_f1),
        figure("calibration error", own.calibration_error),
    )


def read_data(train: Path, dev: Path | None, test: Path | None) -> Data:
    """Read the examples, and remove those of dev and test from the training examples.

    Raises:
        CorpusError: a file can't be read, or is not UTF-8.
        ExamplesError: a file lacks a column or rows, or the training examples have too few of a class or of classes.
    """
    data = read_splits(train, dev, test)
    check_training(data.train, left_out=data.left_out)
    for one in data.held_out:
        check_held_out(one, data.train)
    return data


def read_splits(train: Path, dev: Path | None, test: Path | None, *, labelled: bool = True) -> Data:
    """Do the same without a look at the labels, if the files have any.

    Raises:
        CorpusError: a file can't be read, or is not UTF-8.
        ExamplesError: a file lacks a column or rows, or has pairs where another one has texts.
    """
    whole = read_examples(train, labelled=labelled)
    held_out = {
        use: read_examples(path, labelled=labelled) for use, path in (("dev", dev), ("test", test)) if path is not None
    }
    for one in held_out.values():
        check_kind(one, whole)
    kept = whole.without(list(held_out.values()))
    return Data(kept, len(whole) - len(kept), held_out.get("dev"), held_out.get("test"))


def fit_head(
    artifact: Artifact,
    data: Data,
    name: str,
    *,
    teacher: EmbeddingSystem | None,
    folds: int,
    seed: int,
    progress: Progress,
) -> FittedHead:
    """Fit a head to an artifact's vectors, round it, and measure it beside the teacher's probe, if there is one.

    Folds are of the training examples, if there is no dev split; the seed is theirs and the bootstrap's.
    """
    own = fit_probe(data, artifact_system(artifact), folds=folds, seed=seed, progress=progress)
    weights = rounded(own.fit.head)
    exact = Row(f"{name}, before rounding", own.metrics(seed))
    head, changed = None, None
    if own.measured is not None:
        logits = as_rounded(own.fit.head, weights).logits(own.measured)
        changed = int((logits.argmax(axis=1) != own.logits.argmax(axis=1)).sum())
        head = Row(name, measure(logits, own.labels, own.fit.head.classes, seed=seed), len(weights.to_bytes()))
    beside = None
    if teacher is not None:
        probe = fit_probe(data, teacher, folds=folds, seed=seed, progress=progress)
        beside = Row(f"probe on {teacher.name}", probe.metrics(seed))
    return FittedHead(own, weights, _training(data, own, folds=folds, seed=seed), head, exact, beside, changed)


def fit_probe(data: Data, system: EmbeddingSystem, *, folds: int, seed: int, progress: Progress) -> Probe:
    """Fit a classifier to a system's vectors; parts of the training examples are held out if there is no dev split."""
    train = features_of(data.train, system, progress)
    dev = None if data.dev is None else features_of(data.dev, system, progress)
    task = progress.add_task(f"{system.name}: fitting", total=len(STRENGTHS))
    if data.dev is None or dev is None:
        fit = fit_by_folds(train, data.train.labels, folds=folds, seed=seed, step=lambda: progress.advance(task))
    else:
        fit = fit_on_dev(train, data.train.labels, dev, data.dev.labels, step=lambda: progress.advance(task))
    progress.update(task, completed=len(STRENGTHS))
    if data.test is not None:
        test = features_of(data.test, system, progress)
        return Probe(fit, "test", test, fit.head.logits(test), data.test.labels)
    if data.dev is not None:
        return Probe(fit, "dev, which chose the regularisation", dev, fit.held_out, fit.held_out_labels)
    return Probe(fit, "train, held out in turn", None, fit.held_out, fit.held_out_labels)


def sources_of(data: Data) -> tuple[HeadSource, ...]:
    """The files of the examples, for the training record."""
    splits: tuple[tuple[Literal["train", "dev", "test"], Examples | None], ...] = (
        ("train", data.train),
        ("dev", data.dev),
        ("test", data.test),
    )
    return tuple(
        HeadSource(
            use=use,
            file=examples.path.name,
            rows=len(examples),
            sha256=examples.sha256,
            left_out=data.left_out if use == "train" else 0,
        )
        for use, examples in splits
        if examples is not None
    )


def _training(data: Data, probe: Probe, *, folds: int, seed: int) -> HeadTraining:
    return HeadTraining(
        sources=sources_of(data),
        method="multinomial logistic regression",
        regularisation=probe.fit.regularisation,
        chosen_by="log-likelihood of dev" if data.dev is not None else f"log-likelihood of train, in {folds} folds",
        temperature=probe.fit.temperature,
        seed=seed,
        tool=f"model-build {__version__}",
    )
