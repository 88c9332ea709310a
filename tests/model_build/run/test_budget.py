import pytest

from model_build.common.errors import BudgetError
from model_build.recipe import load_recipe
from model_build.run.budget import check_fits, least_bytes
from model_build.run.estimate import PIECE_BYTES, estimate_bytes
from tests.model_build.materials import RECIPES


def test_the_largest_vocabulary_that_fits_is_told_and_fits() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml", ["vocabulary.size=9000", "gates.byte_budget=200000"])
    sizes = estimate_bytes(recipe)
    with pytest.raises(
        BudgetError, match=r"over gates\.byte_budget \(200,000\); lower vocabulary\.size to about"
    ) as caught:
        check_fits(recipe, sizes, sizes.vocabulary)
    told = int(str(caught.value).split("about ")[1].split(", or")[0].replace(",", ""))
    fits, larger = (
        estimate_bytes(load_recipe(RECIPES / "smoke.toml", [f"vocabulary.size={size}"])).total
        for size in (told, told + 200)
    )
    assert fits <= 200_000 < larger


def test_a_shape_that_no_vocabulary_fits_beside_is_told() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml", ["gates.byte_budget=30000"])
    with pytest.raises(BudgetError, match=r"300 pieces, the least that a vocabulary has, take about \d\d,\d\d\d with"):
        check_fits(recipe, estimate_bytes(recipe), vocabulary=0)


def test_pieces_longer_than_estimated_make_a_smaller_vocabulary() -> None:
    recipe = load_recipe(RECIPES / "smoke.toml")
    sizes = estimate_bytes(recipe)
    tight = recipe.model_copy(update={"gates": recipe.gates.model_copy(update={"byte_budget": sizes.total})})
    check_fits(tight, sizes, sizes.vocabulary, manifest=sizes.manifest)
    with pytest.raises(BudgetError, match=r"lower vocabulary\.size to about 500"):
        check_fits(tight, sizes, 2 * sizes.vocabulary, manifest=sizes.manifest)


def test_a_vocabulary_takes_at_least_what_its_shortest_pieces_take() -> None:
    assert least_bytes(["long piece", "a", "中", "##b"], 3) == 2 + 4 + 4
    assert PIECE_BYTES > 4
