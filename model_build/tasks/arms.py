"""The arms of the ablation: ways to learn a task from a teacher, each a change of one part of cross-distillation.

All arms of a task take the same steps on the same batches from the same start; their rates are chosen on dev.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model_build.recipe.task import TaskDistillationRecipe

LABELS, DISTILLED = "labels", "distilled"


@dataclass(frozen=True)
class Arm:
    """One way to learn.

    Attributes:
        question: what it is there to answer.
        against: the arm that it differs from in one thing.
        changes: of the recipe's section.
        early: learn from the teacher as it was after its first epoch.
    """

    question: str
    against: str | None
    changes: Mapping[str, object]
    early: bool = False

    def recipe(self, base: TaskDistillationRecipe, **more: object) -> TaskDistillationRecipe:
        """The section with the arm's changes and some more."""
        return TaskDistillationRecipe.model_validate(base.model_dump() | dict(self.changes) | more)


_OWN = {"classifier": "own", "feature_weight": 0.0}
ARMS: Mapping[str, Arm] = {
    LABELS: Arm("How far do the labels alone go?", None, _OWN | {"logit_kl_weight": 0.0}),
    DISTILLED: Arm("What do the logits of a frozen teacher add?", LABELS, _OWN),
    "simkd": Arm(
        "Is it enough to copy the features that the teacher's frozen classifier reads?",
        DISTILLED,
        {"classifier": "frozen", "label_weight": 0.0, "logit_kl_weight": 0.0},
    ),
    "integrated": Arm(
        "Parameter integration: what does the teacher's classifier add, trained on with labels, logits and features?",
        DISTILLED,
        {"classifier": "copied"},
    ),
    "head-interplay": Arm(
        "What does it add that the shared classifier is the teacher's too, and trains for both?",
        "integrated",
        {"classifier": "shared", "teacher_trains": "classifier"},
    ),
    "shadow": Arm("Does a head on the student adapt in the teacher's place?", DISTILLED, _OWN | {"shadow_head": True}),
    "interplay": Arm(
        "Mutual interplay: what does it add that the whole teacher trains too?",
        "integrated",
        {"classifier": "shared", "teacher_trains": "whole"},
    ),
    "early-teacher": Arm(
        "Is a teacher that was stopped early as easy to follow as one that moves?",
        "integrated",
        {"classifier": "copied"},
        early=True,
    ),
}
