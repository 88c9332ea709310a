"""The student's vocabulary, its shape, and how it is trained."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model_build.recipe.base import Count, Fraction, Positive, Rate, Section, Switch, Weight

LEAST_PIECES = 300  # that a vocabulary may have


class VocabularyRecipe(Section):
    """Hard token pruning.

    Attributes:
        size: pieces that are kept.
        importance: `attention` keeps the tokens that receive most attention in the teacher, `frequency` the commonest.
        sample_texts: texts over which importance is summed.
    """

    size: Annotated[int, Field(ge=LEAST_PIECES, strict=True)]
    importance: Literal["attention", "frequency"] = "attention"
    sample_texts: Positive = 40_000


class StudentRecipe(Section):
    """The student's shape, in ELECTRA's terms (BERT with factorised embeddings), and its masked-token pre-training.

    Attributes:
        layers: transformer layers.
        hidden_size: width of the layers; a multiple of `attention_heads`.
        embedding_size: numbers of a piece in the token table.
        intermediate_size: width inside the feed-forward part of a layer.
        attention_heads: heads of a layer.
        max_length: most pieces of a text that the student reads in training, special tokens included.
        pooling: a text's vector is of the `mean` of its tokens' hidden states, or of their `weighted` mean, whose
            weights are learned (see `token_weights`).
        pooled_states: a text's vector is of the mean of its `last` states alone, or also, beside it, of the embedding
            layer's (see `state_pooling`).
        start: the folder of an artifact, whose weights and vocabulary the student starts with; its shape must be the
            recipe's. Without one, it starts with the teacher's embeddings.
        pretraining_steps: steps of masked-token pre-training; 0 leaves it out.
        pretraining_rate: their peak learning rate.
    """

    added_since = ("pooling", "pooled_states", "start")

    layers: Positive
    hidden_size: Positive
    embedding_size: Positive
    intermediate_size: Positive
    attention_heads: Positive
    max_length: Annotated[int, Field(ge=8, le=512, strict=True)] = 64
    pooling: Literal["mean", "weighted"] = "mean"
    pooled_states: Literal["last", "first-last"] = "last"
    start: str | None = None
    pretraining_steps: Count = 0
    pretraining_rate: Rate = 1e-3

    @model_validator(mode="after")
    def _heads_divide(self) -> "StudentRecipe":
        if self.hidden_size % self.attention_heads:
            raise ValueError("hidden_size must be a multiple of attention_heads")
        return self

    @model_validator(mode="after")
    def _start_is_trained(self) -> "StudentRecipe":
        if self.start is not None and self.pretraining_steps:
            raise ValueError("a student with a start has been pre-trained; set pretraining_steps to 0")
        return self


class DistillationRecipe(Section):
    """Cross-distillation.

    Attributes:
        parameter_integration: the student's task layer and pair head start as the teacher's fine-tuned ones, behind a
            width adapter.
        integration_shares: whether the two models share them, which then move as the teacher's do; otherwise the
            student's are copies that train with the student.
        mutual_interplay: the teacher trains too. With both off this is one-way distillation from a frozen teacher.
        interplay_share: share of the steps, the first ones, in which the teacher adapts; after them the student learns
            from the teacher as it was before.
        teacher_follows: factor on the losses that draw the teacher towards the student. With 0 the teacher has only the
            ranking task, and its anchor.
        steps: optimiser steps; an epoch shorter than this is repeated in another order.
        batch_texts: texts a step.
        topic_bits: texts fall into `2 ** topic_bits` topics, and a batch holds few of them, so that its texts are hard
            to tell apart; with 0 a batch is of any texts.
        pair_every: every so many steps, the batch is of queries and their texts.
        student_rate, teacher_rate: peak learning rates, cosine decay after `warmup_steps`.
        warmup_steps: steps in which the learning rates rise from 0.
        representation_weight: of 1 - cosine between the two models' vectors.
        distribution_weight: of the KL divergence between their in-batch similarity distributions.
        task_weight: of the ranking task (InfoNCE of queries against the texts of the batch).
        lesson_every: every so many steps, a batch of the pairs of the teacher's tasks is added to that of texts.
        judgement_weight: of the KL divergence between the two models' verdicts on a pair, each by its head.
        label_weight: of the pairs' labels (binary cross-entropy).
        anchor_weight: of the teacher's distance from what it was, so that it adapts but does not drift.
        temperature: of similarity distributions, and of the ranking task.
        precision: arithmetic of the student's forward and backward pass; its weights and the losses stay float32.
            bfloat16 takes about half the time on CPUs that have it.
        rounded_share: share of the steps, the last ones, in which the encoder's matrices are rounded as `quantization`
            has it, so that they come to lie where their formats can hold them.
        checkpoint_every: steps between checkpoints.
        validate_every: steps between validations.
    """

    added_since = (
        "integration_shares",
        "interplay_share",
        "teacher_follows",
        "lesson_every",
        "judgement_weight",
        "label_weight",
    )

    parameter_integration: Switch = True
    integration_shares: Switch = True
    mutual_interplay: Switch = True
    interplay_share: Fraction = 1.0
    teacher_follows: Weight = 1.0
    steps: Positive
    batch_texts: Annotated[int, Field(ge=4, strict=True)] = 256
    topic_bits: Annotated[int, Field(ge=0, le=16, strict=True)] = 0
    pair_every: Annotated[int, Field(ge=2, strict=True)] = 4
    student_rate: Rate = 2e-3
    teacher_rate: Rate = 2e-5
    warmup_steps: Count = 200
    representation_weight: Weight = 1.0
    distribution_weight: Weight = 0.1
    task_weight: Weight = 0.1
    lesson_every: Positive = 2
    judgement_weight: Weight = 0.5
    label_weight: Weight = 0.2
    anchor_weight: Weight = 1.0
    temperature: Rate = 0.1
    precision: Literal["float32", "bfloat16"] = "float32"
    rounded_share: Fraction = 0.0
    checkpoint_every: Positive = 500
    validate_every: Positive = 500
