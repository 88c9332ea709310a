"""The recipe: one TOML file with everything a build needs except the location of the data.

A section a module: `corpus`, `teacher`, `vocabulary`, `student`, `distillation`, `quantization`; `output` has what
follows training (export, gates, card, evaluation). `recipe` joins them and checks one against another, `load` reads
the file, `messages` words its errors, `renamed` knows the keys of earlier versions, `base` has the shared types.
`task` is the recipe of a task model.
"""

from model_build.recipe.base import Scheme
from model_build.recipe.corpus import CorpusRecipe
from model_build.recipe.distillation import DistillationRecipe
from model_build.recipe.load import load_any_recipe, load_recipe
from model_build.recipe.output import CardRecipe, EvaluationRecipe, ExportRecipe, GatesRecipe
from model_build.recipe.quantization import QuantizationRecipe
from model_build.recipe.recipe import Recipe
from model_build.recipe.student import StudentRecipe
from model_build.recipe.teacher import EnsembleRecipe, FineTuningRecipe, PairTaskRecipe, TeacherRecipe
from model_build.recipe.vocabulary import MIN_VOCABULARY, VocabularyRecipe

__all__ = [
    "MIN_VOCABULARY",
    "CardRecipe",
    "CorpusRecipe",
    "DistillationRecipe",
    "EnsembleRecipe",
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
    "load_any_recipe",
    "load_recipe",
]
