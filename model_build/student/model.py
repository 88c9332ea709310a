"""The student: a small ELECTRA encoder (BERT with factorised embeddings) under a head in the teacher's space.

The student's vector is `task_layer(adapter(pooled states))`, of unit length (see `state_pooling`). Both layers are
linear, so that on the device they are one matrix, and one that keeps every cosine in as many dimensions as the pooled
states have (see `fusion`).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import ElectraConfig, ElectraForMaskedLM, ElectraModel

from model_build.common.device import device_of
from model_build.common.log import Journal
from model_build.recipe import StudentRecipe
from model_build.student.state_pooling import StatePooling
from model_build.teacher.model import Teacher, identity_layer, pad
from model_build.teacher.pair_head import PairHead

PAD_ID = 0
INITIAL_SCALE = 0.05  # standard deviation of the projected embeddings; BERT's own is 0.02 to 0.06
MASKED_SHARE = 0.15
_WARMUP = 50


class Student(nn.Module):
    """The encoder with its adapter and task layer.

    Attributes:
        encoder: token ids -> hidden states.
        pooling: hidden states -> one vector.
        adapter: the pooling's width -> the teacher's width.
        task_layer: the teacher's width -> the task's space; the teacher's own layer where parameters are integrated.
        pair_head: judges two vectors by the teacher's tasks, where it has any; the teacher's own head likewise.
    """

    def __init__(
        self,
        encoder: ElectraModel,
        teacher_dimension: int,
        *,
        weighted: bool = False,
        first: bool = False,
        tasks: int = 0,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        # On short texts the plain products beat the fused kernels: on one CPU core a step takes 0.9 of their time in
        # float32, and half of it in bfloat16.
        encoder.set_attn_implementation("eager")
        self.pooling = StatePooling(encoder.config, weighted=weighted, first=first)
        self.adapter = nn.Linear(self.pooling.width, teacher_dimension, bias=False)
        self.task_layer = identity_layer(teacher_dimension)
        self.pair_head = PairHead(tasks, teacher_dimension) if tasks else None

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors `[batch, teacher's width]`."""
        return F.normalize(self.task_layer(self.adapter(self.pooling(self.encoder, ids, mask))), dim=-1)

    def judge(self, first: Tensor, second: Tensor, tasks: Tensor) -> Tensor:
        """Logits of pairs of its vectors, each by the head of its task: `[pairs, width]` twice -> `[pairs]`."""
        assert self.pair_head is not None  # noqa: S101 (narrows the type)
        logits: Tensor = self.pair_head(first, second, tasks)
        return logits


def under_head(encoder: ElectraModel, teacher_dimension: int, recipe: StudentRecipe, tasks: int = 0) -> Student:
    """An encoder under a fresh head, with the pooling that the recipe says; `tasks` of pairs it will judge."""
    weighted, first = recipe.pooling == "weighted", recipe.pooled_states == "first-last"
    return Student(encoder, teacher_dimension, weighted=weighted, first=first, tasks=tasks)


def build_config(recipe: StudentRecipe, vocabulary_size: int) -> ElectraConfig:
    """The student's shape. Dropout is off: a model this small underfits."""
    return ElectraConfig(
        vocab_size=vocabulary_size,
        embedding_size=recipe.embedding_size,
        hidden_size=recipe.hidden_size,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.attention_heads,
        intermediate_size=recipe.intermediate_size,
        max_position_embeddings=recipe.max_length,
        type_vocab_size=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PAD_ID,
    )


def project_embeddings(teacher: Teacher, pieces: Sequence[str], size: int) -> Tensor:
    """The kept tokens' embeddings in the teacher, on their `size` principal components: `[pieces, size]`."""
    known = teacher.vocabulary
    kept = teacher.embeddings[[known[piece] for piece in pieces]]
    centred = kept - kept.mean(0)
    _, _, components = torch.linalg.svd(centred, full_matrices=False)
    projected = torch.zeros(len(pieces), size)
    rank = min(size, components.shape[0])
    projected[:, :rank] = centred @ components[:rank].T
    return projected * (INITIAL_SCALE / projected.std())


