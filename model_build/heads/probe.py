"""A classifier on the vectors of a system, and what it makes of the examples that are measured on."""

from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from model_build.common.systems import EmbeddingSystem, Vectors
from model_build.heads.data import Examples, Labels, check_held_out, check_training, read_examples
from model_build.heads.features import features_of
from model_build.heads.logistic import STRENGTHS, Fit, Logits, fit_by_folds, fit_on_dev
from model_build.heads.metrics import Figures, figures_of


@dataclass(frozen=True)
class Data:
    """The examples of a task.

    Attributes:
        train: what a classifier is fitted to: nothing that dev or test has too.
        left_out: how many examples of the file were left out because they have.
        dev: what chooses the regularisation, if there is one; else parts of `train` do, held out in turn.
        test: what is measured on, and used for nothing else; where there is none, what chose the regularisation is.
    """

    train: Examples
    left_out: int = 0
    dev: Examples | None = None
    test: Examples | None = None


@dataclass(frozen=True)
class Probe:
    """A fitted classifier.

    Attributes:
        fit: the classifier, and how it was chosen.
        split: what is measured on, in words.
        measured: float32 `[examples, width]`, its features; None where that is held-out parts of training.
        logits: float64 `[examples, classes]`, what the classifier makes of it.
        labels: the right ones.
    """

    fit: Fit
    split: str
    measured: Vectors | None
    logits: Logits
    labels: Labels

    def figures(self, seed: int) -> Figures:
        """How well it did; the seed is the bootstrap's."""
        return figures_of(self.logits, self.labels, self.fit.head.classes, seed=seed)


def read_data(train: Path, dev: Path | None, test: Path | None) -> Data:
    """Read the examples, and leave out of training what is held out.

    Raises:
        CorpusError: a file can't be read, or is not UTF-8.
        ExamplesError: a file lacks a column or rows, a class has one example or is only held out, or there is only one.
    """
    whole = read_examples(train)
    held_out = {use: read_examples(path) for use, path in (("dev", dev), ("test", test)) if path is not None}
    kept = whole.without(list(held_out.values()))
    left_out = len(whole) - len(kept)
    check_training(kept, left_out=left_out)
    for one in held_out.values():
        check_held_out(one, kept)
    return Data(kept, left_out, held_out.get("dev"), held_out.get("test"))


def fit_probe(data: Data, system: EmbeddingSystem, *, folds: int, seed: int, progress: Progress) -> Probe:
    """Fit a classifier to a system's vectors.

    Args:
        data: the examples.
        system: embeds them.
        folds: parts of the training examples that are held out in turn, where there is no dev split.
        seed: of the parts.
        progress: shows what is going on.
    """
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
