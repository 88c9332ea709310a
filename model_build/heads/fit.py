"""`model-build fit-head`: a classifier of texts or pairs on an artifact's vectors, rounded and measured."""

from dataclasses import dataclass

from rich.progress import Progress

from model_build import __version__
from model_build.common.systems import EmbeddingSystem
from model_build.evaluation.systems.artifact import artifact_system
from model_build.heads.metrics import Figures, figures_of
from model_build.heads.probe import Data, Probe, fit_probe
from model_build.heads.rounding import as_rounded, rounded
from service.artifact.artifact import Artifact
from service.heads.manifest import HeadFigure, HeadSource, HeadTraining
from service.heads.weights import QuantizedWeights


@dataclass(frozen=True)
class Row:
    """One classifier's figures.

    Attributes:
        who: the classifier.
        figures: measured on `FittedHead.split`.
        bytes: of its weights; None where it is no head.
    """

    who: str
    figures: Figures
    bytes: int | None = None


@dataclass(frozen=True)
class FittedHead:
    """What was fitted and measured.

    Attributes:
        probe: the classifier on the artifact's vectors, before rounding.
        weights: its weights, rounded.
        training: the head's training record.
        head: the head's figures as it is published; None where all examples are training examples.
        exact: those before rounding.
        teacher: those of the teacher's probe, if one was fitted.
        changed: how many decisions rounding changed; None where that could not be measured.
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
        """All that was measured."""
        return tuple(row for row in (self.head, self.exact, self.teacher) if row is not None)

    @property
    def figures(self) -> tuple[HeadFigure, ...]:
        """The head's figures for its manifest."""
        split = self.probe.split if self.head else f"{self.probe.split}; before rounding"
        own = (self.head or self.exact).figures

        def figure(metric: str, value: float, low: float | None = None, high: float | None = None) -> HeadFigure:
            return HeadFigure(split=split, metric=metric, value=value, low=low, high=high, examples=own.examples)

        return (
            figure("accuracy", own.accuracy, own.interval.low, own.interval.high),
            figure("macro-F1", own.macro_f1),
            figure("calibration error", own.calibration_error),
        )


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
    """Fit a head to an artifact's vectors, round it, and measure it beside the teacher's probe.

    Args:
        artifact: the backbone.
        data: the examples.
        name: the head's.
        teacher: whose vectors a probe is fitted to in the same way, if any.
        folds: parts of the training examples that are held out in turn, where there is no dev split.
        seed: of the parts and the bootstrap.
        progress: shows what is going on.
    """
    system = artifact_system(artifact)
    own = fit_probe(data, system, folds=folds, seed=seed, progress=progress)
    weights = rounded(own.fit.head)
    exact = Row(f"{name}, before rounding", own.figures(seed))
    head, changed = None, None
    if own.measured is not None:
        logits = as_rounded(own.fit.head, weights).logits(own.measured)
        changed = int((logits.argmax(axis=1) != own.logits.argmax(axis=1)).sum())
        head = Row(name, figures_of(logits, own.labels, own.fit.head.classes, seed=seed), len(weights.to_bytes()))
    beside = None
    if teacher is not None:
        probe = fit_probe(data, teacher, folds=folds, seed=seed, progress=progress)
        beside = Row(f"probe on {teacher.name}", probe.figures(seed))
    return FittedHead(own, weights, _training(data, own, folds=folds, seed=seed), head, exact, beside, changed)


def _training(data: Data, probe: Probe, *, folds: int, seed: int) -> HeadTraining:
    chosen_by = "log-likelihood of dev" if data.dev is not None else f"log-likelihood of train, in {folds} folds"
    sources = [
        HeadSource(
            use="train",
            file=data.train.path.name,
            rows=len(data.train),
            sha256=data.train.sha256,
            left_out=data.left_out,
        )
    ]
    if data.dev is not None:
        sources.append(HeadSource(use="dev", file=data.dev.path.name, rows=len(data.dev), sha256=data.dev.sha256))
    if data.test is not None:
        sources.append(HeadSource(use="test", file=data.test.path.name, rows=len(data.test), sha256=data.test.sha256))
    return HeadTraining(
        sources=tuple(sources),
        method="multinomial logistic regression",
        regularisation=probe.fit.regularisation,
        chosen_by=chosen_by,
        temperature=probe.fit.temperature,
        seed=seed,
        tool=f"model-build {__version__}",
    )
