"""What each part of the method adds: variants of one recipe, trained at equal budget over several seeds.

`variants` says what is compared, `plan` turns it into recipes, `run` trains and measures them, `result` holds the
figures and `statistics` compares them; `view` puts them into words and tables, `write` on paper and terminal.
"""

from model_build.ablation.errors import AblationError
from model_build.ablation.plan import Plan, make_plan
from model_build.ablation.result import Ablation, to_json
from model_build.ablation.run import run_ablation
from model_build.ablation.write import show

__all__ = ["Ablation", "AblationError", "Plan", "make_plan", "run_ablation", "show", "to_json"]
