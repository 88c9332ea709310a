"""The teacher of a task: a classifier of the BERT family, split into the body that gives features and its last layer.

A folder of `AutoModelForSequenceClassification` is taken as it is. An encoder gets its own pooling and a new last
layer, and is fine-tuned (see `finetune`).
"""

import inspect
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from model_build.common.batching import batches_by_length
from model_build.common.device import computing
from model_build.common.errors import TeacherError
from model_build.common.log import Journal
from model_build.heads.data import Examples
from model_build.recipe.base import Precision
from model_build.tasks.outputs import Outputs
from model_build.tasks.rows import Tokens, padded, rows_apart, rows_of, sides
from model_build.teacher.checks import check_folder, check_loaded
from model_build.teacher.model import Teacher, load_teacher, resolve_model, weights_sha256
from model_build.teacher.pooling import Pooling, split_pooling
from service.text.pair_row import Row
from service.text.wordpiece import END, START

_UNNAMED = "LABEL_"


class EncoderBody(nn.Module):
    """An encoder and its pooling: the features are its vectors, not normalised."""

    def __init__(self, model: PreTrainedModel, pooling: Pooling) -> None:
        super().__init__()
        self.model, self._pooling = model, pooling
        self._segmented = takes_segments(model)

    def forward(self, tokens: Tokens) -> Tensor:
        """Compute features `[batch, width]`."""
        hidden: Tensor = _run(self.model, tokens, segmented=self._segmented).last_hidden_state
        return self._pooling(hidden, tokens.mask)


class ComparingBody(EncoderBody):
    """An encoder that reads each text of a pair by itself.

    The features are the products of the vectors' components times the root of their number; their sum is the cosine's.
    """

    def forward(self, tokens: Tokens) -> Tensor:
        """Compute features `[batch, width]`."""
        left, right = (F.normalize(super(ComparingBody, self).forward(side).float(), dim=-1) for side in sides(tokens))
        return math.sqrt(left.shape[1]) * left * right


class ClassifierBody(nn.Module):
    """A sequence classifier without its last layer: the features are what that layer reads."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model
        self._segmented = takes_segments(model)

    def forward(self, tokens: Tokens) -> Tensor:
        """Compute features `[batch, width]`."""
        features: Tensor = _run(self.model, tokens, segmented=self._segmented).logits
        return features


class TaskTeacher(nn.Module):
    """A classifier: `body` turns tokens into features, `classifier` turns them into logits."""

    def __init__(
        self, body: EncoderBody | ClassifierBody, classifier: nn.Linear, tokenizer: PreTrainedTokenizerBase
    ) -> None:
        super().__init__()
        self.body, self.classifier, self.tokenizer = body, classifier, tokenizer

    def forward(self, tokens: Tokens) -> Outputs:
        """Classify a batch."""
        features = self.body(tokens)
        return Outputs(features, self.classifier(features))

    @property
    def encoder(self) -> PreTrainedModel:
        """The body's encoder."""
        encoder: PreTrainedModel = self.body.model.base_model  # type: ignore[assignment]
        return encoder

    @property
    def width(self) -> int:
        """Number of features."""
        return self.classifier.in_features

    @property
    def sha256(self) -> str:
        """Checksum of the weights."""
        return weights_sha256(self)

    def rows(self, examples: Examples, max_length: int) -> list[Row]:
        """Tokenize examples."""
        columns = [
            self.tokenizer(list(column), add_special_tokens=False, verbose=False)["input_ids"]
            for column in examples.columns
        ]
        ids = self.tokenizer.get_vocab()
        join = rows_apart if isinstance(self.body, ComparingBody) else rows_of
        return join(columns, (ids[START], ids[END]), max_length)

    @torch.no_grad()
    def read(
        self, rows: Sequence[Row], journal: Journal, batch_texts: int = 64, precision: Precision = "float32"
    ) -> Outputs:
        """Classify rows, in order."""
        features = torch.empty(len(rows), self.classifier.in_features)
        logits = torch.empty(len(rows), self.classifier.out_features)
        with computing(self) as device, journal.bar("teacher", len(rows)) as bar:
            for batch in batches_by_length([len(row.ids) for row in rows], batch_texts):
                with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
                    outputs = self(padded([rows[place] for place in batch], self.pad_id, device))
                features[batch], logits[batch] = outputs.features.float().cpu(), outputs.logits.float().cpu()
                bar.advance(len(batch))
        return Outputs(features, logits)

    @property
    def pad_id(self) -> int:
        """Id of `[PAD]`."""
        return int(self.tokenizer.pad_token_id)


def encoder_teacher(model: str, outputs: int, *, apart: bool = False) -> TaskTeacher:
    """Put an encoder under a new last layer of `outputs` rows, to be fine-tuned; it may read pairs `apart`.

    Raises:
        TeacherError: it can't be loaded, or is not an encoder of the BERT family.
    """
    encoder: Teacher = load_teacher(model)
    layer = nn.Linear(encoder.dimension, outputs)
    nn.init.normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    body = ComparingBody if apart else EncoderBody
    return TaskTeacher(body(encoder.model, encoder.pooling), layer, encoder.tokenizer)


