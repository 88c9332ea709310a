"""The result of an ablation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from model_build.ablation.plan import Plan
from model_build.ablation.statistics import Difference, Estimate, estimate, paired_difference


@dataclass(frozen=True)
class Record:
    """The measurements of one variant with one seed: validation metrics (higher is better), and its training's cost.

    A quantized student has 0 seconds; `texts` counts repeats.
    """

    seconds: float
    texts: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """The measurements of one variant over all seeds.

    Attributes:
        bytes: of graph and vocabulary on the device.
        seconds: of training, mean over the seeds.
        texts: number of texts read in training.
        by_seed: the metrics of each seed, in the order of the ablation's seeds.
    """

    variant: str
    overrides: tuple[str, ...]
    bytes: int
    seconds: float
    texts: int
    figures: Mapping[str, Estimate]
    by_seed: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Comparison:
    """A variant compared with a reference: the question, and the difference by metric."""

    variant: str
    reference: str
    question: str
    differences: Mapping[str, Difference]


@dataclass(frozen=True)
class Section:
    """A group of variants, preceded by variants of other groups that they are compared with."""

    title: str
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Ablation:
    """All measurements and comparisons. `recipe` is JSON; `left_out` has reasons, by the names of variants."""

    name: str
    recipe: str
    seeds: tuple[int, ...]
    left_out: Mapping[str, str]
    sections: tuple[Section, ...]

    @property
    def differences(self) -> list[Difference]:
        """Every difference of every comparison."""
        return [one for section in self.sections for pair in section.comparisons for one in pair.differences.values()]


def collect(plan: Plan, records: Mapping[str, Sequence[Record]], sizes: Mapping[str, int]) -> Ablation:
    """Combine the records of all trials, one per seed in the plan's order, and bytes on the device; both by variant."""
    rows = {name: _row(plan, name, records[name], sizes[name]) for name in plan.trials}
    sections = []
    for group in plan.groups:
        own = [variant.name for variant in group.variants]
        references = [reference for variant in group.variants for reference in variant.against]
        comparisons = tuple(
            Comparison(variant.name, reference, variant.question, _differences(rows[variant.name], rows[reference]))
            for variant in group.variants
            for reference in variant.against
        )
        shown = dict.fromkeys([*(name for name in references if name not in own), *own])
        sections.append(Section(group.title, tuple(rows[name] for name in shown), comparisons))
    return Ablation(
        name=plan.recipe.name,
        recipe=plan.recipe.model_dump_json(indent=1),
        seeds=plan.seeds,
        left_out=plan.left_out,
        sections=tuple(sections),
    )


def to_json(ablation: Ablation) -> str:
    """The result as JSON."""
    return json.dumps(asdict(ablation), ensure_ascii=False, indent=1) + "\n"


def _row(plan: Plan, name: str, records: Sequence[Record], size: int) -> Row:
    by_seed = {figure: tuple(record.figures[figure] for record in records) for figure in records[0].figures}
    return Row(
        variant=name,
        overrides=plan.trials[name].variant.overrides,
        bytes=size,
        seconds=sum(record.seconds for record in records) / len(records),
        texts=records[0].texts,
        figures={figure: estimate(values) for figure, values in by_seed.items()},
        by_seed=by_seed,
    )


def _differences(row: Row, reference: Row) -> dict[str, Difference]:
    return {figure: paired_difference(values, reference.by_seed[figure]) for figure, values in row.by_seed.items()}
