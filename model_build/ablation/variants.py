"""The variants of an ablation, as data. To add a variant, add it to a group.

A variant changes the recipe as `--set` does; in addition `KEY*=FACTOR` multiplies the recipe's own number. It is
compared with one or more other variants, seed by seed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from model_build.quantization.schemes import MODULES
from model_build.recipe import Scheme

ONE_WAY, CROSS, FLOAT = "one-way", "cross", "float32"


@dataclass(frozen=True)
class Variant:
    """One way to train the student.

    Attributes:
        name: of its row, its folder, and for `--variant`.
        question: that its comparisons answer.
        overrides: its changes to the recipe.
        against: variants to compare it with.
        student: variant whose trained student it quantizes; None if it trains its own.
        default: whether it runs if no variant is named.
    """

    name: str
    question: str
    overrides: tuple[str, ...]
    against: tuple[str, ...] = (CROSS,)
    student: str | None = None
    default: bool = True


@dataclass(frozen=True)
class Group:
    """Variants on one subject."""

    title: str
    variants: tuple[Variant, ...]


_NO_INTEGRATION, _INTEGRATION = ("distillation.parameter_integration=false", "distillation.parameter_integration=true")
_NO_INTERPLAY, _INTERPLAY = ("distillation.mutual_interplay=false", "distillation.mutual_interplay=true")
_BOTH = (_INTEGRATION, _INTERPLAY)

HALVES = Group(
    "The halves of cross-distillation",
    (
        Variant(ONE_WAY, "How good is distillation from a frozen teacher?", (_NO_INTEGRATION, _NO_INTERPLAY), ()),
        Variant(
            "integration", "Does sharing the teacher's projection help?", (_INTEGRATION, _NO_INTERPLAY), (ONE_WAY,)
        ),
        Variant("interplay", "Does a teacher that adapts help?", (_NO_INTEGRATION, _INTERPLAY), (ONE_WAY,)),
        Variant(CROSS, "Do both together help?", _BOTH, (ONE_WAY, "integration", "interplay")),
    ),
)
TEACHER = Group(
    "How the teacher adapts",
    (
        Variant(
            "teacher-slow",
            "Is a tenth of the teacher's learning rate better?",
            (*_BOTH, "distillation.teacher_learning_rate*=0.1"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "teacher-fast",
            "Is ten times the teacher's learning rate better?",
            (*_BOTH, "distillation.teacher_learning_rate*=10"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "no-anchor",
            "Is a teacher better without the anchor loss?",
            (*_BOTH, "distillation.anchor_weight=0"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "teacher-early",
            "Is a teacher better that adapts in the first half of the steps only?",
            (*_BOTH, "distillation.mutual_fraction=0.5"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "teacher-task",
            "Is a teacher better that adapts to the ranking task only, not to the student?",
            (*_BOTH, "distillation.mutual_weight=0"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "copied",
            "Is it better to initialise with a copy of the teacher's projection than to share it?",
            (_INTEGRATION, "distillation.integration_shares=false", _NO_INTERPLAY),
            ("integration", ONE_WAY),
        ),
        Variant(
            "cross-copied",
            "The same with a teacher that adapts?",
            (*_BOTH, "distillation.integration_shares=false"),
            (CROSS, "copied", ONE_WAY),
        ),
        Variant(
            "gentlest",
            "Is the mildest form better: a copy, and a teacher that adapts slowly, in the first half only?",
            (
                *_BOTH,
                "distillation.integration_shares=false",
                "distillation.mutual_fraction=0.5",
                "distillation.teacher_learning_rate*=0.1",
            ),
            (CROSS, "copied", ONE_WAY),
        ),
        Variant(
            "top-layer",
            "Is a teacher better whose top layer adapts too? (Training takes many times as long.)",
            (*_BOTH, "teacher.trainable_layers=1"),
            (CROSS, ONE_WAY),
            default=False,
        ),
    ),
)
LOSSES = Group(
    "The losses",
    (
        Variant(
            "distribution-only",
            "What do the vectors' distances (1 - cosine) add to the KL divergence of similarities?",
            (*_BOTH, "distillation.cosine_weight=0"),
        ),
        Variant(
            "representation-only",
            "What does the KL divergence of similarities add to the vectors' distances?",
            (*_BOTH, "distillation.similarity_kl_weight=0"),
        ),
        Variant(
            "distribution-heavy",
            "Is a greater weight of the KL divergence better?",
            (*_BOTH, "distillation.similarity_kl_weight*=5"),
        ),
        Variant("no-task", "What does the ranking task add?", (*_BOTH, "distillation.task_weight=0")),
    ),
)
PRETRAINING = Group(
    "Pre-training",
    (
        Variant(
            "no-pretraining",
            "What does the masked-token pre-training add? (Its steps are saved, not spent elsewhere.)",
            (*_BOTH, "student.pretraining_steps=0"),
        ),
    ),
)
POOLING = Group(
    "Pooling",
    (
        Variant(
            "weighted",
            "Is a mean with learned weights better?",
            (_NO_INTEGRATION, _NO_INTERPLAY, "student.pooling=weighted"),
            (ONE_WAY,),
        ),
        Variant(
            "first-last",
            "Is it better to pool the embedding layer's states beside the last layer's? (The head grows.)",
            (_NO_INTEGRATION, _NO_INTERPLAY, "student.pooling=weighted", "student.pooled_states=first-last"),
            ("weighted",),
        ),
        Variant(
            "first-last-small",
            "The same at equal size, with fewer tokens?",
            (
                _NO_INTEGRATION,
                _NO_INTERPLAY,
                "student.pooling=weighted",
                "student.pooled_states=first-last",
                "vocabulary.size*=0.944",
            ),
            ("weighted",),
        ),
    ),
)
VOCABULARY = Group(
    "Hard token pruning",
    (
        Variant(
            "frequency",
            "Is pruning by frequency worse than by attention?",
            (*_BOTH, "vocabulary.importance=frequency"),
        ),
        Variant(
            "attention-half",
            "What does halving the vocabulary cost, pruned by attention?",
            (*_BOTH, "vocabulary.importance=attention", "vocabulary.size*=0.5"),
        ),
        Variant(
            "frequency-half",
            "Is pruning by frequency worse at half of the vocabulary, where pruning bites?",
            (*_BOTH, "vocabulary.importance=frequency", "vocabulary.size*=0.5"),
            ("attention-half",),
        ),
    ),
)


def quantization(schemes: Iterable[str] = get_args(Scheme)) -> Group:
    """Every scheme on all modules, and the recipe's own mixture."""
    variants = [
        Variant(scheme, f"What does {scheme} everywhere cost?", _uniform(scheme), (FLOAT,), student=CROSS)
        for scheme in schemes
        if scheme != FLOAT
    ]
    variants.append(
        Variant("mixture", "What does the recipe's own mixture of schemes cost?", (), (FLOAT,), student=CROSS)
    )
    unrounded = Variant(FLOAT, "How good is the unquantized student?", _uniform(FLOAT), (), student=CROSS)
    return Group("Quantization", (unrounded, *variants, *_ROUNDED_WHILE_TRAINED))


def all_groups() -> tuple[Group, ...]:
    """All groups; a variant comes after the one whose student it quantizes."""
    return HALVES, TEACHER, LOSSES, PRETRAINING, POOLING, quantization(), VOCABULARY


def by_name(groups: Iterable[Group]) -> Mapping[str, Variant]:
    """All variants of the groups by name, in their order."""
    return {variant.name: variant for group in groups for variant in group.variants}


_ROUNDED_WHILE_TRAINED = (
    Variant(
        "rounded",
        "Does quantization-aware training in the last fifth of distillation change the unquantized student?",
        (*_BOTH, "distillation.qat_fraction=0.2"),
    ),
    Variant(
        "mixture-rounded",
        "Is quantization-aware training better than none?",
        (),
        ("mixture",),
        student="rounded",
    ),
)


def _uniform(scheme: str) -> tuple[str, ...]:
    return tuple(f"quantization.{module}={scheme}" for module in MODULES)
