"""`[distillation]`: how the student learns from its teacher."""

from typing import Annotated

from pydantic import Field

from model_build.recipe.base import Count, Fraction, Positive, Precision, Rate, Section, Switch, Weight


class DistillationRecipe(Section):
    """Cross-distillation (EI-BERT, arXiv 2507.04636), or with both of its halves off, one-way distillation.

    Attributes:
        parameter_integration: the student takes over the teacher's projection and pair classifier, behind an adapter
            for the width.
        integration_shares: the two models share them, and train them together; otherwise the student trains copies.
        mutual_interplay: the teacher trains too.
        mutual_fraction: fraction of the steps, from the first, in which the teacher trains; afterwards the student
            learns from the teacher as it was before.
        mutual_weight: factor on the losses that draw the teacher towards the student; with 0 the teacher has only the
            ranking task and its anchor.
        steps: optimiser steps; shorter epochs are repeated in another order.
        batch_texts: texts a step.
        pair_every: every n-th step reads a batch of queries and their texts instead of a batch of texts.
        student_learning_rate, teacher_learning_rate: peaks; linear warm-up, then cosine decay.
        warmup_steps: steps in which the learning rates rise from 0.
        cosine_weight: of the cosine loss, 1 - cosine of the two models' vectors.
        similarity_kl_weight: of the KL divergence of their in-batch similarity distributions.
        task_weight: of the ranking task (InfoNCE of queries against the texts of the batch).
        supervised_every: every n-th step adds a batch of labelled pairs, where the teacher has tasks.
        logit_kl_weight: of the KL divergence of the two models' classifications of a pair.
        label_weight: of the binary cross-entropy with the pairs' labels.
        anchor_weight: of the teacher's distance from its initial vectors, so that it does not drift.
        temperature: of similarity distributions and of the ranking task.
        precision: of the student's forward and backward pass; weights and losses stay float32. bfloat16 takes about
            half the time on CPUs that support it.
        qat_fraction: fraction of the steps, the last ones, of quantization-aware training: the encoder's matrices are
            fake-quantized by the schemes of `[quantization]`.
        checkpoint_every: steps between checkpoints.
        validate_every: steps between validations.
    """

    parameter_integration: Switch = True
    integration_shares: Switch = True
    mutual_interplay: Switch = True
    mutual_fraction: Fraction = 1.0
    mutual_weight: Weight = 1.0
    steps: Positive
    batch_texts: Annotated[int, Field(ge=4, strict=True)] = 256
    pair_every: Annotated[int, Field(ge=2, strict=True)] = 4
    student_learning_rate: Rate = 2e-3
    teacher_learning_rate: Rate = 2e-5
    warmup_steps: Count = 200
    cosine_weight: Weight = 1.0
    similarity_kl_weight: Weight = 0.1
    task_weight: Weight = 0.1
    supervised_every: Positive = 2
    logit_kl_weight: Weight = 0.5
    label_weight: Weight = 0.2
    anchor_weight: Weight = 1.0
    temperature: Rate = 0.1
    precision: Precision = "float32"
    qat_fraction: Fraction = 0.0
    checkpoint_every: Positive = 500
    validate_every: Positive = 500
