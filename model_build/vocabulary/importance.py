"""Token importance: the attention that each token receives in the teacher.

It is summed over layers, heads, querying positions and the texts of a sample (EI-BERT, arXiv 2507.04636).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from model_build.common.batching import batches_by_length, pad
from model_build.common.device import computing
from model_build.common.log import Journal
from model_build.teacher.model import Teacher, tokenize

IMPORTANCE = "importance.npz"


@dataclass(frozen=True)
class Importance:
    """Attention received, float64, and occurrences, int64, by the teacher's token id: `[vocabulary]` each."""

    attention: NDArray[np.float64]
    frequency: NDArray[np.int64]

    @property
    def orders(self) -> dict[str, NDArray[np.number]]:
        """The scores by the name of the method."""
        return {"attention": self.attention, "frequency": self.frequency}


@torch.inference_mode()
def measure_importance(
    teacher: Teacher, texts: Sequence[str], *, max_length: int, batch_texts: int, journal: Journal
) -> Importance:
    """Sum the attention that each token receives over the texts."""
    size = teacher.embeddings.shape[0]
    attention, frequency = torch.zeros(size, dtype=torch.float64), torch.zeros(size, dtype=torch.int64)
    rows = tokenize(teacher, texts, max_length)
    implementation = teacher.model.config._attn_implementation  # transformers has no public getter
    teacher.model.set_attn_implementation("eager")  # the fused kernels do not return attention
    try:
        with computing(teacher.model) as device, journal.bar("token importance", len(rows)) as bar:
            for batch in batches_by_length([len(row) for row in rows], batch_texts):
                ids, mask = pad([rows[index] for index in batch], teacher.tokenizer.pad_token_id)
                seen = mask.to(device)
                layers = teacher.model(ids.to(device), attention_mask=seen, output_attentions=True).attentions
                queries = seen[:, None, :, None].float()
                received = sum((layer.float() * queries).sum(dim=(1, 2)) for layer in layers).cpu()
                real = mask.bool()
                attention.index_add_(0, ids[real], received[real].double())
                frequency.index_add_(0, ids[real], torch.ones_like(ids[real]))
                bar.advance(len(ids))
    finally:
        teacher.model.set_attn_implementation(implementation)
    return Importance(attention.numpy(), frequency.numpy())


def save_importance(importance: Importance, folder: Path) -> None:
    """Write scores for `load_importance`."""
    np.savez(folder / IMPORTANCE, attention=importance.attention, frequency=importance.frequency)


def load_importance(folder: Path) -> Importance:
    """Read scores that `save_importance` wrote."""
    with np.load(folder / IMPORTANCE) as scores:
        return Importance(scores["attention"], scores["frequency"])
