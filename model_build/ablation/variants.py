"""What is compared, as data: to add a variant, add it to a group.

A variant changes the recipe in the language of `--set`, with one word more: `KEY*=FACTOR` multiplies the recipe's own
number. It is compared, seed by seed, with one or more other variants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from model_build.quantization.schemes import MODULES
from model_build.recipe import Scheme

ONE_WAY, CROSS, FLOAT = "one-way", "cross", "float32"


@dataclass(frozen=True)
class Variant:
    """One way to make the student.

    Attributes:
        name: of its row, of its folder, and for `--variant`.
        question: what comparing it answers.
        overrides: what it changes.
        against: the variants that it is compared with.
        student: the variant whose trained student it quantizes; None where it trains one of its own.
        default: whether it runs when no variant is named.
    """

    name: str
    question: str
    overrides: tuple[str, ...]
    against: tuple[str, ...] = (CROSS,)
    student: str | None = None
    default: bool = True


@dataclass(frozen=True)
class Group:
    """Variants that answer questions of a kind."""

    title: str
    variants: tuple[Variant, ...]


_NO_INTEGRATION, _INTEGRATION = ("distillation.parameter_integration=false", "distillation.parameter_integration=true")
_NO_INTERPLAY, _INTERPLAY = ("distillation.mutual_interplay=false", "distillation.mutual_interplay=true")
_BOTH = (_INTEGRATION, _INTERPLAY)

HALVES = Group(
    "The halves of cross-distillation",
    (
        Variant(ONE_WAY, "What does a frozen teacher alone teach?", (_NO_INTEGRATION, _NO_INTERPLAY), ()),
        Variant("integration", "Does the teacher's task layer help?", (_INTEGRATION, _NO_INTERPLAY), (ONE_WAY,)),
        Variant("interplay", "Does a teacher that adapts help?", (_NO_INTEGRATION, _INTERPLAY), (ONE_WAY,)),
        Variant(CROSS, "Do both together help?", _BOTH, (ONE_WAY, "integration", "interplay")),
    ),
)
TEACHER = Group(
    "How the teacher adapts",
    (
        Variant(
            "teacher-slow",
            "Is a teacher better that adapts at a tenth of the rate?",
            (*_BOTH, "distillation.teacher_learning_rate*=0.1"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "teacher-fast",
            "Is a teacher better that adapts at ten times the rate?",
            (*_BOTH, "distillation.teacher_learning_rate*=10"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "no-anchor",
            "Is a teacher better that nothing holds to what it was?",
            (*_BOTH, "distillation.anchor_weight=0"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "teacher-early",
            "Is a teacher better that adapts in the first half of the steps, and is what it was in the second?",
            (*_BOTH, "distillation.mutual_fraction=0.5"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "teacher-task",
            "Is a teacher better that adapts to the ranking task alone, and not to the student?",
            (*_BOTH, "distillation.mutual_weight=0"),
            (CROSS, ONE_WAY),
        ),
        Variant(
            "copied",
            "Is the teacher's task layer better as a copy to start from?",
            (_INTEGRATION, "distillation.integration_shares=false", _NO_INTERPLAY),
            ("integration", ONE_WAY),
        ),
        Variant(
            "cross-copied",
            "And with a teacher that adapts?",
            (*_BOTH, "distillation.integration_shares=false"),
            (CROSS, "copied", ONE_WAY),
        ),
        Variant(
            "gentlest",
            "Is the mildest of all better: a copy, and a teacher that adapts slowly, in the first half alone?",
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
            "Is a teacher better whose top layer adapts too? (It runs on every batch: many times the seconds.)",
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
            "Is more weight of the KL divergence better?",
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
            "Is a mean better whose weights are learned?",
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
            "And with as many pieces fewer as the head grows?",
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
            "What does half of the vocabulary cost, kept by attention?",
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
    """Every scheme on every module, and the recipe's own mixture."""
    variants = [
        Variant(scheme, f"What does {scheme} everywhere cost?", _uniform(scheme), (FLOAT,), student=CROSS)
        for scheme in schemes
        if scheme != FLOAT
    ]
    variants.append(
        Variant("mixture", "What does the recipe's own mixture of schemes cost?", (), (FLOAT,), student=CROSS)
    )
    unrounded = Variant(FLOAT, "What is there to lose?", _uniform(FLOAT), (), student=CROSS)
    return Group("Quantization", (unrounded, *variants, *_ROUNDED_WHILE_TRAINED))


def all_groups() -> tuple[Group, ...]:
    """Every group; a variant comes behind the one whose student it quantizes."""
    return HALVES, TEACHER, LOSSES, PRETRAINING, POOLING, quantization(), VOCABULARY


def by_name(groups: Iterable[Group]) -> Mapping[str, Variant]:
    """Every variant of the groups, in their order."""
    return {variant.name: variant for group in groups for variant in group.variants}


_ROUNDED_WHILE_TRAINED = (
    Variant(
        "rounded",
        "What does rounding in the last fifth of distillation do to the student that is not rounded?",
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
