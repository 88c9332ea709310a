"""The recipe: one TOML file that says everything a build needs but where the data lie."""

from model_build.recipe.artifact import CardRecipe, EvaluationRecipe, ExportRecipe, GatesRecipe, QuantizationRecipe
from model_build.recipe.base import Scheme
from model_build.recipe.corpus import CorpusRecipe
from model_build.recipe.load import load_recipe
from model_build.recipe.recipe import Recipe
from model_build.recipe.student import LEAST_PIECES, DistillationRecipe, StudentRecipe, VocabularyRecipe
from model_build.recipe.teacher import CompanionRecipe, FineTuningRecipe, PairTaskRecipe, TeacherRecipe

__all__ = [
    "LEAST_PIECES",
    "CardRecipe",
    "CompanionRecipe",
    "CorpusRecipe",
    "DistillationRecipe",
    "EvaluationRecipe",
    "ExportRecipe",
    "FineTuningRecipe",
    "GatesRecipe",
    "PairTaskRecipe",
    "QuantizationRecipe",
    "Recipe",
    "Scheme",
    "StudentRecipe",
    "TeacherRecipe",
    "VocabularyRecipe",
    "load_recipe",
]
