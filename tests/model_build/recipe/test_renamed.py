from collections.abc import Mapping

import pytest

from model_build.common.errors import RecipeError
from model_build.recipe import Recipe, load_recipe
from model_build.recipe.renamed import REMOVED, RENAMED
from tests.model_build.materials import RECIPES


def keys(values: Mapping[str, object], before: str = "") -> set[str]:
    found = set()
    for name, value in values.items():
        found |= keys(value, f"{before}{name}.") if isinstance(value, Mapping) else {before + name}
    return found


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_renamed_key_is_refused_with_its_new_name(old: str, new: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(RECIPES / "smoke.toml", [f"{old}=1"])
    assert str(caught.value).endswith(f"{old}: the key is now {new}")


@pytest.mark.parametrize("key", REMOVED)
def test_a_removed_key_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(RECIPES / "smoke.toml", [f"{key}=1"])
    assert str(caught.value).endswith(f"{key}: {REMOVED[key]}")


def test_new_names_are_keys_and_old_ones_are_not(smoke: Recipe) -> None:
    known = keys(smoke.model_dump())
    assert set(RENAMED.values()) <= known
    assert not known & {*RENAMED, *REMOVED}
