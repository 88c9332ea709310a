"""From variants to recipes: what is trained, in which order, and what is left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_build.ablation.errors import AblationError, UnknownVariantError
from model_build.ablation.variants import Group, Variant, all_groups, by_name
from model_build.common.errors import RecipeError
from model_build.recipe import Recipe, load_recipe

_OWN = {
    "vocabulary": {"size", "importance"},
    "teacher": {"trainable_layers"},
    "student": True,
    "distillation": True,
    "quantization": True,
    "export": True,
}


@dataclass(frozen=True)
class Trial:
    """A variant as a recipe, but for the seed.

    Attributes:
        variant: which.
        recipe: with the variant's changes.
        student: the trial whose student it quantizes; None where it trains one of its own.
    """

    variant: Variant
    recipe: Recipe
    student: "Trial | None" = None


@dataclass(frozen=True)
class Plan:
    """What an ablation does.

    Attributes:
        recipe: as it was given.
        seeds: each decides a student's first weights, its pre-training and its batches.
        groups: with the variants that take part.
        trials: by the variants' names; one that quantizes a student comes behind the one that trains it.
        left_out: why, by the names of variants that do not take part though they were meant to.
    """

    recipe: Recipe
    seeds: tuple[int, ...]
    groups: tuple[Group, ...]
    trials: Mapping[str, Trial]
    left_out: Mapping[str, str]


def make_plan(
    path: Path,
    overrides: Sequence[str] = (),
    *,
    seeds: int,
    chosen: Sequence[str] = (),
    groups: tuple[Group, ...] | None = None,
) -> Plan:
    """Plan an ablation.

    A variant is left out where the recipe can't hold it, and where it is no other than an earlier one (the recipe has
    no pre-training to leave out, say); what was compared with it is then compared with that one.

    Args:
        path: the recipe.
        overrides: of the recipe, for all variants.
        seeds: how many; the first is the recipe's.
        chosen: names of variants; those that they are compared with come along. Without any: the default ones.
        groups: what there is to choose from; all where None.

    Raises:
        RecipeError: the recipe, or a variant chosen by name, can't be.
        UnknownVariantError: a name is no variant's.
        AblationError: a variant changes what all of them share.
    """
    recipe = load_recipe(path, overrides)
    groups = groups or all_groups()
    known = by_name(groups)
    for name in chosen:
        if name not in known:
            raise UnknownVariantError(name, known)
    needed = _with_references(chosen or [name for name, one in known.items() if one.default], known)
    draft = _Draft(path, overrides, recipe)
    for name, variant in known.items():
        if name in needed:
            draft.add(variant, must=name in chosen)
    parts = tuple(
        Group(group.title, tuple(draft.compared(one) for one in group.variants if one.name in draft.trials))
        for group in groups
    )
    return Plan(
        recipe=recipe,
        seeds=tuple(recipe.seed + number for number in range(seeds)),
        groups=tuple(group for group in parts if group.variants),
        trials=draft.trials,
        left_out=draft.left_out,
    )


def resolve(override: str, recipe: Recipe) -> str:
    """Turn `KEY*=FACTOR` into `KEY=VALUE`: the recipe's number times the factor, a whole number where it was one.

    Raises:
        AblationError: the key is no number of the recipe.
    """
    key, times, factor = override.partition("*=")
    if not times:
        return override
    value: object = recipe
    for part in key.split("."):
        value = getattr(value, part, None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AblationError(f"{override}: {key} is no number of the recipe")
    product = value * float(factor)
    return f"{key}={round(product) if isinstance(value, int) else product!r}"


def _with_references(names: Iterable[str], known: Mapping[str, Variant]) -> set[str]:
    """The names, what they are compared with, and whose students they quantize."""
    needed = set(names)
    for name in list(needed):
        needed.update(known[name].against)
    for name in list(needed):
        student = known[name].student
        needed.update({student} if student else ())
    return needed


class _Draft:
    """Trials as they are added."""

    def __init__(self, path: Path, overrides: Sequence[str], recipe: Recipe) -> None:
        self._path, self._overrides, self._recipe = path, overrides, recipe
        self._first: dict[tuple[str | None, str], str] = {}
        self._same: dict[str, str] = {}
        self.trials: dict[str, Trial] = {}
        self.left_out: dict[str, str] = {}

    def add(self, variant: Variant, *, must: bool) -> None:
        """Add a variant, or leave it out; one that must be is not left out because the recipe can't hold it."""
        student = self._student(variant)
        try:
            recipe = self._changed(variant, student)
        except RecipeError as error:
            if must:
                raise
            self.left_out[variant.name] = str(error)
            return
        _check_common(variant, recipe, self._recipe)
        key = student.variant.name if student else None, recipe.model_dump_json()
        first = self._first.setdefault(key, variant.name)
        if first == variant.name:
            self.trials[variant.name] = Trial(variant, recipe, student)
        else:
            self._same[variant.name] = first
            self.left_out[variant.name] = f"with this recipe it is no other than {first}"

    def compared(self, variant: Variant) -> Variant:
        """The variant, compared with those that take part; in the place of one that is left out, its like."""
        others = dict.fromkeys(self._same.get(name, name) for name in variant.against)
        return replace(variant, against=tuple(one for one in others if one in self.trials and one != variant.name))

    def _student(self, variant: Variant) -> Trial | None:
        name = variant.student
        return self.trials[self._same.get(name, name)] if name else None

    def _changed(self, variant: Variant, student: Trial | None) -> Recipe:
        trained = student.variant.overrides if student else ()
        changes = [resolve(override, self._recipe) for override in (*trained, *variant.overrides)]
        return load_recipe(self._path, [*self._overrides, *changes])


def _check_common(variant: Variant, changed: Recipe, recipe: Recipe) -> None:
    ours, theirs = (one.model_dump(exclude=_OWN) for one in (changed, recipe))  # type: ignore[arg-type]
    for section, value in ours.items():
        if value != theirs[section]:
            raise AblationError(f"variant {variant.name} changes {section}, which all variants share")
