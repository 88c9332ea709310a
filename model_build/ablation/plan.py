"""Turns variants into recipes, in the order of training."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_build.ablation.variants import GROUPS, Group, Variant, by_name
from model_build.common.errors import AblationError, RecipeError, UnknownVariantError
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
    """A variant with its recipe, whose seed is still to be set, and the trial whose student it quantizes, if any."""

    variant: Variant
    recipe: Recipe
    student: "Trial | None" = None


@dataclass(frozen=True)
class Plan:
    """The trials of an ablation, by variant; one that quantizes a student comes after the one that trains it.

    A seed determines a student's initial weights, its pre-training and its batches. `left_out` has reasons, by the
    names of requested variants that do not take part.
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
    groups: tuple[Group, ...] = GROUPS,
) -> Plan:
    """Plan an ablation.

    A variant is left out if its recipe is invalid, or equal to that of an earlier variant (for example, if there is no
    pre-training to leave out); variants that refer to it are then compared with the earlier one.

    Args:
        path: of the recipe.
        overrides: of the recipe, for all variants.
        seeds: number of seeds; the first is the recipe's.
        chosen: names of variants, to which those that they are compared with are added; empty for the default ones.
        groups: of available variants.

    Raises:
        RecipeError: the recipe, or that of a variant chosen by name, is invalid.
        UnknownVariantError: there is no variant of a name.
        AblationError: a variant changes a section that all variants share.
    """
    recipe = load_recipe(path, overrides)
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
    """Resolve `KEY*=FACTOR` to `KEY=VALUE`, the recipe's number times the factor; integers stay integers.

    Raises:
        AblationError: the key is not a number of the recipe.
    """
    key, times, factor = override.partition("*=")
    if not times:
        return override
    value: object = recipe
    for part in key.split("."):
        value = getattr(value, part, None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AblationError(f"{override}: {key} is not a number of the recipe")
    product = value * float(factor)
    return f"{key}={round(product) if isinstance(value, int) else product!r}"


def _with_references(names: Iterable[str], known: Mapping[str, Variant]) -> set[str]:
    """Add the variants that these are compared with, and those whose students they quantize."""
    needed = set(names)
    for name in list(needed):
        needed.update(known[name].against)
    for name in list(needed):
        student = known[name].student
        needed.update({student} if student else ())
    return needed


class _Draft:
    """A plan under construction."""

    def __init__(self, path: Path, overrides: Sequence[str], recipe: Recipe) -> None:
        self._path, self._overrides, self._recipe = path, overrides, recipe
        self._first: dict[tuple[str | None, str], str] = {}
        self._same: dict[str, str] = {}
        self.trials: dict[str, Trial] = {}
        self.left_out: dict[str, str] = {}

    def add(self, variant: Variant, *, must: bool) -> None:
        """Add a variant, or leave it out; with `must` an invalid recipe is an error."""
        student = self._student(variant)
        try:
            recipe = self._changed(variant, student)
        except RecipeError as error:
            if must:
                raise
            self.left_out[variant.name] = str(error)
            return
        _check_shared(variant, recipe, self._recipe)
        key = student.variant.name if student else None, recipe.model_dump_json()
        first = self._first.setdefault(key, variant.name)
        if first == variant.name:
            self.trials[variant.name] = Trial(variant, recipe, student)
        else:
            self._same[variant.name] = first
            self.left_out[variant.name] = f"with this recipe it equals {first}"

    def compared(self, variant: Variant) -> Variant:
        """The variant, compared with variants that take part; one that was left out is replaced by its equal."""
        others = dict.fromkeys(self._same.get(name, name) for name in variant.against)
        return replace(variant, against=tuple(one for one in others if one in self.trials and one != variant.name))

    def _student(self, variant: Variant) -> Trial | None:
        name = variant.student
        return self.trials[self._same.get(name, name)] if name else None

    def _changed(self, variant: Variant, student: Trial | None) -> Recipe:
        trained = student.variant.overrides if student else ()
        changes = [resolve(override, self._recipe) for override in (*trained, *variant.overrides)]
        return load_recipe(self._path, [*self._overrides, *changes])


def _check_shared(variant: Variant, changed: Recipe, recipe: Recipe) -> None:
    changes, common = (one.model_dump(exclude=_OWN) for one in (changed, recipe))  # type: ignore[arg-type]
    for section, value in changes.items():
        if value != common[section]:
            raise AblationError(f"variant {variant.name} changes {section}, which all variants share")
