"""The contents of a task model's report. Parts that a run does not have are empty, and are not shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from model_build.export.byte_table import ByteRow
from model_build.report.contents import StageTime


@dataclass(frozen=True)
class Facts:
    """What was built.

    Attributes:
        kind: whether an example is a `text` or a `pair`.
        train: the table of the training examples, as the recipe names it.
        teacher: the teacher's name or folder.
        start: folder of the released encoder that the model starts from.
        start_bytes: that encoder's device bytes.
        classes: the labels, sorted; none for grades.
        grades: the least and the greatest grade; None for classes.
        left_out: training examples removed because dev or test has them.
        rare: examples removed, of all splits, because their class is too rare.
    """

    kind: str
    train: str
    teacher: str
    start: str
    start_bytes: int
    classes: tuple[str, ...] = ()
    grades: tuple[float, float] | None = None
    left_out: int = 0
    rare: int = 0


@dataclass(frozen=True)
class SplitRow:
    """The examples of a split, and how many of them each reader (`teacher`, `model`, `pack`) cuts to its length."""

    split: str
    examples: int
    cut: Mapping[str, int]


@dataclass(frozen=True)
class WayRow:
    """A way to ship the task, measured.

    Attributes:
        way: `teacher`, which is not served, `model`, `head` or `pack`.
        value: the metric, with its 95 % interval `low` to `high` by bootstrap over examples.
        more: other metrics by name; `NAME low` and `NAME high` are the interval of one.
        kept: (value - baseline) / (the teacher's - baseline).
        ahead: value - the head's, with its paired 95 % interval.
        bytes: of the teacher's weights; of a model, its own; of a head or pack, those on top of the encoder.
        milliseconds: median time of one input alone, on one core.
        seconds: of the training.
    """

    way: str
    value: float
    low: float | None = None
    high: float | None = None
    more: Mapping[str, float] = field(default_factory=dict)
    kept: float | None = None
    ahead: tuple[float, float, float] | None = None
    bytes: int | None = None
    milliseconds: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class RoundingRow:
    """A metric of the model on dev before its weights were rounded, and after."""

    metric: str
    before: float
    after: float


@dataclass(frozen=True)
class TeacherCourse:
    """The teacher's fine-tuning: validation metric after each epoch, and the epoch that was kept, from 1."""

    metric: str
    curve: tuple[float, ...]
    epoch: int


@dataclass(frozen=True)
class LossPoint:
    """The mean loss of a part of the steps, of which `step` is the number at its end."""

    step: int
    loss: float


@dataclass(frozen=True)
class ClassRow:
    """How the model decides about a class; None where there is nothing to divide by.

    Attributes:
        examples: of the class.
        precision: share of the decisions for the class that are right.
        recall: share of its examples that are decided for it.
        f1: the harmonic mean of the two.
    """

    name: str
    examples: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Confusion:
    """How often the model decides for `given` where `right` is right, and the share of that class's examples."""

    right: str
    given: str
    count: int
    share: float


@dataclass(frozen=True)
class ReliabilityBin:
    """Decisions of similar probability: their mean probability, and their accuracy with its 95 % Wilson interval."""

    examples: int
    probability: float
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class GradeBin:
    """Examples of similar right grade, `low` to `high`: the mean right grade, and what the model gives.

    `tenth` and `ninetieth` are percentiles of the given grades.
    """

    low: float
    high: float
    examples: int
    right: float
    given: float
    tenth: float
    ninetieth: float


@dataclass(frozen=True)
class TaskReport:
    """The report of a task model's build.

    Attributes:
        recipe: as it was used, in JSON.
        split: on which the ways, classes, confusions and grades were measured; of so many `examples`.
        metric: of the ways' values; `baseline` is that of the best constant.
        lengths: most tokens by reader.
        rounding: metrics on dev.
        losses: of the model's distillation, by ascending step.
        rounded_from: number of distillation steps without rounded weights; None if all are.
        classes: by ascending F1.
        confusions: the most frequent ones, by descending count.
        bytes: the model's device bytes by part.
        stages: their durations.
    """

    name: str
    recipe: str
    facts: Facts
    device_bytes: int
    byte_budget: int
    split: str
    examples: int
    metric: str
    baseline: float
    splits: tuple[SplitRow, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)
    ways: tuple[WayRow, ...] = ()
    rounding: tuple[RoundingRow, ...] = ()
    teacher: TeacherCourse | None = None
    losses: tuple[LossPoint, ...] = ()
    rounded_from: int | None = None
    classes: tuple[ClassRow, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    grades: tuple[GradeBin, ...] = ()
    bytes: tuple[ByteRow, ...] = ()
    stages: tuple[StageTime, ...] = ()