def classifier_teacher(model: str, classes: Sequence[str]) -> TaskTeacher:
    """Load a fine-tuned sequence classifier, its logits in the order of the task's classes.

    Labels that the model does not name, `LABEL_0` and so on, are the task's: those of the same numbers, or else in
    their order.

    Raises:
        TeacherError: it can't be loaded, is not a classifier of the BERT family, or has other labels than the task.
    """
    loaded, tokenizer = _load(model)
    name, last = last_layer(loaded, model)
    order = label_order(loaded.config.id2label, classes, last.out_features, model)
    return _apart(loaded, name, last, tokenizer, order)


def grading_teacher(model: str) -> TaskTeacher:
    """Load a cross-encoder, or whatever else was fine-tuned to give one number.

    Raises:
        TeacherError: it can't be loaded, is not of the BERT family, or gives several numbers.
    """
    loaded, tokenizer = _load(model)
    name, last = last_layer(loaded, model)
    if last.out_features != 1:
        raise TeacherError(f"the teacher {model} has {last.out_features} labels; of grades it must give one number")
    return _apart(loaded, name, last, tokenizer, [0])


def is_classifier(model: str) -> bool:
    """Whether a model's configuration says that it was fine-tuned as a sequence classifier."""
    source = resolve_model(split_pooling(model)[0])
    try:
        architectures = AutoConfig.from_pretrained(source).architectures or ()
    except (OSError, ValueError, KeyError):
        return False  # loading says what is wrong
    return any(name.endswith("ForSequenceClassification") for name in architectures)


def last_layer(model: nn.Module, name: str) -> tuple[str, nn.Linear]:
    """Return a classifier's last linear layer and its place.

    Raises:
        TeacherError: there is none with a row for each label.
    """
    linear = [(place, one) for place, one in model.named_modules() if isinstance(one, nn.Linear)]
    place, last = linear[-1]
    if last.out_features != model.config.num_labels:  # type: ignore[union-attr]
        raise TeacherError(
            f"the teacher {name} ends in {place} with {last.out_features} rows, not one for each of its labels"
        )
    return place, last


def label_order(names: dict[int, str], classes: Sequence[str], rows: int, model: str) -> list[int]:
    """The teacher's row of each class.

    Raises:
        TeacherError: the labels are not the task's.
    """
    if rows != len(classes):
        raise TeacherError(f"the teacher {model} has {rows} labels, the task has {len(classes)}")
    known = {str(label): int(row) for row, label in names.items()}
    if all(label.startswith(_UNNAMED) for label in known):
        numbered = sorted(classes) == sorted(map(str, range(rows)))
        return [int(label) for label in classes] if numbered else list(range(rows))
    folded = {label.casefold(): row for label, row in known.items()}
    unknown = [label for label in classes if label.casefold() not in folded]
    if unknown or len(folded) < rows:
        raise TeacherError(
            f"the teacher {model} does not know the label {unknown[0]!r}; its labels are {', '.join(known)[:200]}"
            if unknown
            else f"two labels of the teacher {model} differ in case alone"
        )
    return [folded[label.casefold()] for label in classes]


def takes_segments(model: nn.Module) -> bool:
    """Whether a model tells a pair's texts apart by segment ids; DistilBERT does not."""
    types = getattr(model.config, "type_vocab_size", 1)
    return "token_type_ids" in inspect.signature(model.forward).parameters and int(types) > 1


def _apart(
    loaded: PreTrainedModel, name: str, last: nn.Linear, tokenizer: PreTrainedTokenizerBase, order: Sequence[int]
) -> TaskTeacher:
    """Split a classifier into body and last layer, whose rows are put in an order."""
    layer = nn.Linear(last.in_features, last.out_features)
    with torch.no_grad():
        layer.weight.copy_(last.weight[order])
        layer.bias.copy_(last.bias[order] if last.bias is not None else torch.zeros(len(order)))
    loaded.set_submodule(name, nn.Identity())
    return TaskTeacher(ClassifierBody(loaded), layer, tokenizer).eval()


def _load(model: str) -> tuple[Any, PreTrainedTokenizerBase]:
    source = resolve_model(model)
    if Path(source).is_dir():
        check_folder(Path(source))
    try:
        loaded, info = AutoModelForSequenceClassification.from_pretrained(
            source, dtype=torch.float32, output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TeacherError(f"the teacher {model} can't be loaded: {reason}") from None
    if info["missing_keys"]:
        lacking = min(info["missing_keys"])
        raise TeacherError(f"the teacher {model}: the weights lack {lacking}; it is not a fine-tuned classifier")
    check_loaded(loaded.base_model, tokenizer, (), info["unexpected_keys"], model)
    return loaded, tokenizer


def _run(model: PreTrainedModel, tokens: Tokens, *, segmented: bool) -> Any:  # noqa: ANN401 (of each model its own)
    segments = {"token_type_ids": tokens.segments} if segmented else {}
    return model(input_ids=tokens.ids, attention_mask=tokens.mask, **segments)
