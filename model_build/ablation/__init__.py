"""Ablations: variants of one recipe, trained at equal budget over several seeds.

variants: what is compared, as data. plan: the recipe of each variant. run: trains and measures all of them, with
shared (corpus, teacher and vocabulary, made once) and trial (one variant with one seed). result: the metrics.
statistics: intervals and paired differences. report: sentences and tables, as Markdown and on a terminal.
"""

from model_build.ablation.plan import Plan, make_plan
from model_build.ablation.report import show
from model_build.ablation.result import Ablation, to_json
from model_build.ablation.run import run_ablation
from model_build.common.errors import AblationError

__all__ = ["Ablation", "AblationError", "Plan", "make_plan", "run_ablation", "show", "to_json"]