def build_student(recipe: StudentRecipe, teacher: Teacher, pieces: Sequence[str], seed: int) -> ElectraForMaskedLM:
    """A fresh student whose token embeddings are the teacher's, projected."""
    torch.manual_seed(seed)
    model = ElectraForMaskedLM(build_config(recipe, len(pieces)))
    with torch.no_grad():
        table = model.get_input_embeddings().get_parameter("weight")
        table.copy_(project_embeddings(teacher, pieces, recipe.embedding_size))
        table[PAD_ID].zero_()
    return model


def pretrain(
    model: ElectraForMaskedLM,
    rows: Sequence[Sequence[int]],
    *,
    mask_id: int,
    first_piece: int,
    steps: int,
    rate: float,
    batch_texts: int,
    seed: int,
    journal: Journal,
) -> float:
    """Short masked-token pre-training: BERT's objective, every chosen token masked.

    Args:
        model: trained in place.
        rows: token ids of texts.
        mask_id: the mask's id.
        first_piece: ids below this are marks, which are never masked.
        steps: optimiser steps.
        rate: peak learning rate; linear warm-up, then linear decay.
        batch_texts: texts a step.
        seed: decides batches and masks.
        journal: shows progress.

    Returns:
        The mean of the last losses.
    """
    generator = np.random.default_rng([seed, 1])
    torch_generator = torch.Generator().manual_seed(seed)
    device = device_of(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    order = np.argsort([len(row) for row in rows], kind="stable")
    model.train()
    recent: list[float] = []
    with journal.bar("pre-training", steps) as bar:
        for step in range(steps):
            start = int(generator.integers(0, max(1, len(rows) - batch_texts)))
            ids, mask = pad([rows[place] for place in order[start : start + batch_texts]], PAD_ID)
            chosen = (torch.rand(ids.shape, generator=torch_generator) < MASKED_SHARE) & (ids >= first_piece)
            if not chosen.any():
                continue
            scale = min((step + 1) / _WARMUP, (steps - step) / max(1, steps))
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            masked = ids.masked_fill(chosen, mask_id)
            logits = _masked_logits(model, masked.to(device), mask.to(device), chosen.to(device))
            loss = F.cross_entropy(logits, ids[chosen].to(device))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            recent = [*recent[-19:], loss.item()]
            bar.advance(note=f"loss {loss.item():.3f}")
    return float(np.mean(recent)) if recent else float("nan")


def _masked_logits(model: ElectraForMaskedLM, ids: Tensor, mask: Tensor, chosen: Tensor) -> Tensor:
    """Logits at the masked places only: the output layer is most of the work, and the other places are not needed."""
    hidden = model.electra(ids, attention_mask=mask).last_hidden_state[chosen]
    logits: Tensor = model.generator_lm_head(model.generator_predictions(hidden))
    return logits


@torch.inference_mode()
def embed(
    student: Callable[[Tensor, Tensor], Tensor], rows: Sequence[Sequence[int]], batch_texts: int = 256
) -> NDArray[np.float32]:
    """A student's vectors of tokenised texts, in their order: float32 `[rows, width]`."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    batches = [[rows[place] for place in order[s : s + batch_texts]] for s in range(0, len(order), batch_texts)]
    device = device_of(student)
    vectors = torch.cat([student(*pad(batch, PAD_ID, device)) for batch in batches]).cpu().numpy()
    result = np.empty_like(vectors)
    result[order] = vectors
    return result


def save_encoder(encoder: ElectraModel, folder: Path) -> None:
    """Save an encoder in the Hugging Face layout."""
    encoder.save_pretrained(folder)


def load_encoder(folder: Path) -> ElectraModel:
    """Load what `save_encoder` wrote."""
    encoder: ElectraModel = ElectraModel.from_pretrained(folder, dtype=torch.float32)
    return encoder
