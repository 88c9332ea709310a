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
_NEITHER, _BOTH = (_NO_INTEGRATION, _NO_INTERPLAY), (_INTEGRATION, _INTERPLAY)
_COPY = "distillation.integration_shares=false"


def _uniform(scheme: str) -> tuple[str, ...]:
    return tuple(f"quantization.{module}={scheme}" for module in MODULES)


def _cross(
    name: str, question: str, *changes: str, against: tuple[str, ...] = (CROSS,), default: bool = True
) -> Variant:
    return Variant(name, question, (*_BOTH, *changes), against, default=default)


def _adapting(name: str, question: str, change: str, *, default: bool = True) -> Variant:
    return _cross(name, question, change, against=(CROSS, ONE_WAY), default=default)


def _weighted(name: str, question: str, *changes: str, against: str = "weighted") -> Variant:
    return Variant(name, question, (*_NEITHER, "student.pooling=weighted", *changes), (against,))


def _quantized(name: str, question: str, changes: tuple[str, ...] = (), *against: str, student: str = CROSS) -> Variant:
    return Variant(name, question, changes, against, student=student)


HALVES = Group(
    "The halves of cross-distillation",
    (
        Variant(ONE_WAY, "How good is distillation from a frozen teacher?", _NEITHER, ()),
        Variant(
            "integration", "Does sharing the teacher's projection help?", (_INTEGRATION, _NO_INTERPLAY), (ONE_WAY,)
        ),
        Variant("interplay", "Does a teacher that adapts help?", (_NO_INTEGRATION, _INTERPLAY), (ONE_WAY,)),
        _cross(CROSS, "Do both together help?", against=(ONE_WAY, "integration", "interplay")),
    ),
)
TEACHER = Group(
    "How the teacher adapts",
    (
        _adapting(
            "teacher-slow",
            "Is a tenth of the teacher's learning rate better?",
            "distillation.teacher_learning_rate*=0.1",
        ),
        _adapting(
            "teacher-fast", "Is ten times the teacher's learning rate better?", "distillation.teacher_learning_rate*=10"
        ),
        _adapting("no-anchor", "Is a teacher better without the anchor loss?", "distillation.anchor_weight=0"),
        _adapting(
            "teacher-early",
            "Is a teacher better that adapts in the first half of the steps only?",
            "distillation.mutual_fraction=0.5",
        ),
        _adapting(
            "teacher-task",
            "Is a teacher better that adapts to the ranking task only, not to the student?",
            "distillation.mutual_weight=0",
        ),
        Variant(
            "copied",
            "Is it better to initialise with a copy of the teacher's projection than to share it?",
            (_INTEGRATION, _COPY, _NO_INTERPLAY),
            ("integration", ONE_WAY),
        ),
        _cross("cross-copied", "The same with a teacher that adapts?", _COPY, against=(CROSS, "copied", ONE_WAY)),
        _cross(
            "gentlest",
            "Is the mildest form better: a copy, and a teacher that adapts slowly, in the first half only?",
            *(_COPY, "distillation.mutual_fraction=0.5", "distillation.teacher_learning_rate*=0.1"),
            against=(CROSS, "copied", ONE_WAY),
        ),
        _adapting(
            "top-layer",
            "Is a teacher better whose top layer adapts too? (Training takes many times as long.)",
            "teacher.trainable_layers=1",
            default=False,
        ),
    ),
)
LOSSES = Group(
    "The losses",
    (
        _cross(
            "distribution-only",
            "What do the vectors' distances (1 - cosine) add to the KL divergence of similarities?",
            "distillation.cosine_weight=0",
        ),
        _cross(
            "representation-only",
            "What does the KL divergence of similarities add to the vectors' distances?",
            "distillation.similarity_kl_weight=0",
        ),
        _cross(
            "distribution-heavy",
            "Is a greater weight of the KL divergence better?",
            "distillation.similarity_kl_weight*=5",
        ),
        _cross("no-task", "What does the ranking task add?", "distillation.task_weight=0"),
    ),
)
PRETRAINING = Group(
    "Pre-training",
    (
        _cross(
            "no-pretraining",
            "What does the masked-token pre-training add? (Its steps are saved, not spent elsewhere.)",
            "student.pretraining_steps=0",
        ),
    ),
)
POOLING = Group(
    "Pooling",
    (
        _weighted("weighted", "Is a mean with learned weights better?", against=ONE_WAY),
        _weighted(
            "first-last",
            "Is it better to pool the embedding layer's states beside the last layer's? (The head grows.)",
            "student.pooled_states=first-last",
        ),
        _weighted(
            "first-last-small",
            "The same at equal size, with fewer tokens?",
            *("student.pooled_states=first-last", "vocabulary.size*=0.944"),
        ),
    ),
)
VOCABULARY = Group(
    "Hard token pruning",
    (
        _cross("frequency", "Is pruning by frequency worse than by attention?", "vocabulary.importance=frequency"),
        _cross(
            "attention-half",
            "What does halving the vocabulary cost, pruned by attention?",
            *("vocabulary.importance=attention", "vocabulary.size*=0.5"),
        ),
        _cross(
            "frequency-half",
            "Is pruning by frequency worse at half of the vocabulary, where pruning bites?",
            *("vocabulary.importance=frequency", "vocabulary.size*=0.5"),
            against=("attention-half",),
        ),
    ),
)
QUANTIZATION = Group(
    "Quantization",
    (
        _quantized(FLOAT, "How good is the unquantized student?", _uniform(FLOAT)),
        *(
            _quantized(scheme, f"What does {scheme} everywhere cost?", _uniform(scheme), FLOAT)
            for scheme in get_args(Scheme)
            if scheme != FLOAT
        ),
        _quantized("mixture", "What does the recipe's own mixture of schemes cost?", (), FLOAT),
        _cross(
            "rounded",
            "Does quantization-aware training in the last fifth of distillation change the unquantized student?",
            "distillation.qat_fraction=0.2",
        ),
        _quantized(
            "mixture-rounded", "Is quantization-aware training better than none?", (), "mixture", student="rounded"
        ),
    ),
)
GROUPS = (HALVES, TEACHER, LOSSES, PRETRAINING, POOLING, QUANTIZATION, VOCABULARY)
"""All groups; a variant comes after the one whose student it quantizes."""


def by_name(groups: Iterable[Group]) -> Mapping[str, Variant]:
    """All variants of the groups by name, in their order."""
    return {variant.name: variant for group in groups for variant in group.variants}
