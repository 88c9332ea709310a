"""Build a fresh student and pre-train it as a masked language model.

Its token embeddings are the teacher's, on their principal components.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import ElectraForMaskedLM

from model_build.common.batching import PAD_ID, pad
from model_build.common.device import computing
from model_build.common.learning_rate import linear_schedule
from model_build.common.log import Journal
from model_build.common.special_tokens import MASK, SPECIAL_TOKENS
from model_build.common.training_loop import optimize
from model_build.recipe import Recipe, StudentRecipe
from model_build.student.model import build_config
from model_build.teacher.model import Teacher

INITIAL_SCALE = 0.05  # standard deviation of the projected embeddings; BERT's own is 0.02 to 0.06
MASKED_SHARE = 0.15
_WARMUP = 50


def pretrained_student(
    recipe: Recipe, teacher: Teacher, tokens: Sequence[str], rows: Sequence[Sequence[int]], journal: Journal
) -> tuple[ElectraForMaskedLM, float]:
    """Build a student and pre-train it. Returns it with the mean of its last losses.

    The recipe's seed decides the initial weights, the batches and the masks.
    """
    model = build_student(recipe.student, teacher, tokens, recipe.seed)
    with computing(model):
        loss = pretrain(model, rows, recipe, mask_id=tokens.index(MASK), journal=journal)
    return model, loss


def build_student(recipe: StudentRecipe, teacher: Teacher, tokens: Sequence[str], seed: int) -> ElectraForMaskedLM:
    """Build a fresh student whose token embeddings are the teacher's, projected."""
    torch.manual_seed(seed)
    model = ElectraForMaskedLM(build_config(recipe, len(tokens)))
    with torch.no_grad():
        table = model.get_input_embeddings().get_parameter("weight")
        table.copy_(project_embeddings(teacher, tokens, recipe.embedding_size))
        table[PAD_ID].zero_()
    return model


def project_embeddings(teacher: Teacher, tokens: Sequence[str], size: int) -> Tensor:
    """Project the kept tokens' embeddings in the teacher on `size` principal components: `[tokens, size]`."""
    ids = teacher.vocabulary
    kept = teacher.embeddings[[ids[token] for token in tokens]]
    centred = kept - kept.mean(0)
    _, _, components = torch.linalg.svd(centred, full_matrices=False)
    projected = torch.zeros(len(tokens), size)
    rank = min(size, components.shape[0])
    projected[:, :rank] = centred @ components[:rank].T
    return projected * (INITIAL_SCALE / projected.std())


def pretrain(
    model: ElectraForMaskedLM, rows: Sequence[Sequence[int]], recipe: Recipe, *, mask_id: int, journal: Journal
) -> float:
    """Train a masked language model in place; every chosen token is masked. Returns the mean of the last losses."""
    generator = np.random.default_rng([recipe.seed, 1])
    torch_generator = torch.Generator().manual_seed(recipe.seed)
    steps, batch_texts = recipe.student.pretraining_steps, recipe.distillation.batch_texts
    peak, device = recipe.student.pretraining_learning_rate, model.device
    groups = [{"params": list(model.parameters()), "peak": peak}]
    optimizer = torch.optim.AdamW(groups, lr=peak, betas=(0.9, 0.98), weight_decay=0.01)
    order = np.argsort([len(row) for row in rows], kind="stable")
    model.train()

    def loss_at(_: int) -> Tensor | None:
        start = int(generator.integers(0, max(1, len(rows) - batch_texts)))
        ids, mask = pad([rows[index] for index in order[start : start + batch_texts]], PAD_ID)
        chosen = (torch.rand(ids.shape, generator=torch_generator) < MASKED_SHARE) & (ids >= len(SPECIAL_TOKENS))
        if not chosen.any():
            return None
        masked = ids.masked_fill(chosen, mask_id)
        logits = _masked_logits(model, masked.to(device), mask.to(device), chosen.to(device))
        return F.cross_entropy(logits, ids[chosen].to(device))

    with journal.bar("pre-training", steps) as bar:
        return optimize(
            optimizer,
            loss_at,
            steps,
            schedule=lambda step: linear_schedule(step, steps, _WARMUP, steps),
            clipped=model.parameters(),
            bar=bar,
        )


def _masked_logits(model: ElectraForMaskedLM, ids: Tensor, mask: Tensor, chosen: Tensor) -> Tensor:
    """Compute logits of the masked tokens only: the output layer is most of the work."""
    hidden = model.electra(ids, attention_mask=mask).last_hidden_state[chosen]
    logits: Tensor = model.generator_lm_head(model.generator_predictions(hidden))
    return logits
