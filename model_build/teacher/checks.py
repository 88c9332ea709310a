"""Checks that a teacher is an encoder of the BERT family with a WordPiece vocabulary, which can be pruned.

Most of it shows in the folder, before anything is loaded; the rest is checked on the loaded model.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from model_build.common.errors import TeacherError
from model_build.common.special_tokens import SPECIAL_TOKENS

CONFIG, TOKENIZER, VOCABULARY = "config.json", "tokenizer.json", "vocab.txt"
NEEDED = "needed is an encoder of the BERT family (bert, distilbert, electra) with a WordPiece vocabulary"
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
_POINTER = b"version https://git-lfs"
_POOLER = "pooler."  # unused here, and missing in many sentence encoders
# What pretraining leaves in the file beside the encoder: heads that predict tokens, and buffers of older versions.
_PRETRAINING = ("cls.", "mlm.", "vocab_", "discriminator_predictions.", "generator_", "lm_head.")
_BUFFERS = ("position_ids", "token_type_ids")
_WORDPIECE = "WordPiece"
_TOKENIZERS = {"BPE": "BPE", "Unigram": "SentencePiece (Unigram)", "WordLevel": "word-level"}


def check_folder(folder: Path) -> None:
    """Check a folder's files.

    Raises:
        TeacherError: it holds a model of another family, or an incomplete one.
    """
    config = _read(folder / CONFIG)
    if config is None:
        names = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
        raise TeacherError(f"the teacher folder {folder} has no {CONFIG}; it holds {names}")
    found = _tokenizer_of(folder)
    if found is None:
        raise TeacherError(f"the teacher folder {folder} has no tokenizer ({TOKENIZER} or {VOCABULARY})")
    if found != _WORDPIECE:
        raise TeacherError(f"the teacher {folder} is a {_family(config)} model with a {found} tokenizer; {NEEDED}")
    weights = [folder / name for name in _WEIGHTS if (folder / name).is_file()]
    if not weights:
        raise TeacherError(f"the teacher folder {folder} has no weights (model.safetensors)")
    with weights[0].open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise TeacherError(f"{weights[0]} is a Git LFS pointer, not the weights; fetch them with: git lfs pull")


def check_loaded(
    encoder: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    missing: Collection[str],
    unexpected: Collection[str],
    name: str,
) -> None:
    """Check a loaded model.

    Args:
        encoder: the model.
        tokenizer: its tokenizer.
        missing: weights that were not in the file, and so are random.
        unexpected: weights of the file that the encoder does not have.
        name: of the teacher, for messages.

    Raises:
        TeacherError: it is of another family, or its parts do not belong together.
    """
    tokens = tokenizer.get_vocab()
    family = encoder.config.model_type
    if not any(token.startswith("##") for token in tokens):
        raise TeacherError(f"the teacher {name} is a {family} model without a WordPiece vocabulary; {NEEDED}")
    config = encoder.config
    if not hasattr(encoder, "embeddings") or config.is_encoder_decoder or getattr(config, "is_decoder", False):
        raise TeacherError(f"the teacher {name} is a {family} model, not an encoder like BERT; {NEEDED}")
    absent = [token for token in SPECIAL_TOKENS if token not in tokens]
    if absent:
        raise TeacherError(f"the teacher {name} is a {family} model whose vocabulary has no {absent[0]}; {NEEDED}")
    lacking = sorted(weight for weight in missing if not weight.startswith(_POOLER))
    if lacking:
        raise TeacherError(
            f"the teacher {name}: the weights lack {_listed(lacking)}; they do not belong to its {CONFIG}"
        )
    _check_no_task(unexpected, name)
    rows = encoder.get_input_embeddings().get_parameter("weight").shape[0]
    size = max(tokens.values()) + 1
    if size > rows:
        raise TeacherError(
            f"the teacher {name}: the tokenizer has {size:,} tokens, but the weights have {rows:,}; "
            "they are of different models"
        )


def _check_no_task(unexpected: Collection[str], name: str) -> None:
    """Refuse a classifier, a cross-encoder and the like: their vectors were never trained to be compared.

    Raises:
        TeacherError: the weights have a task's layer.
    """
    layers = sorted(
        one for one in unexpected if not one.startswith((_POOLER, *_PRETRAINING)) and not one.endswith(_BUFFERS)
    )
    if layers:
        raise TeacherError(
            f"the teacher {name}: the weights have {_listed(layers)}, which an encoder does not have; "
            "it was fine-tuned for a task, and needed is an encoder of sentences"
        )


def _listed(weights: Sequence[str]) -> str:
    return f"{weights[0]} and {len(weights) - 1} more" if len(weights) > 1 else weights[0]


def _family(config: dict[str, object]) -> str:
    return str(config.get("model_type") or "nameless")


def _tokenizer_of(folder: Path) -> str | None:
    """Name the kind of a folder's tokenizer; None where it has none."""
    whole = _read(folder / TOKENIZER)
    if whole is not None:
        model = whole.get("model")
        kind = str(model.get("type", _WORDPIECE)) if isinstance(model, dict) else _WORDPIECE
        return _TOKENIZERS.get(kind, kind)
    if (folder / VOCABULARY).is_file():
        return _WORDPIECE
    if (folder / "merges.txt").is_file():
        return _TOKENIZERS["BPE"]
    return "SentencePiece" if any(folder.glob("*.model")) else None


def _read(path: Path) -> dict[str, object] | None:
    """Read a JSON object; None where there is no file.

    Raises:
        TeacherError: the file holds something else.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise TeacherError(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise TeacherError(f"{path} is not a JSON object")
    return value
